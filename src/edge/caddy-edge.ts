import { CARD_PATH } from "../agent/agent-card";
import type { AgentWorkload } from "../agent/agent-workload";
import { CLAIMED_FORWARDING } from "../agent/forwarding-headers";
import { CLAIMED_HEADERS } from "../gateway/agent-policies";
import { type EdgeAgent, type EdgeSettings, type EdgeSite, edgeSites, HSTS_SECONDS } from "./edge-site";

/**
 * Configuration of Caddy in front of the agents, whole (`/etc/caddy/Caddyfile`). It gets its certificates by itself,
 * redirects to HTTPS, and says by itself who asked for what; as Debian and its own image have it, it limits nobody.
 *
 * @throws FleetError as `edgeSites` does.
 * @see https://caddyserver.com/docs/caddyfile/directives/reverse_proxy
 */
export function caddyEdge(workloads: readonly AgentWorkload[], settings: EdgeSettings = {}): string {
  const sites = edgeSites(workloads, settings);
  return [
    "# Made from the fleet; change the fleet instead.",
    "# Caddy itself has no limit for an address: the agents' own limit for each caller is the only one.",
    ...(settings.httpPort === undefined ? [] : ["{", `  http_port ${settings.httpPort}`, "}", ""]),
    ...sites.map((each) => site(each, settings)),
  ].join("\n");
}

function site({ host, port, agents }: EdgeSite, { certificates, beside = {} }: EdgeSettings): string {
  const shown = port === 443 ? host : `${host}:${port}`;
  const headers = [...CLAIMED_FORWARDING, ...CLAIMED_HEADERS];
  return `${shown} {
${certificates === undefined ? "" : `  tls ${certificates}/${host}.crt ${certificates}/${host}.key\n`}  header Strict-Transport-Security "max-age=${HSTS_SECONDS}"
${headers.map((header) => `  request_header -${header}`).join("\n")}

${agents.map(handler).join("\n")}
${Object.entries(beside)
  .map(([path, server]) => `  handle ${path}/* {\n    reverse_proxy ${server}\n  }\n`)
  .join("")}  respond 404
}
`;
}

/** Checks on the card, and whatever fails three times within half a minute is left alone that long. */
function handler({ name, path, servers, silenceSeconds }: EdgeAgent): string {
  const way = path === "" ? "/*" : `${path} ${path}/*`;
  return `  @${name} path ${way}
  handle @${name} {
${path === "" ? "" : `    uri strip_prefix ${path}\n`}    reverse_proxy ${servers.join(" ")} {
      lb_policy least_conn
      # Who can't be reached has not been sent anything: another replica is tried, otherwise the caller would be refused.
      lb_try_duration 5s
      # An event goes on the moment it comes.
      flush_interval -1
      health_uri ${CARD_PATH}
      health_interval 5s
      health_timeout 3s
      fail_duration 30s
      max_fails 3
      transport http {
        dial_timeout 5s
        read_timeout ${silenceSeconds}s
        response_header_timeout ${silenceSeconds}s
      }
    }
  }
`;
}
