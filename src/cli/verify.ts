import { agents } from "../../agents";
import { environments } from "../../stacks/environments";
import { local } from "../../stacks/environments/local";
import { runVerifyCommand } from "./verify-command";

runVerifyCommand(agents, [...environments, local]);
