import type { AgentWorkload } from "../../agent/agent-workload";
import { edgePrograms } from "../../edge/edge-program";
import { ISSUER_PATH } from "../facts/local-parts";
import type { LocalEdge } from "../facts/local-settings";
import { type Container, healthy, KEPT_RUNNING } from "./container";

/** Certificates of the edge: no secrets of anybody's, but made when the Compose file is written. */
export const CERTIFICATE_SECRETS: readonly string[] = ["localhost.crt", "localhost.key", "localhost.pem"];

/** Port that redirects to HTTPS, inside of its container. */
const HTTP_PORT = 8080;

/** The edge, which alone has a port on the host. */
export function edgeContainer(
  { program, port }: Required<LocalEdge>,
  workloads: readonly AgentWorkload[],
): Container {
  const { container, write } = edgePrograms[program];
  const outside = workloads.filter(({ reach }) => reach !== "environment");
  return {
    name: "edge",
    service: {
      image: container.image,
      ports: [`127.0.0.1:${port}:${port}`],
      configs: [{ source: "edge", target: container.configuration }],
      secrets: CERTIFICATE_SECRETS,
      depends_on: healthy("keycloak", ...outside.map(({ name }) => name)),
      ...KEPT_RUNNING,
    },
    config: {
      name: "edge",
      file: "edge.conf",
      text: write(workloads, {
        beside: { [ISSUER_PATH]: "keycloak:8080" },
        certificates: "/run/secrets",
        httpPort: HTTP_PORT,
      }),
    },
  };
}
