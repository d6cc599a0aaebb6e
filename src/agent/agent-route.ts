/**
 * Where one agent is, for everybody: the only source of AGENT_URL, card, gateway path, token scope, peers' URLs,
 * the timeouts of everything in between, and the rules about them.
 */
export interface AgentRoute {
  /** The URL on the card: what callers from outside use. Ends with a slash. May hold a Terraform reference. */
  readonly publicUrl: string;
  /**
   * The URL that peers on the same platform use: through the mesh where there is one. Ends with a slash. May hold a
   * reference.
   */
  readonly peerUrl: string;
  /**
   * The agent's own address, without gateway and mesh: what the gateway's backend is, which appends paths to it. Ends
   * without a slash. May hold a reference.
   */
  readonly backendUrl: string;
  /**
   * URL on a card of its own for peers, or null where they get the card for everybody: because that has their URL, or
   * because the agent could not tell them from callers outside.
   */
  readonly peerCardUrl: string | null;
  /** Audience of tokens for it, `api://<tenant>/<environment>-<agent>`. */
  readonly audience: string;
  /** OAuth scope to ask for, `<audience>/.default`. */
  readonly scope: string;
  /** What stands between a caller outside and the agent, outermost first. */
  readonly hops: readonly Hop[];
  /** What stands between a peer and the agent. */
  readonly peerHops: readonly Hop[];
}

/** One thing that a stream passes on its way. */
export interface Hop {
  /** Stable name: `gateway`, `container-apps-ingress`, `nginx-ingress`, `cloud-run`, … */
  readonly name: string;
  /**
   * Seconds after which it cuts a silent stream whatever we ask for, or null where our own setting is the only limit.
   * The smallest one on the way wins.
   */
  readonly limitSeconds: number | null;
  /** Seconds that we set on it, or null where there is nothing to set. */
  readonly timeoutSeconds: number | null;
  /** Whether it holds a response back until it ends. */
  readonly buffers: boolean;
  /** Where the limit is written down. */
  readonly source: string;
}

/** Calls from one address for each that one caller may send: several callers may share an address. */
export const CALLERS_PER_ADDRESS = 10;

/** Whether callers from outside come through the fleet's gateway. */
export function isBehindGateway({ hops }: Pick<AgentRoute, "hops">): boolean {
  return hops.some(({ name }) => name === "gateway");
}

/**
 * A URL that others are resolved below. Both official SDKs look for the card at `.well-known/…` relative to it: without
 * the slash at its end, a client that follows the standard cuts off the last part of its path.
 */
export function baseUrl(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
