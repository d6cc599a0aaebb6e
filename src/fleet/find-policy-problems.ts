import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import type { Problem } from "../problem";
import { rules } from "./rules";

/** Runs every rule over a fleet. */
export function findPolicyProblems(workloads: readonly AgentWorkload[], environment: Environment): Problem[] {
  return rules.flatMap((rule) =>
    rule.find(workloads, environment).map((message) => ({ rule: rule.id, message })),
  );
}
