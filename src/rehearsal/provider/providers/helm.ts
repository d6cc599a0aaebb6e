import { CloudError } from "../cloud-error";
import type { SimulatedProvider } from "../simulated-provider";
import { at, isObject, type ObjectValue, textAt } from "../value";
import { clusterOf } from "./kubernetes";

/** Releases in the same clusters that the kubernetes provider knows. */
export const helm: SimulatedProvider = {
  name: "helm",
  inCloud: true,
  isLegacy: false,
  idsAreGlobal: false,
  ignoresCase: false,
  kindOf: (type) => type,
  configure(config) {
    const connection = at(config, "kubernetes");
    return { scope: clusterOf(isObject(connection) ? connection : {}), config };
  },
  id: ({ attributes }) => releaseName(attributes),
  // The id of a release is its name alone, and another namespace may have one of the same name.
  identity: (_type, state) => (textAt(state, "name") === undefined ? undefined : releaseName(state)),
  alreadyExists: () => new CloudError("installation failed", "cannot re-use a name that is still in use"),
  notFound: (_type, config) => new CloudError(`release: not found: ${textAt(config, "name") ?? ""}`),
};

function releaseName(attributes: ObjectValue): string {
  return `${textAt(attributes, "namespace") ?? "default"}/${textAt(attributes, "name") ?? ""}`;
}
