import { agentRule, excusable } from "../../environment/rule";

/** A cold start takes 3 to 8 seconds: nothing to another agent, an outage to a person. */
export const nobodyWaitsForColdStart = excusable(
  agentRule("nobody-waits-for-cold-start", (workload) => {
    if (!workload.customerFacing || workload.minReplicas > 0) return undefined;
    return "it is customer-facing and may scale to zero, so that people wait for its cold start; set minReplicas to 1 or more";
  }),
);
