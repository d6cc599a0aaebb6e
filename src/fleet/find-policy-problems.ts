import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import type { Rule } from "../environment/rule";
import type { RuleException } from "../environment/rule-exception";
import { listOf, type Problem } from "../problem";
import { rules } from "./rules";

/** What the rules say of a fleet. */
export interface PolicyFindings {
  /** What keeps it from being built. */
  readonly problems: readonly Problem[];
  /** What is built all the same, and said: what isn't at stake here, and what an exception lets pass. */
  readonly warnings: readonly Problem[];
}

/**
 * Runs every rule over a fleet.
 *
 * @param today day on which exceptions hold or have ended (`2026-11-21`)
 */
export function findPolicyProblems(
  workloads: readonly AgentWorkload[],
  environment: Environment,
  today: string,
): PolicyFindings {
  const findings = rules.map((rule) => judge(rule, workloads, environment, today));
  return {
    problems: [
      ...findUnknownExceptions(environment, workloads),
      ...findings.flatMap(({ problems }) => problems),
    ],
    warnings: findings.flatMap(({ warnings }) => warnings),
  };
}

function judge(
  rule: Rule,
  workloads: readonly AgentWorkload[],
  environment: Environment,
  today: string,
): PolicyFindings {
  const say = (message: string): Problem => ({ rule: rule.id, message });
  const exception = rule.excusable ? environment.exceptions?.[rule.id] : undefined;
  const covered = (workload: AgentWorkload) => exception !== undefined && isFor(exception, workload);
  const open = rule.find(
    workloads.filter((workload) => !covered(workload)),
    environment,
  );
  const weighed = rule.warns?.(environment)
    ? { problems: [], warnings: open.map(say) }
    : { problems: open.map(say), warnings: [] };
  if (exception === undefined) return weighed;

  const excused = rule.find(workloads.filter(covered), environment);
  if (exception.until < today) {
    const ended = excused.map((message) =>
      say(
        `${message}; the exception for it ended on ${exception.until} (${exception.reason}): do so now, or agree on another end`,
      ),
    );
    return { ...weighed, problems: [...weighed.problems, ...ended] };
  }
  const passing: Problem[] =
    excused.length === 0
      ? [
          say(
            `environment '${environment.name}': exceptions['${rule.id}'] lets nothing pass any more; remove it`,
          ),
        ]
      : excused.map((message) => ({
          ...say(`let pass until ${exception.until} (${exception.reason}): ${message}`),
          excused: exception,
        }));
  return { ...weighed, warnings: [...weighed.warnings, ...passing] };
}

function isFor({ agents }: RuleException, { name, customer }: AgentWorkload): boolean {
  if (agents === undefined) return true;
  return agents.some((agent) => agent === name || (customer !== null && `${agent}-${customer}` === name));
}

/** Exceptions for rules that have none, and for agents that nobody runs here. */
function findUnknownExceptions(environment: Environment, workloads: readonly AgentWorkload[]): Problem[] {
  const known = rules.filter(({ excusable }) => excusable).map(({ id }) => id);
  const ofRules = Object.entries(environment.exceptions ?? {}).filter(([id]) => !id.includes("/"));
  return ofRules.flatMap(([id, exception]) => {
    const who = `environment '${environment.name}': exceptions`;
    if (!known.includes(id)) {
      const message = `${who} names '${id}', which is no rule that can be let pass (${listOf(known)}); remove it`;
      return [{ rule: "unknown-exception", message }];
    }
    const strangers = (exception.agents ?? []).filter(
      (agent) => !workloads.some((workload) => isFor({ ...exception, agents: [agent] }, workload)),
    );
    if (strangers.length === 0) return [];
    const running = listOf(workloads.map(({ name }) => name));
    const message = `${who}['${id}'].agents names ${listOf(strangers)}, which don't run here (${running}); correct the names`;
    return [{ rule: "unknown-exception", message }];
  });
}
