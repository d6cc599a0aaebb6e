/** `npm run verify`, for the tests' own fleet. */
import { runVerifyCommand } from "../../../src/cli/verify-command";
import { agents } from "../../support/fleet/agents";
import { environments } from "../../support/fleet/stacks/environments";
import { local } from "../../support/fleet/stacks/environments/local";

runVerifyCommand(agents, [...environments, local]);
