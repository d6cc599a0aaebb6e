import type { PlatformKind } from "../environment/environment";
import type {
  ExternalAgent,
  OutsideDestination,
  ProtocolBinding,
  ProtocolVersion,
  TaskStoreKind,
} from "./agent-definition";
import type { AgentRoute } from "./agent-route";
import type { AgentSkill } from "./agent-skill";
import type { Reach } from "./reach";
import type { ScalingRule } from "./scaling-rule";
import type { TokenIssuer } from "./token-issuer";
import type { TrafficWeight } from "./traffic-weight";

/** One agent in one environment, with every default decided. `resolveFleet` makes it; constructs only read it. */
export interface AgentWorkload {
  /** Name of this instance: the definition's, with `-<customer>` where each customer has one. */
  readonly name: string;
  /** Name of its definition. */
  readonly definition: string;
  readonly environment: string;
  /** The customer it serves, or null when it is shared. */
  readonly customer: string | null;
  readonly platform: PlatformKind;

  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Whole image reference, with server and tag or digest. */
  readonly image: string;
  readonly customerFacing: boolean;
  readonly reach: Reach;
  readonly route: AgentRoute;
  /** Who signs the tokens of its callers, or null where the environment has no identity provider. */
  readonly tokenIssuer: TokenIssuer | null;

  readonly port: number;
  readonly metricsPort: number | null;
  /** Whether something on its platform reads that port; otherwise it sends its metrics to the collector. */
  readonly metricsAreScraped: boolean;
  /** Cores of each replica. */
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly workers: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly scaling: ScalingRule;
  readonly traffic: readonly TrafficWeight[];

  readonly taskStore: TaskStoreKind;
  readonly taskDeadlineSeconds: number;
  /** What its users may expect: the share of tasks that don't fail, and the seconds that 95 of 100 keep within. */
  readonly objectives: { readonly successShare: number; readonly latencySeconds: number };
  /** Null when the agent sends none. */
  readonly heartbeatSeconds: number | null;
  readonly resubscribe: boolean;
  readonly resumesTasks: boolean;
  readonly requestTimeoutSeconds: number;
  readonly gracefulTimeoutSeconds: number;
  readonly terminationGraceSeconds: number;
  /** Seconds after which the tasks of a replica that is gone belong to whoever finds them. */
  readonly taskLeaseSeconds: number;
  readonly probes: AgentProbes;

  readonly skills: readonly AgentSkill[];
  readonly streaming: boolean;
  readonly pushNotifications: boolean;
  readonly inputModes: readonly string[];
  readonly outputModes: readonly string[];
  readonly protocolVersions: readonly ProtocolVersion[];
  readonly protocolBindings: readonly ProtocolBinding[];

  /** Agents of the fleet that it calls. */
  readonly peers: readonly AgentPeer[];
  /** Names of the agents of the fleet that call it. */
  readonly callers: readonly string[];
  readonly externalAgents: readonly ExternalAgent[];
  readonly egress: readonly OutsideDestination[];

  readonly model: string | null;
  readonly logLevel: string;
  readonly corsOrigins: readonly string[];
  readonly rateLimitPerMinute: number;
  /** The agent's own plain variables, the environment's over the definition's. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly AgentSecret[];
  readonly tags: Readonly<Record<string, string>>;
}

/** The three probes of an agent. */
export interface AgentProbes {
  readonly startup: AgentProbe;
  readonly liveness: AgentProbe;
  readonly readiness: AgentProbe;
}

/** An HTTP probe on the agent's port. */
export interface AgentProbe {
  readonly path: string;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

/** An agent that another one calls, as the caller sees it. */
export interface AgentPeer {
  /** Key in AGENT_REGISTRY: the peer's name. */
  readonly name: string;
  /**
   * URL that this caller uses: the peer's own where both share a platform, its public one across clouds. Ends with a
   * slash.
   */
  readonly url: string;
  readonly scope: string;
  readonly platform: PlatformKind;
  /** Port that its container listens on: network policies see it, behind every service address. */
  readonly port: number;
}

/** A secret that an agent reads. */
export interface AgentSecret {
  /** Variable that carries it. */
  readonly variable: string;
  /** Its name in the environment's vault. */
  readonly name: string;
}
