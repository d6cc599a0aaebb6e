import { SqlDatabase } from "@cdktf/provider-google/lib/sql-database";
import { SqlDatabaseInstance } from "@cdktf/provider-google/lib/sql-database-instance";
import { SqlUser } from "@cdktf/provider-google/lib/sql-user";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { databaseOf, postgresVariables, secretVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { databaseLoginSecret } from "../environment/own-secrets";
import type { AgentBinding, IAgentDependency } from "../parts/agent-dependency";
import { provideRandom } from "../parts/provide-random";
import { editionOf } from "./facts/cloud-sql";
import type { GoogleIdentity } from "./google-identity";
import type { IGoogleNetwork } from "./google-network";
import type { IGoogleProject } from "./google-project";
import {
  createSecret,
  googleSecretReference,
  grantGoogleSecret,
  writeVersion,
} from "./secret-manager-secrets";

/** Where agents find the authorities that signed the server's certificate. */
const CA_FILE = "/etc/a2a/task-store/ca.pem";

const POSTGRES_PORT = 5432;

const PASSWORD_LENGTH = 48;

/** Days of changes that are kept beside the backups: the most that every edition has. */
const LOG_DAYS = 7;

export interface CloudSqlTaskStoreProps {
  readonly project: IGoogleProject;
  /** Name in the project, lower case letters, digits and hyphens, at most 97 characters with the project's id. */
  readonly name: string;
  /** Network that it is reached from, with private services access; it has no other address. */
  readonly network: IGoogleNetwork;
  /** Id of a secret in the project, by its name: each agent's password is one. */
  readonly secretId: (name: string) => string;
  /** @default - "db-custom-2-7680" with high availability, otherwise "db-custom-1-3840" */
  readonly tier?: string;
  /** Whether a standby in another zone takes over. @default true */
  readonly highAvailability?: boolean;
  /** Days that daily backups are kept, 7 to 365. @default 14 */
  readonly backupRetentionDays?: number;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/**
 * The shared task store on Google as a Postgres: a server of Cloud SQL that only the network reaches, with daily backups
 * and every change of the last week. Each agent has a database, and a user whose password is made up straight into
 * Secret Manager: it is in no plan and no state.
 *
 * The users are Postgres' own: a service account can log in there too, but Google's API gives it no right to anything.
 * For the same reason all users can reach all databases: it is their names and passwords that keep agents apart.
 *
 * @example
 * const taskStore = new CloudSqlTaskStore(this, "task-store", {
 *   project, name: "dev-tasks", network, secretId: (name) => `dev-${name}`,
 * });
 */
export class CloudSqlTaskStore extends Construct implements IAgentDependency<GoogleIdentity> {
  readonly dependencyName: string;
  private readonly server: SqlDatabaseInstance;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CloudSqlTaskStoreProps,
  ) {
    super(scope, id);
    const { project, name, network, highAvailability = true, deletionProtection = true } = props;
    const { tier = highAvailability ? "db-custom-2-7680" : "db-custom-1-3840" } = props;
    this.dependencyName = `task store ${name}`;
    this.server = new SqlDatabaseInstance(this, "resource", {
      project: project.id,
      region: project.region,
      name,
      databaseVersion: "POSTGRES_17",
      // Terraform's own protection, and below Google's: whoever deletes it in the console is refused as well.
      deletionProtection,
      settings: {
        tier,
        edition: editionOf(tier),
        availabilityType: highAvailability ? "REGIONAL" : "ZONAL",
        deletionProtectionEnabled: deletionProtection,
        diskType: "PD_SSD",
        diskSize: 10,
        diskAutoresize: true,
        ipConfiguration: { ipv4Enabled: false, privateNetwork: network.id, sslMode: "ENCRYPTED_ONLY" },
        backupConfiguration: {
          enabled: true,
          startTime: "02:00",
          pointInTimeRecoveryEnabled: true,
          transactionLogRetentionDays: LOG_DAYS,
          backupRetentionSettings: {
            retainedBackups: props.backupRetentionDays ?? 14,
            retentionUnit: "COUNT",
          },
        },
        maintenanceWindow: { day: 7, hour: 3, updateTrack: "stable" },
        insightsConfig: { queryInsightsEnabled: true },
        userLabels: { ...project.labels },
      },
      // Google makes the disk larger as it fills, and a disk that shrinks is another server.
      lifecycle: { ignoreChanges: ["settings[0].disk_size"], preventDestroy: deletionProtection },
      dependsOn: [...project.readyAfter, ...network.peeredAfter],
    });
    this.node.defaultChild = this.server;
    provideRandom(this);
  }

  /** Database, user and password come and go with the agent. */
  bind(scope: Construct, workload: AgentWorkload, identity: GoogleIdentity): AgentBinding {
    if (workload.taskStore === "memory") return {};
    const { server, props } = this;
    const { project } = props;
    const name = databaseLoginSecret(workload.name);
    const secret = createSecret(scope, "task-password", { project, secretId: props.secretId(name) });
    const user = new SqlUser(scope, "task-login", {
      project: project.id,
      instance: server.name,
      name: databaseOf(workload),
      passwordWo: "to be replaced below",
      passwordWoVersion: 1,
      dependsOn: [secret],
    });
    const made = makeUpPassword(user);
    user.addOverride("password_wo", made);
    // In the same apply as the user, right behind it: what is made up is another in the next.
    const password = writeVersion(scope, "task-password-version", {
      secret,
      name,
      content: { secretDataWo: made, secretDataWoVersion: 1 },
      after: [user],
    });
    // A user that owns something can't be deleted: its database goes first.
    const database = new SqlDatabase(scope, "task-database", {
      project: project.id,
      instance: server.name,
      name: databaseOf(workload),
      dependsOn: [user],
    });
    return {
      variables: postgresVariables(workload, {
        host: server.privateIpAddress,
        port: POSTGRES_PORT,
        user: databaseOf(workload),
        // Its certificate names the instance, and agents know its address.
        sslMode: "verify-ca",
        caFile: CA_FILE,
      }),
      files: [{ path: CA_FILE, content: `\${join("\\n", ${server.fqn}.server_ca_cert[*].cert)}` }],
      secrets: [googleSecretReference(project, password, secretVariables.databasePassword)],
      grants: [grantGoogleSecret(scope, project, password, identity.member)],
      readyAfter: [database, ...password.readyAfter],
    };
  }
}

/** A password that nobody knows, as an expression. Without special characters, because it may end up in a connection string. */
function makeUpPassword(user: SqlUser): string {
  const address = `random_password.${user.friendlyUniqueId}`;
  // cdktf has no ephemeral blocks.
  TerraformStack.of(user).addOverride(`ephemeral.${address}`, { length: PASSWORD_LENGTH, special: false });
  return `\${ephemeral.${address}.result}`;
}
