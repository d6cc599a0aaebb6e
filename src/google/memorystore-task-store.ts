import { RedisInstance } from "@cdktf/provider-google/lib/redis-instance";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { secretVariables, taskStoreVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { ownSecrets } from "../environment/own-secrets";
import type { AgentBinding, IAgentDependency } from "../parts/agent-dependency";
import type { GoogleIdentity } from "./google-identity";
import type { IGoogleNetwork } from "./google-network";
import type { IGoogleProject } from "./google-project";
import {
  type GoogleSecret,
  googleSecretReference,
  grantGoogleSecret,
  type ISecretManagerSecrets,
  writeSecret,
} from "./secret-manager-secrets";

/** Where agents find the authorities that signed the store's certificate. */
const CA_FILE = "/etc/a2a/task-store/ca.pem";

export interface MemorystoreTaskStoreProps {
  readonly project: IGoogleProject;
  /** Name in the project, 2 to 40 characters. */
  readonly name: string;
  /** Network that it is reached from; it has no other address. */
  readonly network: IGoogleNetwork;
  /** Id of the secret that gets the store's URL. */
  readonly urlSecretId: string;
  /** Id of the secret that gets the store's password alone, for clients that take host, port and password. */
  readonly passwordSecretId: string;
  /** Memory in GiB, 1 to 300. @default 1 */
  readonly memorySizeGiB?: number;
  /** Whether it survives the loss of a zone. Changing it recreates the store. @default true */
  readonly highAvailability?: boolean;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/**
 * The shared task store on Google: a Memorystore for Redis with a password and TLS, which evicts nothing.
 *
 * Its certificates are signed by authorities of its own: agents get all of them, in the file that
 * `REDIS_CA_FILE` names, because a new one is added before the old one ends.
 *
 * @example
 * const taskStore = new MemorystoreTaskStore(this, "task-store", {
 *   project, name: "dev-tasks", network,
 *   urlSecretId: "dev-task-store-url", passwordSecretId: "dev-task-store-key",
 * });
 */
export class MemorystoreTaskStore extends Construct implements IAgentDependency<GoogleIdentity> {
  /** A Redis that exists, whose whole URL (`rediss://…`) is a secret. */
  static fromExisting(props: {
    readonly host: string;
    readonly port: number;
    readonly secrets: ISecretManagerSecrets;
    readonly urlSecret: string;
  }): IAgentDependency<GoogleIdentity> {
    const { host, port, secrets, urlSecret } = props;
    return {
      dependencyName: `task store ${host}`,
      bind: (scope, workload, identity) => {
        if (workload.taskStore === "memory") return {};
        const url = secrets.secret(urlSecret);
        return {
          variables: taskStoreVariables(workload, { host, port, tls: true }),
          secrets: [googleSecretReference(secrets.project, url, secretVariables.taskStoreUrl)],
          grants: [grantGoogleSecret(scope, secrets.project, url, identity.member)],
          readyAfter: url.readyAfter,
        };
      },
    };
  }

  readonly dependencyName: string;
  private readonly project: IGoogleProject;
  private readonly redis: RedisInstance;
  private readonly url: GoogleSecret;
  private readonly password: GoogleSecret;

  constructor(scope: Construct, id: string, props: MemorystoreTaskStoreProps) {
    super(scope, id);
    const { project, name, network, memorySizeGiB = 1 } = props;
    const { highAvailability = true, deletionProtection = true } = props;
    this.dependencyName = `task store ${name}`;
    this.project = project;
    this.redis = new RedisInstance(this, "resource", {
      project: project.id,
      region: project.region,
      name,
      displayName: "Task store of the agents",
      tier: highAvailability ? "STANDARD_HA" : "BASIC",
      memorySizeGb: memorySizeGiB,
      redisVersion: "REDIS_7_2",
      authEnabled: true,
      transitEncryptionMode: "SERVER_AUTHENTICATION",
      connectMode: "PRIVATE_SERVICE_ACCESS",
      authorizedNetwork: network.id,
      // Tasks carry a time to live, so any evicting policy would evict them first.
      redisConfigs: { "maxmemory-policy": "noeviction" },
      persistenceConfig: highAvailability
        ? { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" }
        : { persistenceMode: "DISABLED" },
      labels: { ...project.labels },
      lifecycle: { preventDestroy: deletionProtection },
      dependsOn: [...project.readyAfter, ...network.peeredAfter],
    });
    this.node.defaultChild = this.redis;
    const { host, port, authString } = this.redis;
    this.url = writeSecret(this, "url", {
      project,
      name: ownSecrets.taskStoreUrl,
      secretId: props.urlSecretId,
      content: { secretData: `rediss://:${Fn.urlencode(authString)}@${host}:${Token.asString(port)}` },
    });
    this.password = writeSecret(this, "key", {
      project,
      name: ownSecrets.taskStoreKey,
      secretId: props.passwordSecretId,
      content: { secretData: authString },
    });
  }

  bind(scope: Construct, workload: AgentWorkload, identity: GoogleIdentity): AgentBinding {
    if (workload.taskStore === "memory") return {};
    const { project, redis, url, password } = this;
    return {
      variables: taskStoreVariables(workload, {
        host: redis.host,
        port: Token.asString(redis.port),
        tls: true,
        caFile: CA_FILE,
      }),
      files: [{ path: CA_FILE, content: `\${join("\\n", ${redis.fqn}.server_ca_certs[*].cert)}` }],
      secrets: [
        googleSecretReference(project, url, secretVariables.taskStoreUrl),
        googleSecretReference(project, password, secretVariables.taskStorePassword),
      ],
      grants: [url, password].map((secret) => grantGoogleSecret(scope, project, secret, identity.member)),
      readyAfter: [...url.readyAfter, ...password.readyAfter],
    };
  }
}
