import type { AgentWorkload } from "../agent/agent-workload";

/** A fleet as whoever looks at it on its machine sees it. No secret is in it. */
export interface FleetDescription {
  readonly agents: readonly AgentDescription[];
  /** Where the issuer gives tokens, on the front and the edge. */
  readonly tokenPath: string;
}

/** An agent as whoever looks at the fleet of one machine sees it. No secret is in it. */
export interface AgentDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where it is on the front and the edge: `/agents/inventory/`. */
  readonly path: string;
  /** OAuth scope of its tokens. */
  readonly scope: string;
  /** Names of the agents that it calls. */
  readonly calls: readonly string[];
  /** Something that may be said to it. */
  readonly examples: readonly string[];
  /** Port of its own process, on the loopback address. */
  readonly port: number;
  readonly state: string;
}

/** How an agent is, and where. */
export function describeAgent(
  workload: AgentWorkload,
  process: Pick<AgentDescription, "port" | "state">,
): AgentDescription {
  const { name, title, description, route, peers, skills } = workload;
  return {
    name,
    title,
    description,
    path: `/agents/${name}/`,
    scope: route.scope,
    calls: peers.map((peer) => peer.name),
    examples: skills.flatMap(({ examples = [] }) => examples),
    ...process,
  };
}
