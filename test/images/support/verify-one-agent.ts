/** `npm run verify` for a fleet of one agent. */
import { runVerifyCommand } from "../../../src/cli/verify-command";
import { local } from "../../support/fleet/stacks/environments/local";
import { oneAgent } from "./one-agent";

runVerifyCommand([oneAgent], [local]);
