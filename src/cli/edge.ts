import { Command, InvalidArgumentError } from "commander";
import { agents } from "../../agents";
import { environments } from "../../stacks/environments";
import { caddyEdge } from "../edge/caddy-edge";
import { haproxyEdge } from "../edge/haproxy-edge";
import { nginxEdge } from "../edge/nginx-edge";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { FleetError, listOf, refuse } from "../problem";

const PROGRAMS = { nginx: nginxEdge, haproxy: haproxyEdge, caddy: caddyEdge };

type Servers = Readonly<Record<string, readonly string[]>>;

const command = new Command("edge")
  .description(
    "Writes the configuration of an edge of your own, on machines that no platform manages: every agent at its card's URL.",
  )
  .argument("<program>", listOf(Object.keys(PROGRAMS)), programNamed)
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

const [write, name = ""] = command.processedArgs as [typeof nginxEdge, string];
const { server: servers, certificates } = command.opts<{ server: Servers; certificates?: string }>();
const environment = environmentNamed(name);
try {
  const { workloads, problems } = resolveFleet(agents, environment, {
    today: new Date().toISOString().slice(0, 10),
  });
  refuse(`environment '${name}'`, problems);
  process.stdout.write(write(workloads, { servers, certificates }));
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  command.error(error.message);
}

function environmentNamed(wanted: string): Environment {
  const found = environments.find((each) => each.name === wanted);
  if (found !== undefined) return found;
  return command.error(
    `there is no environment '${wanted}' (${listOf(environments.map((each) => each.name))})`,
  );
}

function programNamed(program: string): typeof nginxEdge {
  const found = Object.entries(PROGRAMS).find(([known]) => known === program);
  if (found === undefined) {
    throw new InvalidArgumentError(`There is no edge by it: ${listOf(Object.keys(PROGRAMS))}.`);
  }
  return found[1];
}

function withServer(given: string, before: Servers): Servers {
  const [agent = "", address] = given.split("=");
  if (address === undefined) throw new InvalidArgumentError("Write agent=host:port.");
  return { ...before, [agent]: [...(before[agent] ?? []), address] };
}
