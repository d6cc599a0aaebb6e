import type { AgentWorkload } from "../../agent/agent-workload";

/** What selects the pods of one agent. Never changes: a Deployment's selector cannot. */
export function agentSelector({ name }: Pick<AgentWorkload, "name">): Record<string, string> {
  return { app: name };
}

/** Labels of everything that belongs to an agent. `protocol: a2a` is what peers are found by. */
export function agentLabels(workload: AgentWorkload): Record<string, string> {
  return {
    ...labelsOf(workload.tags),
    ...agentSelector(workload),
    protocol: "a2a",
    "app.kubernetes.io/name": workload.definition,
    "app.kubernetes.io/part-of": `a2a-fleet-${workload.environment}`,
    ...(workload.customer === null ? {} : { customer: workload.customer }),
  };
}

/**
 * Tags within what labels allow: what stands for another character is a hyphen, as for labels on Google.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
function labelsOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags)
      .map(([key, value]) => [labelText(key), labelText(value)] as const)
      // A name of nothing but other characters has no letter left.
      .filter(([key]) => key !== ""),
  );
}

function labelText(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
