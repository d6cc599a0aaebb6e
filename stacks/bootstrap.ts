import { buildBootstrap, FleetError } from "a2a-fleet/stacks";
import { App } from "cdktf";
import { company } from "./company";
import { environments } from "./environments";

/** Builds what the first deploys find: where state is kept, and who deploys. `npm run bootstrap` runs it. */
async function main(): Promise<void> {
  const app = new App();
  await buildBootstrap(app, {
    environments,
    repository: company.repository,
    workflowObjectIds: Object.values(company.azure?.workflowObjectIds ?? {}),
    googleDeployers: company.google?.deployers,
  });
  app.synth();
}

main().catch((error: unknown) => {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
