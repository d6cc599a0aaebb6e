import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";

/** A built-in Kubernetes object, in its API's own words. */
export interface Manifest {
  /** Terraform address of the resource that it comes from. */
  readonly address: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON, read by tests that know what they look for
  readonly [field: string]: any;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

const { definitions } = JSON.parse(
  readFileSync(join(__dirname, "kubernetes-api", "schemas.generated.json"), "utf8"),
) as { definitions: Readonly<Record<string, Schema>> };

/** Kinds behind the provider's resource types. */
const kinds: Readonly<Record<string, readonly [apiVersion: string, kind: string, definition: string]>> = {
  kubernetes_config_map_v1: ["v1", "ConfigMap", "io.k8s.api.core.v1.ConfigMap"],
  kubernetes_cron_job_v1: ["batch/v1", "CronJob", "io.k8s.api.batch.v1.CronJob"],
  kubernetes_deployment_v1: ["apps/v1", "Deployment", "io.k8s.api.apps.v1.Deployment"],
  kubernetes_horizontal_pod_autoscaler_v2: [
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  ],
  kubernetes_ingress_v1: ["networking.k8s.io/v1", "Ingress", "io.k8s.api.networking.v1.Ingress"],
  kubernetes_job_v1: ["batch/v1", "Job", "io.k8s.api.batch.v1.Job"],
  kubernetes_namespace_v1: ["v1", "Namespace", "io.k8s.api.core.v1.Namespace"],
  kubernetes_network_policy_v1: [
    "networking.k8s.io/v1",
    "NetworkPolicy",
    "io.k8s.api.networking.v1.NetworkPolicy",
  ],
  kubernetes_persistent_volume_claim_v1: [
    "v1",
    "PersistentVolumeClaim",
    "io.k8s.api.core.v1.PersistentVolumeClaim",
  ],
  kubernetes_pod_disruption_budget_v1: [
    "policy/v1",
    "PodDisruptionBudget",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
  ],
  kubernetes_role_binding_v1: [
    "rbac.authorization.k8s.io/v1",
    "RoleBinding",
    "io.k8s.api.rbac.v1.RoleBinding",
  ],
  kubernetes_role_v1: ["rbac.authorization.k8s.io/v1", "Role", "io.k8s.api.rbac.v1.Role"],
  kubernetes_secret_v1: ["v1", "Secret", "io.k8s.api.core.v1.Secret"],
  kubernetes_service_account_v1: ["v1", "ServiceAccount", "io.k8s.api.core.v1.ServiceAccount"],
  kubernetes_service_v1: ["v1", "Service", "io.k8s.api.core.v1.Service"],
  kubernetes_stateful_set_v1: ["apps/v1", "StatefulSet", "io.k8s.api.apps.v1.StatefulSet"],
};

/** Arguments that are Terraform's and the provider's, and no part of the object. */
const NOT_THE_OBJECT = new Set([
  "//",
  "data_wo",
  "data_wo_revision",
  "depends_on",
  "lifecycle",
  "provider",
  "timeouts",
  "wait_for_completion",
  "wait_for_default_service_account",
  "wait_for_load_balancer",
  "wait_for_rollout",
  "wait_until_bound",
]);

type FinishedJson = { readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

/**
 * The built-in objects of a finished stack, as the API server gets them: the provider's names turned into the API's by
 * the API's own schemas, so that what has no place there stays and is found by `findManifestSchemaProblems`.
 *
 * @throws Error for a resource type of the provider that is not known here
 */
export function readManifests(stack: object): Manifest[] {
  const { resource = {} } = stack as FinishedJson;
  return Object.entries(resource)
    .filter(([type]) => type.startsWith("kubernetes_"))
    .flatMap(([type, instances]) => {
      const kind = kinds[type];
      if (kind === undefined)
        throw new Error(`no kind is known for ${type}; add it to test/support/kubernetes-manifests.ts`);
      const [apiVersion, name, definition] = kind;
      return Object.entries(instances).map(([id, value]) => {
        const own = Object.entries(resolveReferences(value, resource) as object);
        const fields = Object.fromEntries(own.filter(([key]) => !NOT_THE_OBJECT.has(key)));
        const object = inApiWords(fields, { $ref: `#/definitions/${definition}` }) as object;
        return { address: `${type}.${id}`, apiVersion, kind: name, ...object } as Manifest;
      });
    });
}

/** A finished stack with references to names of its own objects followed. */
export function withNames<T extends object>(stack: T): T {
  return resolveReferences(stack, (stack as FinishedJson).resource ?? {}) as T;
}

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat("int32", true);
ajv.addFormat("int64", true);
ajv.addFormat("double", true);
ajv.addFormat("byte", true);
ajv.addFormat("date-time", true);
ajv.addFormat("int-or-string", true);
ajv.addSchema({ $id: "kubernetes", definitions: mapValues(definitions, closed) });
const validators = new Map<string, ValidateFunction>();

/** What the API server would refuse or drop about an object: types, required fields, allowed values, unknown fields. */
export function findManifestSchemaProblems({ address, ...object }: Manifest): string[] {
  const [, , definition] =
    Object.values(kinds).find(([version, kind]) => version === object.apiVersion && kind === object.kind) ??
    [];
  if (definition === undefined) return [`${address}: no schema of ${object.kind}`];
  const validate =
    validators.get(definition) ?? ajv.compile({ $ref: `kubernetes#/definitions/${definition}` });
  validators.set(definition, validate);
  if (validate(object)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${address}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Refuses fields that a kind does not have, and lets `int-or-string` be both. */
function closed(schema: Schema): Schema {
  if (schema.format === "int-or-string") return {};
  return {
    ...schema,
    ...(schema.items === undefined ? {} : { items: closed(schema.items) }),
    ...(typeof schema.additionalProperties === "object"
      ? { additionalProperties: closed(schema.additionalProperties) }
      : {}),
    ...(schema.properties === undefined
      ? {}
      : { properties: mapValues(schema.properties, closed), additionalProperties: false as never }),
  };
}

function definitionOf(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return definitions[schema.$ref.slice("#/definitions/".length)] ?? {};
}

function inApiWords(value: unknown, unresolved: Schema): unknown {
  const schema = definitionOf(unresolved);
  if (schema.type === "array") {
    return (Array.isArray(value) ? value : [value]).map((item) => inApiWords(item, schema.items ?? {}));
  }
  // A block that may be there once is a list of one.
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (schema.properties !== undefined && typeof single === "object" && single !== null) {
    return inApiFields(single, schema.properties);
  }
  if ((schema.type === "integer" || schema.type === "number") && /^-?\d+$/.test(String(single)))
    return Number(single);
  if (schema.format === "int-or-string" && /^\d+$/.test(String(single))) return Number(single);
  return single;
}

function inApiFields(block: object, properties: Readonly<Record<string, Schema>>): object {
  const fields = Object.entries(block)
    .filter(([, child]) => child !== undefined && !(Array.isArray(child) && child.length === 0))
    .map(([key, child]) => {
      const camel = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
      const names = [
        camel,
        `${camel}s`,
        `${camel}es`,
        camel.replace(/y$/, "ies"),
        camel.replace(/Ip/, "IP"),
        camel.replace("zone", "Zone"),
      ];
      const name = names.find((candidate) => candidate in properties) ?? camel;
      return [name, inApiWords(child, properties[name] ?? {})];
    });
  return Object.fromEntries(fields);
}

/** References to names of other objects of the stack, followed: Terraform knows them at plan time as well. */
function resolveReferences(value: unknown, resource: NonNullable<FinishedJson["resource"]>): unknown {
  if (typeof value === "string") {
    return value.replace(
      /\$\{(kubernetes_\w+)\.([\w-]+)\.metadata\[0\]\.(\w+)\}/g,
      (text, type, id, field) => {
        const target = resource[type]?.[id] as { metadata?: Record<string, string> } | undefined;
        const found = target?.metadata?.[field];
        return found === undefined ? text : String(resolveReferences(found, resource));
      },
    );
  }
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, resource));
  if (typeof value !== "object" || value === null) return value;
  return mapValues(value as Record<string, unknown>, (child) => resolveReferences(child, resource));
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
