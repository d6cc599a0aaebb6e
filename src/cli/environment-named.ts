import type { Command } from "commander";
import { environments } from "../../stacks/environments";
import type { Environment } from "../environment/environment";
import { listOf } from "../problem";

/** The environment with a name; without one the command ends and says which there are. */
export function environmentNamed(
  name: string,
  command: Command,
  among: readonly Environment[] = environments,
): Environment {
  const environment = among.find((each) => each.name === name);
  if (environment !== undefined) return environment;
  return command.error(`there is no environment '${name}' (${listOf(among.map((each) => each.name))})`);
}
