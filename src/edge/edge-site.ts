import type { AgentWorkload } from "../agent/agent-workload";
import { listOf, type Problem, refuse } from "../problem";

/** The programs that an edge of one's own can be. */
export const EDGE_PROGRAMS = ["nginx", "haproxy", "caddy"] as const;

export type EdgeProgramName = (typeof EDGE_PROGRAMS)[number];

/** An edge of one's own, on machines that no platform manages: what its program has to know besides the agents. */
export interface EdgeSettings {
  /**
   * Addresses of each agent's replicas, `host:port`, by the agent's name.
   *
   * @default - `<name>:<port>` for agents that aren't named: what a network of containers resolves
   */
  readonly servers?: Readonly<Record<string, readonly string[]>>;

  /**
   * Folder of the certificates: `<host>.crt` with its chain and `<host>.key`; for HAProxy `<host>.pem` with both.
   *
   * @default - Caddy gets them by itself; for the others `/etc/ssl/fleet`
   */
  readonly certificates?: string;

  /**
   * What else is at every host: a server, `host:port`, by the path that it keeps: `{ "/identity": "keycloak:8080" }`.
   *
   * @default {}
   */
  readonly beside?: Readonly<Record<string, string>>;

  /**
   * Port that redirects to HTTPS.
   *
   * @default 80
   */
  readonly httpPort?: number;
}

/** One host of the cards' URLs, and the agents on it. */
export interface EdgeSite {
  readonly host: string;
  readonly port: number;
  readonly agents: readonly EdgeAgent[];
}

/** An agent as an edge sees it. */
export interface EdgeAgent {
  readonly name: string;
  /** Path of its card's URL, taken off on the way: `/agents/inventory`; empty where it has the host for itself. */
  readonly path: string;
  readonly servers: readonly string[];
  /** Silence of a stream that the edge bears: above the deadline, so that it is the agent that ends a task. */
  readonly silenceSeconds: number;
}

/** Requests a second from one address, on average. The agent's own limit is for a caller, this one is for the machine. */
export const REQUESTS_PER_SECOND = 10;

/** Requests from one address beyond the average at once. */
export const REQUEST_BURST = 20;

/** Body of the answer to one request too many: both bindings' clients read it. */
export const TOO_MANY = '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"too many requests"}}';

/** Seconds for which a browser asks for this host by HTTPS alone. */
export const HSTS_SECONDS = 31_536_000;

/** Where programs that get their certificates elsewhere find them. */
export const CERTIFICATE_FOLDER = "/etc/ssl/fleet";

const SPARE_SECONDS = 10;

/**
 * The hosts that an edge serves: those of the cards of every agent that can be reached from outside.
 *
 * @throws FleetError when a card's address isn't known beforehand, no agent can be reached, or a setting is wrong.
 */
export function edgeSites(workloads: readonly AgentWorkload[], settings: EdgeSettings = {}): EdgeSite[] {
  const reachable = workloads.filter(({ reach }) => reach !== "environment");
  refuse("the edge cannot be written", [
    ...findSettingProblems(reachable, settings),
    ...findRouteProblems(reachable),
  ]);
  const sites = new Map<string, EdgeSite & { agents: EdgeAgent[] }>();
  for (const { name, route, port, taskDeadlineSeconds } of reachable) {
    const url = new URL(route.publicUrl);
    const site = sites.get(url.host) ?? { host: url.hostname, port: Number(url.port || 443), agents: [] };
    sites.set(url.host, site);
    site.agents.push({
      name,
      path: url.pathname.replace(/\/$/, ""),
      servers: settings.servers?.[name] ?? [`${name}:${port}`],
      silenceSeconds: taskDeadlineSeconds + SPARE_SECONDS,
    });
  }
  return [...sites.values()];
}

const ADDRESS = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;
const FOLDER = /^[\w./-]+$/;

function findSettingProblems(
  reachable: readonly AgentWorkload[],
  { servers = {}, certificates = CERTIFICATE_FOLDER }: EdgeSettings,
): Problem[] {
  const names = reachable.map(({ name }) => name);
  const unknown = Object.keys(servers).filter((name) => !names.includes(name));
  const unreadable = Object.values(servers)
    .flat()
    .filter((server) => !ADDRESS.test(server));
  return [
    ...unknown.map((name) => ({
      rule: "edge-servers-have-agents",
      message: `'${name}' has servers, but no agent of that name can be reached from outside (${listOf(names)}); correct the name`,
    })),
    ...unreadable.map((server) => ({
      rule: "edge-servers-are-addresses",
      message: `the server '${server}' is no address; write host:port, such as 10.0.0.4:8000`,
    })),
    ...(FOLDER.test(certificates)
      ? []
      : [
          {
            rule: "edge-certificates-are-a-folder",
            message: `the folder '${certificates}' has characters that a configuration would read otherwise; use letters, digits, '/', '.', '_' and '-'`,
          },
        ]),
  ];
}

function findRouteProblems(reachable: readonly AgentWorkload[]): Problem[] {
  if (reachable.length === 0) {
    return [
      {
        rule: "edge-has-agents",
        message:
          "no agent can be reached from outside, so there is nothing to serve; give the environment a gateway, or an agent reach 'internet'",
      },
    ];
  }
  return reachable
    .filter(({ route }) => !URL.canParse(route.publicUrl) || !route.publicUrl.startsWith("https://"))
    .map(({ name, route }) => ({
      rule: "edge-addresses-are-chosen",
      message: `agent '${name}': its card says ${route.publicUrl}, which its platform gives; an edge serves https addresses that the environment chooses: set gateway.host there`,
    }));
}
