import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { AgentDefinition } from "../agent/agent-definition";
import { findEnvironmentShapeProblems } from "../choices/environment-schema";
import { isInCluster } from "../choices/platforms";
import { clusterStackName } from "../cluster/facts/cluster-stack-name";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import { findEnvironmentClashes, findHostClashes } from "../fleet/find-environment-clashes";
import { findFleetProblems } from "../fleet/find-fleet-problems";
import { findStacklessPlatforms } from "../fleet/find-stackless-platforms";
import { registriesOf } from "../fleet/registries-of";
import { resolveFleet } from "../fleet/resolve-fleet";
import { findNameProblems } from "../naming";
import { type Problem, refuse } from "../problem";
import { cloudHalves, loadClouds } from "./clouds";
import { EnvironmentStack } from "./environment-stack";
import { type FinishedStack, findPhysicalClashes } from "./find-physical-clashes";
import { type RefusedEnvironment, RefusedStack } from "./refused-stack";
import "./without-traces";

/** A fleet in all of its environments. */
export interface BuildFleetProps {
  readonly agents: readonly AgentDefinition[];
  readonly environments: readonly Environment[];
  /** Day on which the fleet is judged: versions and exceptions end on one. @default "2026-11-21" */
  readonly today?: string;
}

/**
 * Builds every stack of a fleet: those of its registries, one for each environment, and one for what runs inside the
 * cluster of each that has one.
 *
 * One environment's mistake stops that environment: its stacks refuse to be planned (`RefusedStack`), and the others
 * stand. Its registries stand, too, because production's images have to be pushed before it can name their digests.
 *
 * @returns the environments that are refused, with everything that is wrong with each.
 * @throws FleetError with every problem when no environment can be built, or when some are in each other's way.
 */
export async function buildFleet(
  app: Construct,
  { agents, environments: listed, today }: BuildFleetProps,
): Promise<RefusedEnvironment[]> {
  refuse("the fleet cannot be built", [
    ...findListProblems("agents", agents),
    ...findListProblems("environments", listed),
    ...(Array.isArray(listed) && listed.length === 0 ? [noEnvironment] : []),
  ]);
  // A hole in the list is an environment that isn't there.
  const environments = Array.from(listed);
  // What has no name has no stack that could refuse.
  const nameless = (environments as readonly (Partial<Environment> | undefined)[]).filter(
    (each) => typeof each?.name !== "string",
  );
  if (nameless.length > 0) {
    refuse("the fleet cannot be built", environments.flatMap(findEnvironmentShapeProblems));
  }
  // Nothing can be read from settings of another shape than they should be.
  const readable = environments.filter((each) => findEnvironmentShapeProblems(each).length === 0);
  refuse("the fleet cannot be built", findEnvironmentClashes(readable));
  const fleets = environments.map((environment) => {
    const { problems, ...fleet } = resolveFleet(agents, environment, { today });
    const stackless = readable.includes(environment) ? findStacklessPlatforms(environment) : [];
    return { environment, ...fleet, problems: [...problems, ...stackless] };
  });
  const problemsOf = new Map(fleets.map(({ environment, problems }) => [environment, problems]));
  const standing = environments.filter((environment) => problemsOf.get(environment)?.length === 0);
  if (standing.length === 0) {
    refuse("the fleet cannot be built", findFleetProblems(agents, environments, today));
  }
  refuse("the fleet cannot be built", findHostClashes(fleets));

  const clouds = await loadClouds(readable);
  const registries = readable.flatMap(registriesOf);
  for (const { createRegistries } of cloudHalves) createRegistries(app, clouds, registries);
  const refused: RefusedEnvironment[] = [];
  for (const environment of environments) {
    const problems = problemsOf.get(environment) ?? [];
    if (problems.length === 0) {
      new EnvironmentStack(app, { environment, agents, clouds, today });
      continue;
    }
    const { name } = environment;
    const refusal = { subject: `environment '${name}'`, problems };
    refused.push(refusal);
    if (findNameProblems("environment", name, "").length > 0) continue;
    new RefusedStack(app, name, refusal);
    if (readable.includes(environment) && runsInCluster(environment)) {
      new RefusedStack(app, clusterStackName(environment), refusal);
    }
  }
  const inClusters = standing.filter(runsInCluster);
  if (inClusters.length > 0) {
    // A fleet without Kubernetes doesn't pay for its bindings.
    const { ClusterStack } = await import("./cluster-stack");
    for (const environment of inClusters) new ClusterStack(app, { environment, agents, today });
  }
  refuse("the environments are in each other's way", findPhysicalClashes(finishedStacks(app)));
  return refused;
}

/** Without one nothing would be made, and nothing said. */
const noEnvironment: Problem = {
  rule: "no-environment",
  message: "environments: the list is empty; add one to stacks/environments/index.ts",
};

/** Nobody checks types before the files run: an object of agents would be none. */
function findListProblems(what: "agents" | "environments", given: unknown): Problem[] {
  if (Array.isArray(given)) return [];
  return [
    {
      rule: "no-list",
      message: `${what}: what is exported is no list (${given === undefined ? "nothing" : typeof given}); export one: [first, second]`,
    },
  ];
}

function finishedStacks(app: Construct): FinishedStack[] {
  return app.node.children
    .filter(TerraformStack.isStack)
    .map((stack) => ({ name: stack.node.id, json: stack.toTerraform() }));
}

function runsInCluster(environment: Environment): boolean {
  return platformsOf(environment).some(isInCluster);
}
