import type { Rule } from "../../../environment/rule";
import { DAPR_VERSION, isVersionAtLeast, SAFE_DAPR_VERSION } from "../dapr-sidecar";

/** Before 1.17.5, path traversal in the called method goes around access control. Container Apps patches its own Dapr. */
export const daprIsSafe: Rule = {
  id: "dapr-is-safe",
  find: (workloads, { name, mesh }) => {
    const version = mesh?.controlPlane?.version ?? DAPR_VERSION;
    const meshed = mesh !== undefined && workloads.some(({ platform }) => platform === "kubernetes");
    if (!meshed || isVersionAtLeast(version, SAFE_DAPR_VERSION)) return [];
    return [
      `environment '${name}': mesh.controlPlane.version is ${version}, in which path traversal goes around access ` +
        `control; use ${SAFE_DAPR_VERSION} or newer`,
    ];
  },
};
