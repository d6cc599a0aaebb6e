import { CARD_PATH } from "../agent/agent-card";
import type { AgentWorkload } from "../agent/agent-workload";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../agent/forwarding-headers";
import { CLAIMED_HEADERS } from "../gateway/agent-policies";
import {
  CERTIFICATE_FOLDER,
  type EdgeAgent,
  type EdgeSettings,
  type EdgeSite,
  edgeSites,
  HSTS_SECONDS,
  REQUEST_BURST,
  REQUESTS_PER_SECOND,
  TOO_MANY,
} from "./edge-site";

/** Seconds over which HAProxy counts: it knows no burst, so the window has room for one. */
const WINDOW_SECONDS = 10;

/**
 * Configuration of HAProxy in front of the agents, whole (`/etc/haproxy/haproxy.cfg`).
 *
 * @throws FleetError as `edgeSites` does.
 * @see https://docs.haproxy.org/2.6/configuration.html
 */
export function haproxyEdge(workloads: readonly AgentWorkload[], settings: EdgeSettings = {}): string {
  const sites = edgeSites(workloads, settings);
  const { httpPort = 80 } = settings;
  const silence = Math.max(...sites.flatMap(({ agents }) => agents.map((agent) => agent.silenceSeconds)));
  return `# Made from the fleet; change the fleet instead.
global
  log stdout format raw local0 info
  ssl-default-bind-options ssl-min-ver TLSv1.2

defaults
  mode http
  log global
  option httplog
  option redispatch
  # An event goes on the moment it comes.
  option http-no-delay
  timeout connect 5s
  timeout http-request 10s
  timeout http-keep-alive 60s
  timeout client ${silence}s
  timeout server ${silence}s
  # A server whose name isn't known yet comes in when it is.
  default-server check inter 5s fall 3 rise 2 init-addr last,libc,none

frontend redirect
  bind :::${httpPort} v4v6
${sites
  .map(
    ({ host, port }) =>
      `  http-request redirect prefix https://${host}${port === 443 ? "" : `:${port}`} code 308 if { hdr(host),host_only -i ${host} }`,
  )
  .join("\n")}
  http-request return status 404

${frontend(sites, settings)}
${sites.flatMap(({ agents }) => agents.map(backend)).join("\n")}${Object.entries(settings.beside ?? {})
  .map(backendBeside)
  .join("")}`;
}

function frontend(
  sites: readonly EdgeSite[],
  { certificates = CERTIFICATE_FOLDER, beside = {} }: EdgeSettings,
): string {
  const limit = REQUESTS_PER_SECOND * WINDOW_SECONDS + REQUEST_BURST;
  const ports = [...new Set(sites.map(({ port }) => port))];
  const certificatesOn = (port: number) =>
    sites.filter((site) => site.port === port).map(({ host }) => `crt ${certificates}/${host}.pem`);
  return `frontend edge
${ports.map((port) => `  bind :::${port} v4v6 ssl ${certificatesOn(port).join(" ")} alpn h2,http/1.1`).join("\n")}
  stick-table type ipv6 size 100k expire ${3 * WINDOW_SECONDS}s store http_req_rate(${WINDOW_SECONDS}s)
  http-request track-sc0 src
  http-request return status 429 content-type application/json string '${TOO_MANY}' hdr Retry-After 1 if { sc_http_req_rate(0) gt ${limit} }
  http-request set-header ${FORWARDED_HOST} %[hdr(host)]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
${[...CLAIMED_FORWARDING, ...CLAIMED_HEADERS].map((header) => `  http-request del-header ${header}`).join("\n")}
  http-after-response set-header Strict-Transport-Security "max-age=${HSTS_SECONDS}"
${sites.flatMap(({ host, agents }) => agents.map((agent) => choice(host, agent))).join("\n")}
${Object.keys(beside)
  .map((path, index) => `  use_backend beside_${index + 1} if { path_beg ${path}/ }\n`)
  .join("")}  default_backend nobody

backend nobody
  http-request return status 404
`;
}

function choice(host: string, { name, path }: EdgeAgent): string {
  const asked = `{ hdr(host),host_only -i ${host} }`;
  const ways = path === "" ? [asked] : [`${asked} { path ${path} }`, `${asked} { path_beg ${path}/ }`];
  return `  use_backend agent_${name} if ${ways.join(" || ")}`;
}

function backendBeside([, server]: [string, string], index: number): string {
  return `\nbackend beside_${index + 1}\n  server only ${server}\n`;
}

/** A replica that doesn't answer with its card takes no request. */
function backend({ name, path, servers, silenceSeconds }: EdgeAgent): string {
  return `backend agent_${name}
  balance roundrobin
  option httpchk
  http-check send meth GET uri ${CARD_PATH}
  http-check expect status 200
  timeout server ${silenceSeconds}s
${path === "" ? "" : `  http-request replace-path ^${path}/?(.*)$ /\\1\n`}${servers.map((address, index) => `  server replica-${index + 1} ${address}`).join("\n")}
`;
}
