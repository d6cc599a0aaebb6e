import { Argument, Command, InvalidArgumentError } from "commander";
import { agents } from "../../agents";
import { edgePrograms } from "../edge/edge-program";
import { EDGE_PROGRAMS, type EdgeProgramName } from "../edge/edge-site";
import { resolveFleet } from "../fleet/resolve-fleet";
import { FleetError, refuse } from "../problem";
import { environmentNamed } from "./environment-named";
import { today } from "./option-values";

type Servers = Readonly<Record<string, readonly string[]>>;

const command = new Command("edge")
  .description(
    "Writes the configuration of an edge of your own, on machines that no platform manages: every agent at its card's URL.",
  )
  .addArgument(new Argument("<program>", "the program in front").choices(EDGE_PROGRAMS))
  .argument("<environment>", "environment whose agents it serves")
  .option(
    "--server <agent=host:port>",
    "address of a replica, once for each (default: <agent>:<its port>)",
    withServer,
    {},
  )
  .option(
    "--certificates <folder>",
    "<host>.crt and <host>.key, for HAProxy <host>.pem (default: Caddy gets its own, the others read /etc/ssl/fleet)",
  )
  .addHelpText(
    "after",
    `
Examples:
  npm run -s edge -- nginx staging > /etc/nginx/conf.d/fleet.conf
  npm run -s edge -- haproxy staging --server inventory=10.0.0.4:3000 --server inventory=10.0.0.5:3000`,
  )
  .parse();

const [program, name = ""] = command.processedArgs as [EdgeProgramName, string];
const { server: servers, certificates } = command.opts<{ server: Servers; certificates?: string }>();
const environment = environmentNamed(name, command);
try {
  const { workloads, problems } = resolveFleet(agents, environment, {
    today: today(),
  });
  refuse(`environment '${name}'`, problems);
  process.stdout.write(edgePrograms[program].write(workloads, { servers, certificates }));
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  command.error(error.message);
}

function withServer(given: string, before: Servers): Servers {
  const [agent = "", address] = given.split("=");
  if (address === undefined) throw new InvalidArgumentError("Write agent=host:port.");
  return { ...before, [agent]: [...(before[agent] ?? []), address] };
}
