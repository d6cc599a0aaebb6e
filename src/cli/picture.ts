import { Command } from "commander";
import { agents } from "../../agents";
import { resolveFleet } from "../fleet/resolve-fleet";
import { FleetError } from "../problem";
import { drawFleet } from "../review/draw-fleet";
import { environmentNamed } from "./environment-named";

const command = new Command("npm run picture --")
  .description(
    "Draws an environment's fleet as Mermaid: agents by platform, who calls whom, what callers outside pass on their " +
      "way, and the shared parts. Thick arrows: reachable from outside.",
  )
  .argument("<environment>", "environment that is drawn")
  .option("--markdown", "in a code block, as READMEs and pull requests show it")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run -s picture -- staging\n  npm run -s picture -- production --markdown",
  )
  .parse();

const environment = environmentNamed(command.args[0] ?? "", command);
const fleet = resolveFleet(agents, environment);
if (fleet.problems.length > 0) {
  command.error(new FleetError(`environment '${environment.name}'`, fleet.problems).message);
}
const picture = drawFleet(fleet.workloads, environment);
const fenced = command.opts<{ markdown?: true }>().markdown === true;
process.stdout.write(fenced ? `\`\`\`mermaid\n${picture}\`\`\`\n` : picture);
