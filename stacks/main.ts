import { App } from "cdktf";
import { agents } from "../agents";
import { RegistryStack } from "../src/azure/registry-stack";
import { runsKubernetes } from "../src/cluster/facts/runs-kubernetes";
import { findFleetProblems } from "../src/fleet/find-fleet-problems";
import type { GoogleFleetRegistry } from "../src/google/facts/artifact-registries";
import { FleetError, refuse } from "../src/problem";
import { type Clouds, loadClouds } from "../src/stacks/clouds";
import { EnvironmentStack } from "../src/stacks/environment-stack";
import { environments } from "./environments";

/** Builds every environment; the command line chooses which one is deployed. */
async function main(): Promise<void> {
  refuse("the fleet cannot be built", findFleetProblems(agents, environments));
  const clouds = await loadClouds(environments);
  const app = new App();
  const registries = environments.flatMap(({ registry }) => (registry.kind === "fleet" ? [registry] : []));
  for (const registry of new Set(registries)) new RegistryStack(app, registry);
  const googleRegistries = environments.flatMap(({ registry, google }) =>
    [registry, google?.images].flatMap((each) => (each?.kind === "google-fleet" ? [each] : [])),
  );
  for (const registry of new Set(googleRegistries)) createGoogleRegistry(app, registry, clouds);
  for (const environment of environments) new EnvironmentStack(app, { environment, agents, clouds });
  const inClusters = environments.filter(runsKubernetes);
  if (inClusters.length > 0) {
    // A fleet without Kubernetes doesn't pay for its bindings.
    const { ClusterStack } = await import("../src/stacks/cluster-stack");
    for (const environment of inClusters) new ClusterStack(app, { environment, agents });
  }
  app.synth();
}

function createGoogleRegistry(
  app: App,
  registry: GoogleFleetRegistry,
  { GoogleRegistryStack }: Clouds,
): void {
  if (GoogleRegistryStack !== undefined) new GoogleRegistryStack(app, registry);
}

main().catch((error: unknown) => {
  if (!(error instanceof FleetError)) throw error;
  // A mistake in the user's own files: what it is and where, without a stack trace.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
