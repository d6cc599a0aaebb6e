import type { AgentDefinition } from "../agent/agent-definition";
import type { AzureEnvironment } from "../azure/facts/azure-environment";
import type { ClusterSettings } from "../choices/clusters";
import type { IdentityProviderSettings } from "../choices/issuers";
import type { PlatformKind } from "../choices/platforms";
import type { RegistrySettings } from "../choices/registries";
import type { TaskStoreSettings } from "../choices/task-stores";
import type { VaultSettings } from "../choices/vaults";
import type { ClusterEnvironment } from "../cluster/facts/cluster-environment";
import type { GatewayEnvironment } from "../gateway/gateway-settings";
import type { GoogleEnvironment } from "../google/facts/google-environment";
import type { LocalEnvironment } from "../local/facts/local-settings";
import type { AgentOverrides } from "./agent-overrides";
import type { EnvironmentCore } from "./environment-core";

export type {
  ClusterSettings,
  IdentityProviderSettings,
  PlatformKind,
  RegistrySettings,
  TaskStoreSettings,
  VaultSettings,
};

/** Where and how big: everything that is particular to `dev`, `staging` or `production`, as plain data. */
export interface Environment
  extends EnvironmentCore,
    AzureEnvironment,
    GoogleEnvironment,
    ClusterEnvironment,
    GatewayEnvironment,
    LocalEnvironment {
  /**
   * Agents that run here in the place of the fleet's: an environment that is a fleet of its own.
   *
   * @default - the agents of the fleet
   */
  readonly fleet?: readonly AgentDefinition[];

  /** Where agents run unless `agents` says otherwise. */
  readonly platform: PlatformKind;

  /**
   * Agents of the fleet that this environment leaves out, and what it changes about those that it runs.
   *
   * @default {}
   */
  readonly agents?: Readonly<Record<string, AgentOverrides>>;

  /** Where images come from. */
  readonly registry: RegistrySettings;

  /** Where secrets are kept. */
  readonly vault: VaultSettings;

  /** The shared task store. `{ kind: "memory" }`: none; agents keep tasks in the process and stay at one replica. */
  readonly taskStore: TaskStoreSettings;

  /** Who signs callers' tokens. @default - none: agents are told of no issuer */
  readonly identityProvider?: IdentityProviderSettings;
}
