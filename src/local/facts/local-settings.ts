import { z } from "zod";
import { EDGE_PROGRAMS, type EdgeProgramName } from "../../edge/edge-site";
import { port } from "../../shapes";

/** How the fleet runs on one machine. */
export interface LocalSettings {
  /**
   * Port of the fleet's front on the loopback address: every agent is below it.
   *
   * @default 8080
   */
  readonly port?: number;

  /**
   * A real edge in front, with TLS, for the agents that can be reached from outside.
   *
   * @default - none: callers come to the front as well; nginx where the agents are containers
   */
  readonly edge?: LocalEdge;

  /**
   * Real programs beside the agents, where these are processes: a Keycloak in the place of the issuer that the fleet
   * brings, a LiteLLM with the agents' models, a Prometheus that reads their metrics.
   *
   * @default []
   */
  readonly parts?: readonly LocalPart[];

  /**
   * Whether agents are processes of this machine, or containers with a network of their own.
   *
   * @default "processes"
   */
  readonly runsAs?: "processes" | "containers";
}

/** A program that can run beside the agents' processes. */
export type LocalPart = "keycloak" | "litellm" | "prometheus";

/** All of them. */
export const LOCAL_PARTS = ["keycloak", "litellm", "prometheus"] as const satisfies readonly LocalPart[];

/** The program in front, at `https://localhost:<port>`. */
export interface LocalEdge {
  readonly program: EdgeProgramName;
  /** @default 8443 */
  readonly port?: number;
}

/** What one machine adds to an environment. */
export interface LocalEnvironment {
  /** @default {} */
  readonly local?: LocalSettings;
}

export const localShape = {
  local: z
    .strictObject({
      port: port.optional(),
      edge: z.strictObject({ program: z.enum(EDGE_PROGRAMS), port: port.optional() }).optional(),
      parts: z.array(z.enum(LOCAL_PARTS)).optional(),
      runsAs: z.enum(["processes", "containers"]).optional(),
    })
    .optional(),
};

/** The same, with nothing left open. */
export interface LocalLayout {
  readonly runsAs: "processes" | "containers";
  readonly parts: readonly LocalPart[];
  /** Base of what every part of the fleet is reached at from this machine, by peers and people alike. Without a slash. */
  readonly frontUrl: string;
  readonly edge: Required<LocalEdge> | null;
  /** What callers from outside use: the edge, or the front where there is none. Without a slash. */
  readonly publicUrl: string;
}

/** Decides what an environment leaves open about the machine. */
export function layOutMachine({ local = {} }: LocalEnvironment): LocalLayout {
  const { runsAs = "processes", parts = [] } = local;
  const chosen = local.edge ?? (runsAs === "containers" ? { program: "nginx" as const } : undefined);
  const edge = chosen === undefined ? null : { port: 8443, ...chosen };
  const frontUrl = `http://127.0.0.1:${local.port ?? 8080}`;
  return {
    runsAs,
    parts,
    frontUrl,
    edge,
    publicUrl: edge === null ? frontUrl : `https://localhost:${edge.port}`,
  };
}
