/** `npm run local`, with the tests' own fleet. */
import { runLocalCommand } from "../../../src/cli/local-command";
import { agents } from "../../support/fleet/agents";
import { local } from "../../support/fleet/stacks/environments/local";

runLocalCommand(agents, local);
