import type { AgentWorkload } from "../../agent/agent-workload";

/** What selects the pods of one agent. Never changes: a Deployment's selector cannot. */
export function agentSelector({ name }: Pick<AgentWorkload, "name">): Record<string, string> {
  return { app: name };
}

/** Labels of everything that belongs to an agent. `protocol: a2a` is what peers are found by. */
export function agentLabels(workload: AgentWorkload): Record<string, string> {
  return {
    ...workload.tags,
    ...agentSelector(workload),
    protocol: "a2a",
    "app.kubernetes.io/name": workload.definition,
    "app.kubernetes.io/part-of": `a2a-fleet-${workload.environment}`,
    ...(workload.customer === null ? {} : { customer: workload.customer }),
  };
}
