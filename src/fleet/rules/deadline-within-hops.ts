import type { Hop } from "../../agent/agent-route";
import { agentRule } from "../../environment/rule";

/** The smallest limit on the way wins: a task that outlives it needs heartbeats below it, and a way back to its stream. */
export const deadlineWithinHops = agentRule("deadline-within-hops", (workload) => {
  const { route, taskDeadlineSeconds, heartbeatSeconds, resubscribe, pushNotifications } = workload;
  const limit = smallest([...route.hops, ...route.peerHops]);
  if (limit === undefined || taskDeadlineSeconds <= limit.limitSeconds) return undefined;
  const missing = [
    ...(heartbeatSeconds === null || heartbeatSeconds >= limit.limitSeconds
      ? [`heartbeatSeconds below ${limit.limitSeconds}`]
      : []),
    ...(resubscribe || pushNotifications ? [] : ["resubscribe or pushNotifications"]),
  ];
  if (missing.length === 0) return undefined;
  return (
    `its task deadline of ${taskDeadlineSeconds} s is beyond the ${limit.limitSeconds} s after which ${limit.name} ` +
    `cuts a stream (${limit.source}); lower taskDeadlineSeconds to ${limit.limitSeconds}, or set ${missing.join(" and ")}`
  );
});

function smallest(hops: readonly Hop[]): (Hop & { readonly limitSeconds: number }) | undefined {
  return hops
    .filter((hop): hop is Hop & { readonly limitSeconds: number } => hop.limitSeconds !== null)
    .toSorted((a, b) => a.limitSeconds - b.limitSeconds)[0];
}
