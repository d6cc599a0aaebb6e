import type { Field } from "../field";
import { qualifiedName } from "../formats/names";
import { quantityOf } from "../formats/quantity";

/** What a pod may be told about itself. */

const FIELDS = {
  variable: [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
  ],
  volume: ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"],
};

/** Fields that the API has names for, whether or not they may be used in that place. */
const KNOWN = new Set([
  ...FIELDS.variable,
  ...FIELDS.volume,
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
  "status.nominatedNodeName",
  "spec.host",
  "spec.hostNetwork",
]);

export function judgeFieldReference(reference: Field, place: keyof typeof FIELDS): void {
  const path = reference.at("fieldPath");
  if (path.isEmpty) {
    path.required();
    return;
  }
  const [, base, key] = /^([^[]+)\['(.*)'\]$/.exec(path.text) ?? [];
  if (base !== undefined && key !== undefined) {
    if (base === "metadata.annotations")
      reference.invalidAll(qualifiedName(key.toLowerCase()), key.toLowerCase());
    else if (base === "metadata.labels") reference.invalidAll(qualifiedName(key), key);
    else path.invalid(`error converting fieldPath: field label does not support subscript`);
    return;
  }
  const version = reference.at("apiVersion");
  if (version.text !== "" && version.text !== "v1") {
    path.invalid(`error converting fieldPath: unsupported pod version: ${version.text}`);
  } else if (!KNOWN.has(path.text)) {
    path.invalid(`error converting fieldPath: field label not supported: ${path.text}`);
  } else if (!FIELDS[place].includes(path.text)) path.unsupported(FIELDS[place]);
}

const RESOURCES = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const SIZES = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

export function judgeResourceReference(reference: Field, needsContainer: boolean): void {
  const resource = reference.at("resource");
  if (needsContainer && reference.at("containerName").isEmpty) reference.at("containerName").required();
  else if (resource.isEmpty) resource.required();
  else if (!RESOURCES.includes(resource.text) && !/^(limits|requests)\.hugepages-/.test(resource.text)) {
    resource.unsupported(RESOURCES);
  }
  const divisor = reference.at("divisor");
  const amount = quantityOf(divisor.value);
  if (amount === undefined || amount === 0n) return;
  const isCpu = resource.text.endsWith(".cpu");
  const allowed = isCpu ? ["1m", "1"] : SIZES;
  if (allowed.some((text) => quantityOf(text) === amount)) return;
  const what = isCpu ? "cpu" : resource.text.endsWith(".memory") ? "memory" : "local ephemeral storage";
  divisor.invalid(
    `only divisor's values ${isCpu ? "1m and 1" : SIZES.join(", ")} are supported with the ${what} resource`,
    resource.text,
  );
}
