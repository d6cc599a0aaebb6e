import { agentRule } from "../rule";

/** Dapr on Container Apps has an id, a port and a protocol for each app, and no Configuration. */
export const accessControlNeedsKubernetes = agentRule(
  "access-control-needs-kubernetes",
  ({ platform, callers }, { mesh }) => {
    if (platform !== "container-apps" || mesh?.accessControl !== true) return undefined;
    return (
      "mesh.accessControl is true, and Container Apps has no Dapr Configuration: every app of its environment could " +
      `still call it, not only ${callers.length === 0 ? "nobody" : callers.join(", ")}; run it on kubernetes, or leave ` +
      "accessControl out and rely on tokens (identityProvider)"
    );
  },
);
