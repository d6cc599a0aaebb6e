import { platformTraits } from "../../choices/platforms";
import { agentRule } from "../../environment/rule";

/** At zero only what the scaler looks at starts a replica, and CPU of no replica is nothing to look at. */
export const requestsWakeReplicas = agentRule(
  "requests-wake-replicas",
  ({ platform, minReplicas, scaling }) => {
    if (platformTraits(platform).wakesForRequests || minReplicas > 0) return undefined;
    if (scaling.kind === "http" || scaling.kind === "active-tasks") return undefined;
    const looksAt =
      scaling.kind === "resources"
        ? "CPU and memory, of which no replica uses any"
        : `'${scaling.scaler}', not at requests`;
    return (
      `it may scale to zero, and its scaling looks at ${looksAt}: a caller's request would wake nobody; ` +
      "set minReplicas to 1 or more, or scale on http"
    );
  },
);
