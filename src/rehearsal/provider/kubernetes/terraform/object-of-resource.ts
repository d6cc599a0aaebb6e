import { isList, isObject, isUnknown, type ObjectValue, type Value } from "../../value";
import type { Json } from "../field";
import type { ApiObject } from "../judge";
import { type ApiSchema, builtIn, resolve } from "../schema/built-in-kinds";

/** A kind behind a type of the Terraform provider. */
export interface TypedKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly definition: string;
}

/** Types without a version in their name that speak one of the API's versions that is gone. */
const GONE: Readonly<Record<string, string>> = {
  kubernetes_cron_job: "batch/v1beta1",
  kubernetes_horizontal_pod_autoscaler_v2beta2: "autoscaling/v2beta2",
  kubernetes_ingress: "networking.k8s.io/v1beta1",
  kubernetes_pod_disruption_budget: "policy/v1beta1",
  kubernetes_pod_security_policy: "policy/v1beta1",
  kubernetes_pod_security_policy_v1beta1: "policy/v1beta1",
};

/** Names that the provider has turned around. */
const RENAMED: Readonly<Record<string, string>> = {
  "DaemonSetSpec strategy": "updateStrategy",
  "HorizontalPodAutoscalerSpec target_cpu_utilization_percentage": "targetCPUUtilizationPercentage",
  "StorageClass storage_provisioner": "provisioner",
};

/** Arguments that the provider sends beside some others alone, and leaves out without a word elsewhere. */
const SENT_WITH: Readonly<Record<string, (block: ObjectValue) => boolean>> = {
  "ServiceSpec allocate_load_balancer_node_ports": ({ type }) => type === "LoadBalancer",
  "ServiceSpec load_balancer_class": ({ type }) => type === "LoadBalancer",
  "JobSpec backoff_limit_per_index": ({ completion_mode }) => completion_mode === "Indexed",
  "JobSpec max_failed_indexes": ({ completion_mode }) => completion_mode === "Indexed",
  "SeccompProfile localhost_profile": ({ type }) => type === "Localhost",
  "MetricTarget average_utilization": ({ type }) => type === "Utilization",
  "MetricTarget average_value": ({ type }) => type === "AverageValue",
  "MetricTarget value": ({ type }) => type === "Value",
  "NetworkPolicyPort end_port": ({ end_port }) => end_port !== 0,
};

/** Texts that the provider sends as they are, an empty one too. */
const SENT_EVEN_EMPTY = ["EndpointPort app_protocol"];

/** What the provider sends of a block for what isn't said in it: elsewhere it sends nothing. */
const SENT_EMPTY: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  WindowsSecurityContextOptions: {
    gmsaCredentialSpec: "",
    gmsaCredentialSpecName: "",
    hostProcess: false,
    runAsUserName: "",
  },
};

/** Arguments that are written as file modes are, in octal digits; the API takes the number. */
const FILE_MODES = ["default_mode", "mode"];

let byName: ReadonlyMap<string, TypedKind> | undefined;

/** The kind that a type of the provider makes; undefined for types that make none of their own. */
export function kindOfType(type: string): TypedKind | undefined {
  byName ??= new Map(
    Object.entries(builtIn().kinds).map(([name, { definition }]) => {
      const [kind = "", version = "", group] = name.split("/").reverse();
      const apiVersion = group === undefined ? version : `${group}/${version}`;
      return [`${kind.toLowerCase()} ${version}`, { apiVersion, kind, definition }] as const;
    }),
  );
  const [, name = "", version = "v1"] = /^kubernetes_(.+?)(?:_(v\d+))?$/.exec(type) ?? [];
  return byName.get(`${name.replaceAll("_", "")} ${version}`);
}

/** The version of the API that a type asks for and that Kubernetes has dropped. */
export function goneVersionOf(type: string): string | undefined {
  return GONE[type];
}

/**
 * The object that the Terraform provider sends for a resource. What isn't known yet, and what the cluster decides, is
 * left out; undefined for types that make no object of their own.
 */
