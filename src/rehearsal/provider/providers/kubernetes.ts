import { CloudError } from "../cloud-error";
import type { SimulatedProvider, Subject } from "../simulated-provider";
import { at, isObject, isUnknown, type ObjectValue, textAt } from "../value";

const DEFAULT_CLUSTER = "default cluster";

/** The cluster that a provider configuration talks to. */
export function clusterOf(config: ObjectValue): string {
  for (const name of ["host", "config_context", "config_path"]) {
    const value = config[name] ?? null;
    if (isUnknown(value)) return "unknown";
    if (typeof value === "string" && value !== "") return value;
  }
  return DEFAULT_CLUSTER;
}

/** Clusters, told apart by their address. `kubernetes_service` and `kubernetes_service_v1` are the same thing. */
export const kubernetes: SimulatedProvider = {
  name: "kubernetes",
  inCloud: true,
  isLegacy: true,
  idsAreGlobal: false,
  ignoresCase: false,
  kindOf: (type) => type.replace(/_v\d+(beta\d+|alpha\d+)?$/, ""),
  configure: (config) => ({ scope: clusterOf(config), config }),
  id: ({ attributes }) => objectName(attributes),
  // A manifest has no id.
  identity: (_type, state) => (state.id === undefined ? objectName(state) : undefined),
  invent(path, { name }, cloud) {
    if (path === "metadata.generation") return 1;
    if (path === "metadata.resource_version") return String(1000 + cloud.ledger.now);
    if (path === "metadata.name") {
      return `${name}${cloud.hash(name, String(cloud.ledger.now)).slice(0, 5)}`;
    }
    return undefined;
  },
  alreadyExists: ({ type, name }) => new CloudError(`${resourceName(type)} "${name}" already exists`),
  notFound: (type, config) =>
    new CloudError(
      `${resourceName(type)} "${textAt(config, "metadata.0.name") ?? textAt(config, "id") ?? ""}" not found`,
    ),
};

/** `namespace/name`, or the name alone of what has no namespace. */
function objectName(attributes: ObjectValue): string {
  const manifest = at(attributes, "manifest");
  const metadata = manifest === undefined ? at(attributes, "metadata.0") : at(manifest, "metadata");
  const name = textAt(metadata, "name") ?? "";
  const kind = manifest === undefined ? "" : `${textAt(manifest, "apiVersion")}/${textAt(manifest, "kind")}/`;
  const namespaced = isObject(metadata) && "namespace" in metadata;
  return namespaced ? `${kind}${textAt(metadata, "namespace") ?? "default"}/${name}` : `${kind}${name}`;
}

/** The resource as the API server calls it: `deployments`. */
export function resourceName(type: Subject["type"]): string {
  const words = kubernetes
    .kindOf(type)
    .replace(/^kubernetes_/, "")
    .replaceAll("_", "");
  if (words.endsWith("s")) return `${words}es`;
  return words.endsWith("y") ? `${words.slice(0, -1)}ies` : `${words}s`;
}
