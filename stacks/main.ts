import { buildFleet, FleetError } from "a2a-fleet/stacks";
import { App } from "cdktf";
import { agents } from "../agents";
import { environments } from "./environments";

/** Builds every environment; the command line chooses which one is deployed. */
async function main(): Promise<void> {
  const app = new App();
  const refused = await buildFleet(app, {
    agents,
    environments,
    today: new Date().toISOString().slice(0, 10),
  });
  app.synth();
  for (const { subject, problems } of refused) {
    process.stderr.write(
      `${new FleetError(`${subject} is held back, the others stand`, problems).message}\n`,
    );
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof FleetError)) throw error;
  // A mistake in the user's own files: what it is and where, without a stack trace.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
