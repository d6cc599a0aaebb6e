import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { AgentDefinition } from "../agent/agent-definition";
import { platformTraits } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import { platformsOf } from "../environment/platforms-of";
import { findFleetProblems } from "../fleet/find-fleet-problems";
import { registriesOf } from "../fleet/registries-of";
import { refuse } from "../problem";
import { cloudHalves, loadClouds } from "./clouds";
import { EnvironmentStack } from "./environment-stack";
import { type FinishedStack, findPhysicalClashes } from "./find-physical-clashes";

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
 * @throws FleetError with every problem of the fleet in all of its environments.
 */
export async function buildFleet(
  app: Construct,
  { agents, environments, today }: BuildFleetProps,
): Promise<void> {
  refuse("the fleet cannot be built", findFleetProblems(agents, environments, today));
  const clouds = await loadClouds(environments);
  const registries = environments.flatMap(registriesOf);
  for (const { createRegistries } of cloudHalves) createRegistries(app, clouds, registries);
  for (const environment of environments) new EnvironmentStack(app, { environment, agents, clouds, today });
  const inClusters = environments.filter(runsInCluster);
  // A fleet without Kubernetes doesn't pay for its bindings.
  const { ClusterStack } = inClusters.length === 0 ? {} : await import("./cluster-stack");
  if (ClusterStack !== undefined) {
    for (const environment of inClusters) new ClusterStack(app, { environment, agents, today });
  }
  refuse("the environments are in each other's way", findPhysicalClashes(finishedStacks(app)));
}

function finishedStacks(app: Construct): FinishedStack[] {
  const stacks = app.node.children.filter(TerraformStack.isStack);
  // One alone is in nobody's way.
  return stacks.length < 2 ? [] : stacks.map((stack) => ({ name: stack.node.id, json: stack.toTerraform() }));
}

function runsInCluster(environment: Environment): boolean {
  return platformsOf(environment).some((platform) => platformTraits(platform).stack === "cluster");
}
