import { join } from "node:path";
import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, type ITerraformDependable, TerraformAsset, TerraformStack, Tokenization } from "cdktf";
import { Construct } from "constructs";
import { stringify } from "yaml";
import type { CustomResource, DaprConfiguration } from "./custom-resources";

export interface KubernetesResourcesProps {
  /** Name of the Helm release: a DNS label, unique in the namespace, at most 53 characters (Helm's limit). */
  readonly name: string;
  /** Namespace of the release, and of every resource that names no other. It has to exist. */
  readonly namespace: string;
  /**
   * The resources, in the order in which they are printed. References in them (`identity.clientId`) are single-line
   * strings; everything else is taken literally, `${` and `{{` included.
   */
  readonly resources: readonly CustomResource[];
  /** What has to be there first: the CRDs and the controller that acts on them. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Custom resources of a cluster, as the values of one generic chart. `kubernetes_manifest` would need the API server
 * and the CRDs at plan time; a Helm release needs neither, and its values show every change in the plan.
 *
 * Helm waits for no custom resource's status and sees no drift. Something that depends on a release depends on this
 * construct itself.
 *
 * @throws Error when the name is no release name, two resources are the same one, or a Dapr policy lacks what daprd
 * needs to start.
 * @example
 * new KubernetesResources(this, "configuration", { name: "inventory-dapr", namespace: "agents", resources: [configuration] });
 */
export class KubernetesResources extends Construct implements ITerraformDependable {
  readonly release: Release;

  constructor(
    scope: Construct,
    id: string,
    { name, namespace, resources, dependsOn }: KubernetesResourcesProps,
  ) {
    super(scope, id);
    if (name.length > 53 || !/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(name)) {
      throw new Error(
        `the Helm release '${name}' (${name.length} characters) needs a name of at most 53 lower case letters, digits ` +
          "and hyphens that starts and ends with a letter or digit",
      );
    }
    refuseTwice(name, namespace, resources);
    for (const resource of resources) if (resource.kind === "Configuration") refuseUnboundPolicies(resource);
    this.release = new Release(this, "resource", {
      name,
      namespace,
      chart: resourcesChart(this),
      values: [resourceValues(resources)],
      // A first installation that fails leaves nothing behind that the next one would trip over.
      atomic: true,
      maxHistory: 5,
      dependsOn: [...(dependsOn ?? [])],
    });
    this.node.defaultChild = this.release;
  }

  get fqn(): string {
    return this.release.fqn;
  }
}

/** The chart, copied once into a stack: its path is relative to the stack's own folder, so it is the same everywhere. */
function resourcesChart(scope: Construct): string {
  const stack = TerraformStack.of(scope);
  const existing = stack.node.tryFindChild("resources-chart") as TerraformAsset | undefined;
  const chart =
    existing ??
    new TerraformAsset(stack, "resources-chart", {
      path: join(__dirname, "charts", "resources"),
      type: AssetType.DIRECTORY,
    });
  return chart.path;
}

/**
 * Strings are always quoted: what a reference turns into at deployment (`true`, digits) stays a string, and YAML has
 * no say in it. Lines are never folded, because a fold would be a change in every plan.
 */
function resourceValues(resources: readonly CustomResource[]): string {
  return stringify(
    { resources: resources.map(escapeTemplates) },
    {
      // Helm reads YAML 1.1, where a key `on` or `n` is a boolean unless it is quoted.
      version: "1.1",
      defaultStringType: "QUOTE_DOUBLE",
      defaultKeyType: "PLAIN",
      lineWidth: 0,
      aliasDuplicateObjects: false,
    },
  );
}

function escapeTemplates(value: unknown): unknown {
  if (typeof value === "string") return escapeTemplate(value);
  if (Array.isArray(value)) return value.map(escapeTemplates);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [escapeTemplate(key), escapeTemplates(item)]),
    );
  }
  return value;
}

/** Doubles the sign of a literal `${` or `%{`, which Terraform would evaluate, and leaves references alone. */
function escapeTemplate(text: string): string {
  const references = Tokenization.reverseString(text).tokens.map(String);
  const [first] = references;
  if (first === undefined) return text.replace(/[$%]\{/g, (sign) => sign.charAt(0) + sign);
  const start = text.indexOf(first);
  return escapeTemplate(text.slice(0, start)) + first + escapeTemplate(text.slice(start + first.length));
}

function refuseTwice(release: string, namespace: string, resources: readonly CustomResource[]): void {
  const seen = new Set<string>();
  for (const { kind, metadata } of resources) {
    const resource = `${kind} '${metadata.name}' in namespace '${metadata.namespace ?? namespace}'`;
    if (seen.has(resource)) {
      throw new Error(`the Helm release '${release}' has ${resource} twice; leave one of them out`);
    }
    seen.add(resource);
  }
}

/** The CRD takes a policy without them, and then daprd does not start: the agent's pods would never get ready. */
function refuseUnboundPolicies({ metadata, spec }: DaprConfiguration): void {
  for (const { appId, namespace, trustDomain } of spec.accessControl.policies) {
    const missing = Object.entries({ appId, namespace, trustDomain }).find(([, value]) => !value)?.[0];
    if (missing === undefined) continue;
    throw new Error(
      `the Dapr Configuration '${metadata.name}' has a policy for '${appId}' without ${missing}, and daprd does not start ` +
        `with it; set '${missing}'`,
    );
  }
}
