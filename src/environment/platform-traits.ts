import type { Hop } from "../agent/agent-route";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Reach } from "../agent/reach";
import type { CloudTraits } from "./cloud-traits";
import type { Environment, TaskStoreSettings } from "./environment";
import type { RegistryTraits } from "./registry-traits";
import type { TaskStoreTraits } from "./task-store-traits";
import type { VaultTraits } from "./vault-traits";

/** What resolving a fleet has to know of a platform, without any provider: addresses, defaults, and what it can't keep. */
export interface PlatformTraits<Kind extends string = string> {
  readonly kind: Kind;
  /** For messages: `Container Apps`. */
  readonly title: string;
  /** The stack that its agents are in: the environment's own, that of its cluster, or none at all. */
  readonly stack: "environment" | "cluster" | null;
  /** Cloud whose identities its agents have; null where they have none of a cloud. */
  readonly cloud: (environment: Environment) => CloudTraits | null;
  /** Fewest replicas of an internal agent when nobody says. */
  readonly idleReplicas: number;
  /**
   * Cores of an agent when nobody says.
   *
   * @default 0.5
   */
  readonly cpu?: number;
  /** Whether something reads the metrics port of its agents. */
  readonly scrapesMetrics: (environment: Environment) => boolean;
  /** Seconds between SIGTERM and SIGKILL where the platform decides them. @default - the agent's own */
  readonly graceSeconds?: number;
  /** Whether a request starts a replica whatever else the agent scales on. */
  readonly wakesForRequests: boolean;
  /** Whether its agents are inside of the environment's network, so that a gateway has to reach into it. */
  readonly insideNetwork: boolean;
  /** Whether its agents read the environment's vault, whatever that is; otherwise they read their cloud's own. */
  readonly readsVault: boolean;
  /** Where it pulls images from, whatever the environment's registry is. @default - from that */
  readonly imageServer?: (environment: Environment) => string;
  /** Where images are pushed to, where what it pulls from fetches them from another registry. @default - none of its own */
  readonly pushServer?: (environment: Environment) => string | undefined;
  /** Task store of its agents where they have another than the environment's. @default - they have that */
  readonly taskStore?: (environment: Environment) => TaskStoreSettings | undefined;
  /** Parts of the environment that its agents cannot use. @default - what is wrong is said elsewhere */
  readonly unusable?: (parts: ChosenParts) => readonly UnusablePart[];
  /** Why its agents cannot reach their shared store, and what to do; undefined where they can. @default - they can */
  readonly storeOutOfReach?: (store: TaskStoreTraits) => string | undefined;
  /** What opens its agents to the internet beside a gateway, where the environment's settings do. @default - nothing does */
  readonly openBesideGateway?: (environment: Environment) => OpenPlace | undefined;
  /** How the platform itself asks callers who they are, where it can. @default - it lets everybody through */
  readonly ownCallerCheck?: {
    readonly isOn: (environment: Environment) => boolean;
    /** How to have it. */
    readonly remedy: string;
  };
  /** Where an agent is on this platform, without gateway. */
  readonly address: (agent: AddressedAgent) => PlatformAddress;
  /** What the platform keeps only in part, or not at all, of what the agent asks for. */
  readonly limits: (workload: AgentWorkload, environment: Environment) => readonly PlatformLimit[];
}

/** The parts that an environment chose, as the lists know them. */
export interface ChosenParts {
  readonly vault: VaultTraits;
  readonly taskStore: TaskStoreTraits;
  readonly registry: RegistryTraits;
}

/** A part that agents cannot reach, pull from or read. */
export interface UnusablePart {
  readonly part: keyof ChosenParts;
  /** What it is, why it is of no use, and what to use. */
  readonly why: string;
}

/** Something that lets callers in beside the gateway. */
export interface OpenPlace {
  readonly why: string;
  readonly remedy: string;
}

/** What an address is made from. */
export interface AddressedAgent {
  readonly name: string;
  readonly environment: Environment;
  readonly reach: Reach;
  /** Port that it listens on. */
  readonly port: number;
  /** Seconds that a stream may last at most. */
  readonly taskDeadlineSeconds: number;
  /** Default domain of the Container Apps environment: a Terraform reference in a stack. */
  readonly containerAppsDomain: string;
}

/** Where an agent is on its platform. */
export interface PlatformAddress {
  /** Its own address, without a slash at its end. */
  readonly backendUrl: string;
  /** Its address for peers on the same platform, with or without that slash. */
  readonly peerUrl: string;
  /**
   * Whether the gateway's `X-Forwarded-Host` gets through what the platform puts in front: by it an agent knows who
   * comes from outside, and gets the card for them.
   *
   * @default true
   */
  readonly keepsForwardedHost?: boolean;
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

/** An aspect with something else in its place. */
export function changed(aspect: string, why: string): PlatformLimit[] {
  return [{ aspect, outcome: "changed", why }];
}

/** An aspect that is refused. */
export function impossible(aspect: string, why: string): PlatformLimit[] {
  return [{ aspect, outcome: "impossible", why }];
}
