import { ManagedRedis } from "@cdktf/provider-azurerm/lib/managed-redis";
import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { RedisCache } from "@cdktf/provider-azurerm/lib/redis-cache";
import { Fn, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { secretVariables, taskStoreVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { isExistingPostgres } from "../environment/existing-postgres";
import { ownSecrets } from "../environment/own-secrets";
import type { AgentBinding, EgressDestination, IAgentDependency } from "../parts/agent-dependency";
import { wayToHost } from "../parts/way-to";
import type { AzureIdentity } from "./azure-identity";
import type { AzurePlan } from "./azure-plan";
import type { ManagedRedis as ManagedRedisSettings } from "./facts/managed-redis";
import type { RedisCache as RedisCacheSettings } from "./facts/redis-cache";
import {
  grantSecret,
  type IKeyVaultSecrets,
  secretReference,
  type VaultSecret,
  writeSecret,
} from "./key-vault-secrets";
import type { INetwork } from "./network";
import { PostgresTaskStore } from "./postgres-task-store";
import { PrivateEndpoint } from "./private-endpoint";
import type { IResourceGroup } from "./resource-group";

/** Name, in the vault, of the secret with the store's whole URL. */
const TASK_STORE_URL_SECRET = ownSecrets.taskStoreUrl;

/** Name, in the vault, of the secret with the store's key alone, for clients that take host, port and password. */
const TASK_STORE_KEY_SECRET = ownSecrets.taskStoreKey;

export interface RedisTaskStoreProps {
  readonly resourceGroup: IResourceGroup;
  /** Global name. */
  readonly name: string;
  /** Vault that gets the store's URL, with its key. */
  readonly secrets: IKeyVaultSecrets;
  /**
   * Kind and size.
   *
   * @default - Azure Managed Redis, Balanced_B0
   */
  readonly settings?: ManagedRedisSettings | RedisCacheSettings;
  /** Whether it survives the loss of a zone. Changing it recreates the store. @default true */
  readonly highAvailability?: boolean;
  /** Network from which it is reached; without it, by TLS and key from anywhere. @default - open */
  readonly network?: INetwork;
  /** @default true */
  readonly deletionProtection?: boolean;
  /** Log Analytics workspace that is told who connects. @default - nobody is */
  readonly workspaceId?: string;
}

/**
 * The shared task store: a Redis that is encrypted, evicts nothing, and is reached through a URL in the vault.
 *
 * @example
 * const taskStore = new RedisTaskStore(this, "task-store", { resourceGroup, name: "redis-acme-dev", secrets });
 */
export class RedisTaskStore extends Construct implements IAgentDependency<AzureIdentity> {
  /** A Redis that exists, whose whole URL (`rediss://…`) is a secret of the vault. */
  static fromExisting(props: {
    readonly host: string;
    readonly port: number;
    readonly secrets: IKeyVaultSecrets;
    readonly urlSecret: string;
    /** Name of the secret with its password. @default - only the whole URL is known */
    readonly passwordSecret?: string;
    /**
     * Address range it is reached at, where that is a private one: network policies know no names.
     *
     * @default - public addresses
     */
    readonly cidr?: string;
  }): IAgentDependency<AzureIdentity> {
    const { host, port, secrets, urlSecret, passwordSecret, cidr } = props;
    const password = passwordSecret === undefined ? null : secrets.secret(passwordSecret);
    const egress = wayToHost(host, port, cidr);
    return {
      dependencyName: `task store ${host}`,
      bind: (scope, workload, identity) =>
        bindStore(
          { host, port, secrets, url: secrets.secret(urlSecret), password, readyAfter: [], egress },
          scope,
          workload,
          identity,
        ),
    };
  }

  readonly dependencyName: string;
  /** Resource id of the store. */
  readonly resourceId: string;
  private readonly store: Store;

  constructor(scope: Construct, id: string, props: RedisTaskStoreProps) {
    super(scope, id);
    this.dependencyName = `task store ${props.name}`;
    const settings = props.settings ?? { kind: "managed-redis" };
    const { host, port, key, targetId, audit } =
      settings.kind === "managed-redis"
        ? this.managedRedis(props, settings)
        : this.redisCache(props, settings);
    this.resourceId = targetId;
    if (props.workspaceId !== undefined) this.audit(audit, props.workspaceId);
    const url = writeSecret(this, "url", {
      vault: props.secrets,
      name: TASK_STORE_URL_SECRET,
      value: `rediss://:${Fn.urlencode(key)}@${host}:${port}`,
      contentType: "application/x-redis-url",
    });
    const password = writeSecret(this, "key", {
      vault: props.secrets,
      name: TASK_STORE_KEY_SECRET,
      value: key,
      contentType: "text/plain",
    });
    this.store = {
      host,
      port,
      secrets: props.secrets,
      url,
      password,
      // Only Kubernetes has policies that an agent must be let out by, and there the store is found by name.
      egress: [],
      readyAfter:
        props.network === undefined ? [] : this.enterFrom(props.network, props, settings.kind, targetId),
    };
  }

  bind(scope: Construct, workload: AgentWorkload, identity: AzureIdentity): AgentBinding {
    return bindStore(this.store, scope, workload, identity);
  }

  /** Who connects: the store has one key, which whoever holds it can use from wherever it is reached. */
  private audit({ targetId, category }: Endpoint["audit"], workspaceId: string): void {
    new MonitorDiagnosticSetting(this, "audit", {
      name: "audit",
      targetResourceId: targetId,
      logAnalyticsWorkspaceId: workspaceId,
      enabledLog: [{ category }],
    });
  }

  private managedRedis(props: RedisTaskStoreProps, settings: ManagedRedisSettings): Endpoint {
    const { resourceGroup, name, network, highAvailability = true, deletionProtection = true } = props;
    const { sku = "Balanced_B0", persistence = highAvailability ? "aof-1s" : "none" } = settings;
    const redis = new ManagedRedis(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      skuName: sku,
      highAvailabilityEnabled: highAvailability,
      publicNetworkAccess: network === undefined ? "Enabled" : "Disabled",
      defaultDatabase: {
        accessKeysAuthenticationEnabled: true,
        clientProtocol: "Encrypted",
        // One endpoint for clients that know nothing of clusters; the provider's default needs ones that do.
        clusteringPolicy: "EnterpriseCluster",
        // Tasks carry a time to live, so any evicting policy would evict them first.
        evictionPolicy: "NoEviction",
        ...(persistence === "aof-1s" ? { persistenceAppendOnlyFileBackupFrequency: "1s" } : {}),
        ...(persistence.startsWith("rdb-")
          ? { persistenceRedisDatabaseBackupFrequency: persistence.slice(4) }
          : {}),
      },
      tags: { ...resourceGroup.tags },
      lifecycle: {
        preventDestroy: deletionProtection,
        postcondition: [hasKey(name, "self.default_database[0].primary_access_key")],
      },
    });
    this.node.defaultChild = redis;
    return {
      host: redis.hostname,
      port: Token.asString(redis.defaultDatabase.port),
      key: redis.defaultDatabase.primaryAccessKey,
      targetId: redis.id,
      audit: { targetId: redis.defaultDatabase.id, category: "ConnectionEvents" },
    };
  }

  private redisCache(
    props: RedisTaskStoreProps,
    { sku = "Standard", capacity = 1 }: RedisCacheSettings,
  ): Endpoint {
    const { resourceGroup, name, network, deletionProtection = true } = props;
    const redis = new RedisCache(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      skuName: sku,
      family: sku === "Premium" ? "P" : "C",
      capacity,
      nonSslPortEnabled: false,
      minimumTlsVersion: "1.2",
      publicNetworkAccessEnabled: network === undefined,
      redisConfiguration: { maxmemoryPolicy: "noeviction" },
      tags: { ...resourceGroup.tags },
      lifecycle: { preventDestroy: deletionProtection },
    });
    this.node.defaultChild = redis;
    return {
      host: redis.hostname,
      port: Token.asString(redis.sslPort),
      key: redis.primaryAccessKey,
      targetId: redis.id,
      audit: { targetId: redis.id, category: "ConnectedClientList" },
    };
  }

  private enterFrom(
    network: INetwork,
    { resourceGroup, name }: RedisTaskStoreProps,
    kind: "managed-redis" | "redis-cache",
    targetId: string,
  ): readonly ITerraformDependable[] {
    const managed = kind === "managed-redis";
    const endpoint = new PrivateEndpoint(this, "endpoint", {
      resourceGroup,
      network,
      name: `pe-${name}`,
      targetId,
      subresource: managed ? "redisEnterprise" : "redisCache",
      zoneName: managed ? "privatelink.redis.azure.net" : "privatelink.redis.cache.windows.net",
    });
    return endpoint.readyAfter;
  }
}

