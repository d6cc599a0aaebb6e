import { parse } from "yaml";

/** A Kubernetes object as the chart prints it. */
export interface PrintedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: what a kind's spec holds is its CRD's business, and tests look into it.
  readonly spec: any;
}

/** A release of the generic chart, with what it prints. */
export interface ResourceRelease {
  /** Terraform address: `helm_release.<id>`. */
  readonly address: string;
  readonly name: string;
  readonly namespace: string;
  readonly dependsOn: readonly string[];
  readonly resources: readonly PrintedResource[];
}

/** A finished `cdk.tf.json`, as far as it is read here. */
interface FinishedJson {
  readonly resource?: Readonly<Record<string, object>>;
}

interface FinishedRelease {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly values?: readonly string[];
  readonly depends_on?: readonly string[];
}

/** Every release of the generic chart in a finished `cdk.tf.json`, with the literals that Terraform hands to Helm. */
export function readResourceReleases(stack: FinishedJson): ResourceRelease[] {
  return Object.entries((stack.resource?.helm_release ?? {}) as Record<string, FinishedRelease>)
    .filter(([, { chart }]) => chart.includes("resources-chart"))
    .map(([id, { name, namespace, values = [], depends_on = [] }]) => ({
      address: `helm_release.${id}`,
      name,
      namespace,
      dependsOn: depends_on,
      resources: values
        .flatMap((text) => (parse(text) as { resources: PrintedResource[] }).resources)
        .map((resource) => unescapeTemplates(resource) as PrintedResource),
    }));
}

/** All custom resources of a finished stack, each with the namespace that it ends up in. */
export function readCustomResources(stack: FinishedJson): PrintedResource[] {
  return readResourceReleases(stack).flatMap(({ namespace, resources }) =>
    resources.map((resource) =>
      CLUSTER_WIDE.has(resource.kind)
        ? resource
        : { ...resource, metadata: { namespace, ...resource.metadata } },
    ),
  );
}

const CLUSTER_WIDE = new Set(["ClusterIssuer", "GatewayClass"]);

/** What Terraform makes of doubled template signs. */
function unescapeTemplates(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$${", "${").replaceAll("%%{", "%{");
  if (Array.isArray(value)) return value.map(unescapeTemplates);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [unescapeTemplates(key), unescapeTemplates(item)]),
    );
  }
  return value;
}
