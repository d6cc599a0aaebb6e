import { Command } from "commander";
import { agents } from "../../agents";
import { resolveFleet } from "../fleet/resolve-fleet";
import { FleetError } from "../problem";
import { drawFleet } from "../review/draw-fleet";
import { drawSvg } from "../review/draw-svg";
import { environmentNamed } from "./environment-named";

const command = new Command("npm run picture --")
  .description(
    "Draws an environment's fleet as Mermaid: agents by platform, who calls whom, what callers outside pass on their " +
      "way, and the shared parts. Thick arrows: reachable from outside.",
  )
  .argument("<environment>", "environment that is drawn")
  .option("--markdown", "in a code block, as READMEs and pull requests show it")
  .option("--svg", "laid out, for where nothing draws Mermaid")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run -s picture -- staging\n  npm run -s picture -- production --markdown\n  npm run -s picture -- production --svg > production.svg",
  )
  .parse();

const environment = environmentNamed(command.args[0] ?? "", command);
const fleet = resolveFleet(agents, environment);
if (fleet.problems.length > 0) {
  command.error(new FleetError(`environment '${environment.name}'`, fleet.problems).message);
}
const picture = drawFleet(fleet.workloads, environment);
const { markdown, svg } = command.opts<{ markdown?: true; svg?: true }>();
if (svg) drawSvg(picture).then((text) => process.stdout.write(text));
else process.stdout.write(markdown ? `\`\`\`mermaid\n${picture}\`\`\`\n` : picture);