/** Without key authentication a URL with an empty password deploys, and no agent can log in. */
function hasKey(name: string, attribute: string) {
  return {
    condition: `\${length(${attribute}) > 0}`,
    errorMessage:
      `Task store ${name} has no access key, so that agents could not log in; ` +
      "turn access key authentication on and deploy again.",
  };
}

/** Where a new Redis is, and its key: references, all of them. */
interface Endpoint {
  readonly host: string;
  readonly port: string;
  readonly key: string;
  readonly targetId: string;
  /** What says who connects, and under which name. */
  readonly audit: { readonly targetId: string; readonly category: string };
}

interface Store {
  readonly host: string;
  readonly port: number | string;
  readonly secrets: IKeyVaultSecrets;
  readonly url: VaultSecret;
  /** Null where only the whole URL is known. */
  readonly password: VaultSecret | null;
  readonly readyAfter: readonly ITerraformDependable[];
  readonly egress: readonly EgressDestination[];
}

function bindStore(
  store: Store,
  scope: Construct,
  workload: AgentWorkload,
  identity: AzureIdentity,
): AgentBinding {
  if (workload.taskStore === "memory") return {};
  const { secrets, url, password } = store;
  return {
    variables: taskStoreVariables(workload, { host: store.host, port: store.port, tls: true }),
    secrets: [
      secretReference(secrets, url, secretVariables.taskStoreUrl),
      ...(password === null ? [] : [secretReference(secrets, password, secretVariables.taskStorePassword)]),
    ],
    grants: [url, ...(password === null ? [] : [password])].map((secret) =>
      grantSecret(scope, secret, identity),
    ),
    readyAfter: [...secrets.readyAfter, ...store.readyAfter],
    egress: store.egress,
  };
}

/** The shared store of an environment, as a dependency of its agents: one that exists, its own, or none. */
export function provideTaskStore(
  scope: Construct,
  id: string,
  plan: AzurePlan["taskStore"],
  parts: Omit<RedisTaskStoreProps, "name" | "settings">,
): IAgentDependency<AzureIdentity>[] {
  if (plan === undefined) return [];
  if (plan.kind === "created") return [new RedisTaskStore(scope, id, { ...parts, ...plan })];
  if (isExistingPostgres(plan)) return [PostgresTaskStore.fromExisting(plan, parts.secrets)];
  if (plan.kind === "postgres") {
    const { network } = parts;
    if (network === undefined)
      throw new Error(`task store ${plan.name} has no network to stand in; give it one`);
    return [new PostgresTaskStore(scope, id, { ...parts, ...plan, network })];
  }
  return [RedisTaskStore.fromExisting({ ...plan, secrets: parts.secrets })];
}
