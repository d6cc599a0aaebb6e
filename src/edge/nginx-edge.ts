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

/**
 * Configuration of nginx in front of the agents, to be included in its `http` block (`/etc/nginx/conf.d/fleet.conf`).
 *
 * @throws FleetError as `edgeSites` does.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html
 */
export function nginxEdge(workloads: readonly AgentWorkload[], settings: EdgeSettings = {}): string {
  const sites = edgeSites(workloads, settings);
  return [
    "# Include in nginx's http block. Made from the fleet; change the fleet instead.",
    `limit_req_zone $binary_remote_addr zone=fleet_callers:10m rate=${REQUESTS_PER_SECOND}r/s;`,
    "",
    ...sites.flatMap(({ agents }) => agents.map(upstream)),
    ...sites.map((site) => server(site, settings)),
  ].join("\n");
}

/** The zone shares connections and failures among nginx's workers: each would count its own otherwise. */
function upstream({ name, servers }: EdgeAgent): string {
  return [
    `upstream agent_${name} {`,
    `  zone agent_${name} 64k;`,
    "  least_conn;",
    ...servers.map((address) => `  server ${address} max_fails=3 fail_timeout=30s;`),
    "  keepalive 32;",
    "}",
    "",
  ].join("\n");
}

function server(
  { host, port, agents }: EdgeSite,
  { certificates = CERTIFICATE_FOLDER, httpPort = 80, beside = {} }: EdgeSettings,
): string {
  const shown = port === 443 ? host : `${host}:${port}`;
  return `server {
  listen ${httpPort};
  listen [::]:${httpPort};
  server_name ${host};
  location /.well-known/acme-challenge/ {
    root /var/www/acme;
  }
  location / {
    return 308 https://${shown}$request_uri;
  }
}

server {
  # A directive of its own for HTTP/2 came with 1.25; this one every version takes.
  listen ${port} ssl http2;
  listen [::]:${port} ssl http2;
  server_name ${host};
  server_tokens off;

  ssl_certificate ${certificates}/${host}.crt;
  ssl_certificate_key ${certificates}/${host}.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:fleet:10m;
  add_header Strict-Transport-Security "max-age=${HSTS_SECONDS}" always;

  limit_req zone=fleet_callers burst=${REQUEST_BURST} nodelay;
  limit_req_status 429;
  error_page 429 @too_many;
  location @too_many {
    internal;
    default_type application/json;
    add_header Retry-After 1 always;
    add_header Strict-Transport-Security "max-age=${HSTS_SECONDS}" always;
    return 429 '${TOO_MANY}';
  }

  # What an agent's image takes; nginx would stop at 1 MiB.
  client_max_body_size 4m;

  # An event goes on the moment it comes.
  proxy_buffering off;
  proxy_cache off;
  gzip off;
  proxy_http_version 1.1;
  proxy_connect_timeout 5s;
  # What was sent to an agent isn't sent to another: it may be at work on it.
  proxy_next_upstream error timeout http_502 http_503;

  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header ${FORWARDED_HOST} $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto https;
${[...CLAIMED_FORWARDING, ...CLAIMED_HEADERS].map((header) => `  proxy_set_header ${header} "";`).join("\n")}

${agents.map(locations).join("\n")}
${Object.entries(beside).map(locationBeside).join("")}${agents.some(({ path }) => path === "") ? "" : NOTHING_ELSE}}
`;
}

function locationBeside([path, server]: [string, string]): string {
  return `  location ${path}/ {
    proxy_pass http://${server};
  }
`;
}

/** Without it nginx would look for files of its own. */
const NOTHING_ELSE = `  location / {
    return 404;
  }
`;

function locations({ name, path, silenceSeconds }: EdgeAgent): string {
  const places = path === "" ? ["/"] : [`= ${path}`, `${path}/`];
  return places
    .map(
      (place) => `  location ${place} {
    proxy_pass http://agent_${name}/;
    proxy_read_timeout ${silenceSeconds}s;
    proxy_send_timeout ${silenceSeconds}s;
  }`,
    )
    .join("\n");
}
