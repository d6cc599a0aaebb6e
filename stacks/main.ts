import { App } from "cdktf";
import { agents } from "../agents";
import { resolveFleet } from "../src/agent/resolve-fleet";
import { findEnvironmentClashes } from "../src/environment/find-environment-clashes";
import { runsKubernetes } from "../src/environment/runs-kubernetes";
import { FleetError, refuse } from "../src/problem";
import { loadClouds } from "./clouds";
import { EnvironmentStack } from "./environment-stack";
import { environments } from "./environments";
import { RegistryStack } from "./registry-stack";

/** Builds every environment; the command line chooses which one is deployed. */
async function main(): Promise<void> {
  refuse("the fleet cannot be built", [
    ...findEnvironmentClashes(environments),
    ...environments.flatMap((environment) => resolveFleet(agents, environment).problems),
  ]);
  const clouds = await loadClouds(environments);
  const app = new App();
  const registries = environments.flatMap(({ registry }) => (registry.kind === "fleet" ? [registry] : []));
  for (const registry of new Set(registries)) new RegistryStack(app, registry);
  for (const environment of environments) new EnvironmentStack(app, { environment, agents, clouds });
  const inClusters = environments.filter(runsKubernetes);
  if (inClusters.length > 0) {
    // A fleet without Kubernetes doesn't pay for its bindings.
    const { ClusterStack } = await import("./cluster-stack");
    for (const environment of inClusters) new ClusterStack(app, { environment, agents });
  }
  app.synth();
}

main().catch((error: unknown) => {
  if (!(error instanceof FleetError)) throw error;
  // A mistake in the user's own files: what it is and where, without a stack trace.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
