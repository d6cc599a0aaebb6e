/** `npm run verify` in clouds that are servers of a test: `A2A_TEST_CLOUD` is their URL. */
import { AzureClient } from "../../../src/azure/preflight/azure-client";
import { runVerifyCommand } from "../../../src/cli/verify-command";
import { loggedInGoogle } from "../../../src/google/login";
import { patient } from "../../../src/verify/caller-place";
import { definitions, inAzure, inGoogle } from "./deployed";

const url = process.env.A2A_TEST_CLOUD ?? "";
const endpoints = { management: url, registry: () => url, blobs: () => url };

runVerifyCommand(definitions, [inAzure, inGoogle], {
  logins: {
    azure: async () => new AzureClient({ getToken: async () => ({ token: "of-the-deployer" }) }, endpoints),
    google: (project) => loggedInGoogle(project, { run: url, logging: url }),
  },
  patience: { ...patient, pauseMs: 50 },
});
