import type { AgentWorkload } from "../agent/agent-workload";
import { correctTheName } from "../correction";
import type { Acknowledgement } from "../environment/acknowledgement";
import type { Environment } from "../environment/environment";
import { listOf, type Problem } from "../problem";
import { rules } from "./rules";

/**
 * Runs every rule over a fleet. What an environment acknowledges is left out until its day.
 *
 * @param today the day on which the fleet is judged: `2026-11-21`
 */
export function findPolicyProblems(
  workloads: readonly AgentWorkload[],
  environment: Environment,
  today: string,
): Problem[] {
  const found = rules.flatMap((rule) =>
    rule.find(workloads, environment).map((message) => ({ rule: rule.id, message })),
  );
  const { acknowledged = [], name } = environment;
  const who = `environment '${name}': acknowledged:`;
  const isCovered = (problem: Problem) =>
    acknowledged.some((each) => known.includes(each.rule) && covers(each, problem));
  return [
    ...found.filter((problem) => !isCovered(problem)),
    ...acknowledged.flatMap((each) => {
      const covered = found.filter((problem) => covers(each, problem)).map(({ message }) => message);
      return findAcknowledgementProblems(each, covered, today).map((problem) => ({
        ...problem,
        message: `${who} ${problem.message}`,
      }));
    }),
  ];
}

const known = rules.filter(({ acknowledgeable }) => acknowledgeable).map(({ id }) => id);

/** @param covered what it is about, in the words of its rule */
function findAcknowledgementProblems(
  { rule, agent, until, reason }: Acknowledgement,
  covered: readonly string[],
  today: string,
): Problem[] {
  if (!known.includes(rule)) {
    const why = rules.some(({ id }) => id === rule)
      ? `a fleet that breaks '${rule}' does not run; change what its refusal says, and remove this`
      : `there is no rule '${rule}' that can be (${listOf(known)}); ${correctTheName(rule, known)}`;
    return [{ rule: "unknown-acknowledgement", message: why }];
  }
  if (covered.length === 0) {
    const where = agent === undefined ? "" : ` at agent '${agent}'`;
    return [{ rule: "acknowledged-in-vain", message: `nothing breaks '${rule}'${where}; remove it` }];
  }
  if (until >= today) return [];
  return [
    {
      rule: "acknowledgement-ended",
      message: `'${rule}' was acknowledged until ${until} (${reason}), and is still broken (${covered.join(" · ")}); put it right, or decide again`,
    },
  ];
}

function covers({ rule, agent }: Acknowledgement, problem: Problem): boolean {
  return rule === problem.rule && (agent === undefined || problem.message.startsWith(`agent '${agent}':`));
}
