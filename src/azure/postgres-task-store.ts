import { PostgresqlFlexibleServerActiveDirectoryAdministrator } from "@cdktf/provider-azurerm/lib/postgresql-flexible-server-active-directory-administrator";
import { PostgresqlFlexibleServerDatabase } from "@cdktf/provider-azurerm/lib/postgresql-flexible-server-database";
import { Construct } from "constructs";
import type { OutsideDestination } from "../agent/agent-definition";
import { databaseOf, postgresVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { ExistingPostgres } from "../environment/existing-postgres";
import type { AgentBinding, IAgentDependency } from "../parts/agent-dependency";
import { existingPostgres } from "../parts/existing-postgres";
import type { AzureIdentity } from "./azure-identity";
import { grantSecret, type IKeyVaultSecrets, secretReference } from "./key-vault-secrets";
import type { INetwork } from "./network";
import { createPostgresServer } from "./postgres-server";
import type { IResourceGroup } from "./resource-group";

const POSTGRES_PORT = 5432;

export interface PostgresTaskStoreProps {
  readonly resourceGroup: IResourceGroup;
  /** Global name, 1 to 63 characters. */
  readonly name: string;
  /** Tenant whose identities log in. */
  readonly tenantId: string;
  /** Network with a subnet for it: it has no other address. */
  readonly network: INetwork;
  /** @default - "GP_Standard_D2ds_v5" with high availability, otherwise "B_Standard_B1ms" */
  readonly sku?: string;
  /** Whether a standby in another zone takes over. @default false */
  readonly highAvailability?: boolean;
  /** Days that backups are kept, 7 to 35. @default 14 */
  readonly backupRetentionDays?: number;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/** A server that exists by the time its agents are made. */
export interface TaskDatabaseServer {
  readonly name: string;
  /** Resource id. */
  readonly id: string;
  readonly resourceGroupName: string;
  readonly tenantId: string;
  /** Where pods are let out to: network policies know no names. @default - nowhere in particular */
  readonly egress?: readonly OutsideDestination[];
}

/**
 * The shared task store on Postgres: a flexible server that only the network reaches and nobody has a password for. Each
 * agent has a database, and logs in with its managed identity.
 *
 * Azure's API makes no other login than an administrator's, so identities keep agents from each other's databases no
 * longer once one is taken over.
 *
 * @example
 * const taskStore = new PostgresTaskStore(this, "task-store", { resourceGroup, name: "psql-acme-dev-tasks", tenantId, network });
 */
export class PostgresTaskStore extends Construct implements IAgentDependency<AzureIdentity> {
  /** A server of this kind that another stack made. */
  static fromServer(server: TaskDatabaseServer): IAgentDependency<AzureIdentity> {
    return {
      dependencyName: `task store ${server.name}`,
      bind: (scope, workload, identity) => bindDatabase(server, scope, workload, identity),
    };
  }

  /** A Postgres that exists, where each agent's role has a password in the vault. */
  static fromExisting(
    settings: ExistingPostgres,
    secrets: IKeyVaultSecrets,
  ): IAgentDependency<AzureIdentity> {
    return existingPostgres<AzureIdentity>(settings, (scope, { name, variable }, identity) => {
      const password = secrets.secret(name);
      return {
        secrets: [secretReference(secrets, password, variable)],
        grants: [grantSecret(scope, password, identity)],
        readyAfter: secrets.readyAfter,
      };
    });
  }

  readonly dependencyName: string;
  /** Resource id of the server. */
  readonly resourceId: string;
  private readonly server: TaskDatabaseServer;

  constructor(scope: Construct, id: string, props: PostgresTaskStoreProps) {
    super(scope, id);
    const { tenantId, resourceGroup } = props;
    const server = createPostgresServer(this, props, {
      authentication: { activeDirectoryAuthEnabled: true, passwordAuthEnabled: false, tenantId },
    });
    this.dependencyName = `task store ${props.name}`;
    this.resourceId = server.id;
    this.server = { name: server.name, id: server.id, resourceGroupName: resourceGroup.name, tenantId };
    this.node.defaultChild = server;
  }

  bind(scope: Construct, workload: AgentWorkload, identity: AzureIdentity): AgentBinding {
    return bindDatabase(this.server, scope, workload, identity);
  }
}

/** Database and login come and go with the agent. */
function bindDatabase(
  server: TaskDatabaseServer,
  scope: Construct,
  workload: AgentWorkload,
  identity: AzureIdentity,
): AgentBinding {
  if (workload.taskStore === "memory") return {};
  const { name, id, resourceGroupName, tenantId, egress } = server;
  const database = new PostgresqlFlexibleServerDatabase(scope, "task-database", {
    name: databaseOf(workload),
    serverId: id,
  });
  const login = new PostgresqlFlexibleServerActiveDirectoryAdministrator(scope, "task-login", {
    serverName: name,
    resourceGroupName,
    tenantId,
    objectId: identity.principalId,
    principalName: identity.name,
    principalType: "ServicePrincipal",
  });
  return {
    variables: postgresVariables(workload, {
      host: `${name}.postgres.database.azure.com`,
      port: POSTGRES_PORT,
      user: identity.name,
      sslMode: "verify-full",
      login: "entra",
    }),
    readyAfter: [database, login],
    egress,
  };
}
