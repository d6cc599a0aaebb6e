import type { AgentDefinition } from "../agent/agent-definition";
import { findEnvironmentShapeProblems } from "../choices/environment-schema";
import type { Environment } from "../environment/environment";
import { listOf, type Problem, withoutSecrets } from "../problem";
import { findEnvironmentClashes, findHostClashes } from "./find-environment-clashes";
import { findStacklessPlatforms } from "./find-stackless-platforms";
import { resolveFleet } from "./resolve-fleet";

/**
 * Says everything that is wrong with a fleet in all of its environments, each problem once: a mistake in a definition
 * is one mistake, however many environments run it. One that only some have says which.
 *
 * @param today day on which the fleet is judged (`2026-11-21`)
 */
export function findFleetProblems(
  definitions: readonly AgentDefinition[],
  environments: readonly Environment[],
  today?: string,
): Problem[] {
  const misshapen = Array.from(environments).flatMap(findEnvironmentShapeProblems);
  if (misshapen.length > 0) return withoutSecrets(misshapen);
  const found = new Map<
    string,
    { readonly problem: Problem; readonly says: boolean; readonly places: string[] }
  >();
  const fleets = environments.map((environment) => ({
    environment,
    ...resolveFleet(definitions, environment, { today }),
  }));
  for (const { environment, problems } of fleets) {
    for (const problem of [...problems, ...findStacklessPlatforms(environment)]) {
      const place = `'${environment.name}'`;
      const says = problem.message.includes(`environment ${place}`);
      const known = found.get(problem.message) ?? { problem, says, places: [] };
      known.places.push(place);
      found.set(problem.message, known);
    }
  }
  return [
    ...findEnvironmentClashes(environments),
    ...findHostClashes(fleets),
    ...[...found.values()].map(({ problem, says, places }) => {
      const everywhere = new Set(places).size === environments.length;
      if (everywhere || says) return problem;
      return { ...problem, message: `${problem.message} (in ${listOf([...new Set(places)])})` };
    }),
  ];
}
