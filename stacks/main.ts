import { App } from "cdktf";
import { agents } from "../agents";
import { FleetError } from "../src/problem";
import { buildFleet } from "../src/stacks/build-fleet";
import { environments } from "./environments";

/** Builds every environment; the command line chooses which one is deployed. */
async function main(): Promise<void> {
  const app = new App();
  await buildFleet(app, { agents, environments });
  app.synth();
}

main().catch((error: unknown) => {
  if (!(error instanceof FleetError)) throw error;
  // A mistake in the user's own files: what it is and where, without a stack trace.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
