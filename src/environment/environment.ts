import type { AzureSettings } from "../azure/facts/azure-settings";
import type { ContainerAppsSettings } from "../azure/facts/container-apps-settings";
import type { KubernetesSettings } from "../cluster/facts/kubernetes-settings";
import type { MeshSettings } from "../cluster/facts/mesh-settings";
import type { GatewaySettings } from "../gateway/gateway-settings";
import type { CloudRunSettings } from "../google/facts/cloud-run-settings";
import type { GoogleSettings } from "../google/facts/google-settings";
import type { IdentityProviderSettings } from "../identity/identity-provider-settings";
import type { RegistrySettings } from "./registry-settings";
import type { StateSettings } from "./state-settings";
import type { TaskStoreSettings } from "./task-store-settings";
import type { TelemetrySettings } from "./telemetry-settings";
import type { VaultSettings } from "./vault-settings";

/** Where an agent runs. */
export type PlatformKind = "container-apps" | "kubernetes" | "cloud-run";

/** From where an agent's own address can be reached. */
export type Reach =
  /** From its platform's own environment or cluster only. */
  | "environment"
  /** From the virtual network: what a gateway outside the environment needs. */
  | "vnet"
  /** From anywhere. */
  | "internet";

/** Where and how big: everything that is particular to `dev`, `staging` or `production`, as plain data. */
export interface Environment {
  /** Name of the environment and of its stack: lower case letters and digits, at most 12 characters. */
  readonly name: string;

  /**
   * What is at stake. `production` keeps data (deletion protection), survives the loss of a zone (high availability)
   * and takes images by digest only; each of these can be set on its own below.
   */
  readonly stage: "development" | "staging" | "production";

  /**
   * Leads the name of everything that is unique in the world (vault, registry, store): lower case letters and digits,
   * starts with a letter, 2 to 8 characters. Your organisation's, not the product's.
   */
  readonly prefix: string;

  /** Public DNS domain of the environment. The gateway, custom domains and certificates are under it. */
  readonly domain: string;

  /** Entra tenant id (a UUID), or any stable name of your organisation where there is no Entra. Part of every audience. */
  readonly tenant: string;

  /** The Azure side; needed by Container Apps, AKS, API Management and Azure's stores. @default - no Azure */
  readonly azure?: AzureSettings;

  /** The Google side; needed by Cloud Run and Google's stores. @default - no Google Cloud */
  readonly google?: GoogleSettings;

  /** Where agents run unless `agents` says otherwise. */
  readonly platform: PlatformKind;

  /** @default {} */
  readonly containerApps?: ContainerAppsSettings;
  /** @default {} */
  readonly kubernetes?: KubernetesSettings;
  /** @default {} */
  readonly cloudRun?: CloudRunSettings;

  /**
   * Agents of the fleet that this environment leaves out, and what it changes about those that it runs.
   *
   * @default {}
   */
  readonly agents?: Readonly<Record<string, AgentOverrides>>;

  /**
   * Customers: each gets its own instance of every agent with `perCustomer`. Lower case letters, digits, hyphens.
   *
   * @default []
   */
  readonly customers?: readonly string[];

  /** Where images come from. */
  readonly registry: RegistrySettings;

  /** Where state is kept. A rehearsal always keeps its own, locally. */
  readonly state: StateSettings;

  /** Where secrets are kept. */
  readonly vault: VaultSettings;

  /** The shared task store. `{ kind: "memory" }`: none; agents keep tasks in the process and stay at one replica. */
  readonly taskStore: TaskStoreSettings;

  /** @default - Log Analytics, Application Insights and a collector on Azure; Cloud Trace and Logging on Google */
  readonly telemetry?: TelemetrySettings;

  /** API Management in front of all agents. @default - no gateway: agents are reached at their own addresses */
  readonly gateway?: GatewaySettings;

  /** Who signs callers' tokens. @default - none: agents are told of no issuer */
  readonly identityProvider?: IdentityProviderSettings;

  /** Dapr between the agents. @default - no mesh */
  readonly mesh?: MeshSettings;

  /** LiteLLM gateway that agents with a `model` use. @default - none */
  readonly modelGateway?: ModelGatewaySettings;

  /**
   * Whether what holds data cannot be destroyed (vault purge protection, `prevent_destroy`, locks).
   *
   * @default - true in production
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether shared parts survive the loss of a zone.
   *
   * @default - true in production
   */
  readonly highAvailability?: boolean;

  /**
   * Days that logs and traces are kept (30 to 730, Log Analytics' own range).
   *
   * @default 30
   */
  readonly retentionDays?: number;

  /**
   * Level at which agents log.
   *
   * @default "info"
   */
  readonly logLevel?: "debug" | "info" | "warning" | "error";

  /**
   * Origins of browsers that may call the agents.
   *
   * @default []
   */
  readonly corsOrigins?: readonly string[];

  /**
   * Requests that one caller may send in a minute to one agent.
   *
   * @default 100
   */
  readonly rateLimitPerMinute?: number;

  /**
   * Upper bound on replicas of every agent: 1 keeps a development environment cheap.
   *
   * @default - what each agent says
   */
  readonly replicaLimit?: number;

  /**
   * Whether internal agents may scale to zero here. People never wait for a customer-facing one in any case.
   *
   * @default - true except in production
   */
  readonly scaleToZero?: boolean;

  /** Tags (Azure) and labels (Google, Kubernetes) on everything. @default {} */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What one environment changes about one agent. Everything else is the definition's. */
export interface AgentOverrides {
  /** @default true */
  readonly enabled?: boolean;
  /** @default - the environment's platform */
  readonly platform?: PlatformKind;
  /**
   * Tag, or digest (`sha256:…`), of the image. Production takes digests only.
   *
   * @default - the definition's version as the tag
   */
  readonly image?: string;
  readonly cpu?: number;
  readonly memoryMiB?: number;
  readonly workers?: number;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly taskDeadlineSeconds?: number;
  /** @default - behind a gateway `vnet`; otherwise `internet` when customer-facing, `environment` when internal */
  readonly reach?: Reach;
  /** Variables of this environment, over the definition's. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Weights of revisions for a gradual rollout, in percent; they add up to 100. `latest` is the newest.
   *
   * @default - everything to the latest revision
   */
  readonly traffic?: readonly TrafficWeight[];
}

/** A share of an agent's traffic. */
export interface TrafficWeight {
  /** Suffix of a revision, or `latest`. */
  readonly revision: string;
  /** 0 to 100. */
  readonly percent: number;
  /**
   * Name under which the revision also has an address of its own, where the platform gives it one (Cloud Run:
   * `https://<tag>---<service>…`): for trying it at 0 percent.
   *
   * @default - none
   */
  readonly tag?: string;
}

/** A LiteLLM gateway that exists. */
export interface ModelGatewaySettings {
  /** Base URL inside the network; LiteLLM listens on 4000. */
  readonly url: string;
  /**
   * Name of the secret, in the environment's vault, that holds the agents' key.
   *
   * @default "litellm-api-key"
   */
  readonly keySecret?: string;
}
