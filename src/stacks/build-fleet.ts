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

/** A fleet in all of its environments. */
export interface BuildFleetProps {
  readonly agents: readonly AgentDefinition[];
  readonly environments: readonly Environment[];
}

/**
 * Builds every stack of a fleet: those of its registries, one for each environment, and one for what runs inside the
 * cluster of each that has one.
 *
 * @throws FleetError with every problem of the fleet in all of its environments.
 */
export async function buildFleet(app: Construct, { agents, environments }: BuildFleetProps): Promise<void> {
  refuse("the fleet cannot be built", findFleetProblems(agents, environments));
  const clouds = await loadClouds(environments);
  const registries = environments.flatMap(registriesOf);
  for (const { createRegistries } of cloudHalves) createRegistries(app, clouds, registries);
  for (const environment of environments) new EnvironmentStack(app, { environment, agents, clouds });
  const inClusters = environments.filter(runsInCluster);
  if (inClusters.length === 0) return;
  // A fleet without Kubernetes doesn't pay for its bindings.
  const { ClusterStack } = await import("./cluster-stack");
  for (const environment of inClusters) new ClusterStack(app, { environment, agents });
}

function runsInCluster(environment: Environment): boolean {
  return platformsOf(environment).some((platform) => platformTraits(platform).stack === "cluster");
}
