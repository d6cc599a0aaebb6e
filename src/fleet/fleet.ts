import type { AgentWorkload } from "../agent/agent-workload";
import type { Problem } from "../problem";

/** Definitions met with an environment. */
export interface Fleet {
  /** Every instance of every agent, in the order of the definitions and then of the customers. */
  readonly workloads: readonly AgentWorkload[];
  /** Everything that is wrong with it. With any, `workloads` is for looking at, not for building. */
  readonly problems: readonly Problem[];
  /** What is built all the same, and has to be known: what is open here, and what an exception lets pass. */
  readonly warnings: readonly Problem[];
}
