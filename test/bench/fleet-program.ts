// Measured: a fleet the way stacks/main.ts builds it. Arguments: number of agents, output folder.
import { App } from "cdktf";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { refuse } from "../../src/problem";
import { loadClouds } from "../../src/stacks/clouds";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { benchAgents, benchEnvironment as environment } from "./bench-fleet";
import { reportAtExit } from "./measured";

async function main(): Promise<void> {
  reportAtExit();
  const [count, outdir] = process.argv.slice(2);
  const agents = benchAgents(Number(count));
  refuse("the fleet cannot be built", resolveFleet(agents, environment).problems);
  const clouds = await loadClouds([environment]);
  // A count of zero measures what it costs to start: everything is loaded, and nothing is built.
  if (agents.length === 0) return;
  const app = new App({ outdir });
  new EnvironmentStack(app, { environment, agents, clouds });
  app.synth();
}

void main();