export function objectOfResource(
  type: string,
  attributes: ObjectValue,
  writeOnly: ObjectValue = {},
): ApiObject | undefined {
  const typed = kindOfType(type);
  if (typed === undefined) return undefined;
  const { apiVersion, kind, definition } = typed;
  const object = objectOfBlock(attributes, { $ref: definition }) as Record<string, Json>;
  if (kind === "Secret") Object.assign(object, secretData(attributes, writeOnly));
  return { ...object, apiVersion, kind } as ApiObject;
}

/** Texts are encoded by the provider. */
function secretData(attributes: ObjectValue, writeOnly: ObjectValue): { data: Json } {
  const texts = { ...textsOf(attributes.data), ...textsOf(writeOnly.data_wo) };
  const binary = { ...textsOf(attributes.binary_data), ...textsOf(writeOnly.binary_data_wo) };
  const encoded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  return { data: { ...Object.fromEntries(encoded), ...binary } };
}

function textsOf(value: Value | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function objectOfBlock(block: ObjectValue, reference: ApiSchema): Json {
  const { schema, name = "" } = resolve(reference);
  const struct = name.split(".").at(-1);
  const properties = schema.properties ?? {};
  const apiNames = new Map(Object.keys(properties).map((property) => [property.toLowerCase(), property]));
  const object: Record<string, Json> = { ...SENT_EMPTY[struct ?? ""] };
  for (const [argument, value] of Object.entries(block)) {
    const isSentEmpty = value === "" && SENT_EVEN_EMPTY.includes(`${struct} ${argument}`);
    if (isMissing(value) && !isSentEmpty) continue;
    if (SENT_WITH[`${struct} ${argument}`]?.(block) === false) continue;
    // The source of a volume stands beside its other fields.
    if (argument === "persistent_volume_source") {
      const [source] = isList(value) ? value : [value];
      if (isObject(source)) Object.assign(object, objectOfBlock(source, reference));
      continue;
    }
    const plain = argument.replaceAll("_", "");
    const candidates = [plain, `${plain}s`, `${plain}es`, plain.replace(/y$/, "ies")];
    const apiName =
      RENAMED[`${struct} ${argument}`] ??
      candidates.map((candidate) => apiNames.get(candidate)).find(Boolean);
    const property = apiName === undefined ? undefined : properties[apiName];
    if (apiName === undefined || property === undefined) continue;
    const isMode = FILE_MODES.includes(argument) && typeof value === "string" && /^[0-7]+$/.test(value);
    const converted = isMode ? Number.parseInt(value, 8) : convert(value, property);
    if (converted !== undefined) object[apiName] = converted;
  }
  return object;
}

/** Nothing, not known yet, or the empty text that the provider takes for nothing. */
function isMissing(value: Value): boolean {
  return value === null || value === "" || isUnknown(value) || (isList(value) && value.length === 0);
}

function convert(value: Value, reference: ApiSchema): Json | undefined {
  const { schema, name } = resolve(reference);
  if (schema.type === "array") {
    const items = isList(value) ? value : [value];
    const isExpression = schema.items?.$ref?.endsWith(".LabelSelectorRequirement") === true;
    // Of expressions, those without anything in them are left out.
    return items
      .filter((item) => !isExpression || (isObject(item) && !Object.values(item).every(isMissing)))
      .map((item) => convert(item, schema.items ?? {}) ?? "");
  }
  if (schema.properties !== undefined) {
    const [block] = isList(value) ? value : [value];
    // An empty block is there all the same.
    return objectOfBlock(isObject(block) ? block : {}, reference);
  }
  if (schema.type === "object") return isObject(value) ? mapOf(value) : undefined;
  if (typeof value === "object") return undefined;
  if (name?.endsWith(".Quantity")) return value;
  const isDigits = typeof value === "string" && /^-?\d+$/.test(value);
  const wantsNumber =
    schema.type === "integer" || schema.type === "number" || schema.format === "int-or-string";
  if (isDigits && wantsNumber) return Number(value);
  if (schema.type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}

function mapOf(value: ObjectValue): Json {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => !isUnknown(child) && typeof child !== "object")
      .map(([key, child]) => [key, child as Json]),
  );
}
