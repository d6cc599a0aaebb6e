import { agents } from "../../agents";
import { local } from "../../stacks/environments/local";
import { runLocalCommand } from "./local-command";

runLocalCommand(agents, local);
