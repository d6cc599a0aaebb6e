import type { Hop } from "../agent/agent-route";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment, PlatformKind, Reach } from "./environment";

/** What resolving a fleet has to know of a platform, without any provider: addresses, defaults, and what it can't keep. */
export interface PlatformTraits {
  readonly kind: PlatformKind;
  /** For messages: `Container Apps`. */
  readonly title: string;
  /** Fewest replicas of an internal agent when nobody says. */
  readonly idleReplicas: number;
  /**
   * Cores of an agent when nobody says.
   *
   * @default 0.5
   */
  readonly cpu?: number;
  /** Where an agent is on this platform, without gateway. */
  readonly address: (agent: AddressedAgent) => PlatformAddress;
  /** What the platform keeps only in part, or not at all, of what the agent asks for. */
  readonly limits: (workload: AgentWorkload, environment: Environment) => readonly PlatformLimit[];
}

/** What an address is made from. */
export interface AddressedAgent {
  readonly name: string;
  readonly environment: Environment;
  readonly reach: Reach;
  /** Seconds that a stream may last at most. */
  readonly taskDeadlineSeconds: number;
  /** Default domain of the Container Apps environment: a Terraform reference in a stack. */
  readonly containerAppsDomain: string;
}

/** Where an agent is on its platform. */
export interface PlatformAddress {
  /** Its own address. */
  readonly backendUrl: string;
  /** Its address for peers on the same platform. */
  readonly peerUrl: string;
  /** What the platform puts in front of it for callers from outside. */
  readonly hops: readonly Hop[];
  /** What the platform puts between a peer and it. */
  readonly peerHops: readonly Hop[];
}

/** One thing that a platform does not keep as the agent says it. */
export interface PlatformLimit {
  /** Which part of the definition: `readiness probe`, `termination grace`. */
  readonly aspect: string;
  /** `changed`: it runs, with something else in its place. `impossible`: it is refused. */
  readonly outcome: "changed" | "impossible";
  /** What is kept instead, or what is allowed and what to do. */
  readonly why: string;
}
