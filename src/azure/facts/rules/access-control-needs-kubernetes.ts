import { agentRule } from "../../../environment/rule";
import { listOf } from "../../../problem";

/** Dapr on Container Apps has an id, a port and a protocol for each app, and no Configuration. */
export const accessControlNeedsKubernetes = agentRule(
  "access-control-needs-kubernetes",
  ({ platform, callers }, { mesh }) => {
    if (platform !== "container-apps" || mesh?.accessControl !== true) return undefined;
    const says = callers.length === 0 ? "and none says so" : `not only ${listOf(callers)}`;
    return (
      "mesh.accessControl is true, and Container Apps has no Dapr Configuration: every app of its environment could " +
      `still call it, ${says}; run it on kubernetes, or leave accessControl out and rely on tokens (identityProvider)`
    );
  },
);
