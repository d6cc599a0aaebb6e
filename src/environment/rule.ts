import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "./environment";

/** One thing that must hold for a fleet. Pure: it sees resolved agents and plain data, never a construct. */
export interface Rule {
  /** Stable id, kebab-case: exceptions, tests and messages name it. */
  readonly id: string;
  /** Says what is wrong, one sentence a problem, or nothing. */
  readonly find: (workloads: readonly AgentWorkload[], environment: Environment) => readonly string[];
  /** Whether an environment is built all the same, and what is wrong only said. @default - never */
  readonly warns?: (environment: Environment) => boolean;
  /**
   * Whether an environment may break it for a while (`exceptions`). Such a rule judges each agent on its own: it is asked
   * about those that an exception is for, and about the others.
   *
   * @default false
   */
  readonly excusable?: boolean;
}

/** The same rule, which a fleet runs without all the same. */
export function excusable(rule: Rule): Rule {
  return { ...rule, excusable: true };
}

/** A rule about each agent on its own. */
export function agentRule(
  id: string,
  find: (workload: AgentWorkload, environment: Environment) => string | undefined,
): Rule {
  return {
    id,
    find: (workloads, environment) =>
      workloads.flatMap((workload) => {
        const problem = find(workload, environment);
        return problem === undefined ? [] : [`agent '${workload.name}': ${problem}`];
      }),
  };
}

/** A rule about the environment, said once however many agents it concerns. */
export function environmentRule(
  id: string,
  find: (environment: Environment, workloads: readonly AgentWorkload[]) => readonly string[],
): Rule {
  return {
    id,
    find: (workloads, environment) =>
      find(environment, workloads).map((problem) => `environment '${environment.name}': ${problem}`),
  };
}
