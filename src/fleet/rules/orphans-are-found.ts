import { agentRule } from "../../environment/rule";

/**
 * The tasks of a replica that is gone are found by another one of the same agent. A client that polls starts one by
 * asking; a client that waits for a notification asks nobody.
 */
export const orphansAreFound = agentRule("orphans-are-found", (workload) => {
  const { pushNotifications, minReplicas, taskStore } = workload;
  if (!pushNotifications || minReplicas > 0 || taskStore !== "shared") return undefined;
  return (
    "it notifies its clients (pushNotifications) and may have no replica (minReplicas 0): when the only one is lost, nobody " +
    "finds its tasks, and their clients wait for ever; set minReplicas to 1 or more"
  );
});
