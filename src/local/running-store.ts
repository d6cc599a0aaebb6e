import type { AgentWorkload } from "../agent/agent-workload";
import type { Part } from "./part";

/** A task store that runs with the fleet, and its variables for each agent, secrets among them. */
export interface RunningStore {
  readonly part: Part;
  readonly variablesFor: (workload: AgentWorkload) => Record<string, string>;
  readonly remove: () => void;
}
