import {
  PostgresqlFlexibleServer,
  type PostgresqlFlexibleServerConfig,
} from "@cdktf/provider-azurerm/lib/postgresql-flexible-server";
import { PostgresqlFlexibleServerDatabase } from "@cdktf/provider-azurerm/lib/postgresql-flexible-server-database";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ownSecrets } from "../environment/own-secrets";
import { type GeneratedSecret, generateSecret } from "./generated-secret";
import type { IKeyVaultSecrets, VaultSecret } from "./key-vault-secrets";
import type { INetwork } from "./network";
import { privateZone } from "./private-zone";
import type { IResourceGroup } from "./resource-group";

export interface PostgresServerProps {
  readonly resourceGroup: IResourceGroup;
  /** Global name, 1 to 63 characters. */
  readonly name: string;
  /** Network with a subnet for it: it has no other address. */
  readonly network: INetwork;
  /** Vault that gets the administrator's password. */
  readonly secrets: IKeyVaultSecrets;
  /**
   * SKU. Burstable ones (`B_`) cannot survive the loss of a zone.
   *
   * @default - "GP_Standard_D2ds_v5" with high availability, otherwise "B_Standard_B1ms"
   */
  readonly sku?: string;
  /** Whether a standby in another zone takes over. @default false */
  readonly highAvailability?: boolean;
  /** Days that backups are kept, 7 to 35. @default 14 */
  readonly backupRetentionDays?: number;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/** A database of a server, as an application connects to it. */
export interface PostgresDatabase {
  /** Resource id of the fleet's own server. @default - it is somebody else's, who watches it */
  readonly serverId?: string;
  readonly host: string;
  readonly name: string;
  readonly user: string;
  readonly password: VaultSecret;
  readonly readyAfter: readonly ITerraformDependable[];
}

const ADMINISTRATOR = "fleet";

/** A Postgres flexible server with private access and backups. Its password is made up, and only in the vault. */
export class PostgresServer extends Construct {
  private readonly server: PostgresqlFlexibleServer;
  private readonly password: GeneratedSecret;

  constructor(scope: Construct, id: string, props: PostgresServerProps) {
    super(scope, id);
    const { secrets } = props;
    this.password = generateSecret(this, "password", { vault: secrets, name: ownSecrets.postgresPassword });
    this.server = createPostgresServer(this, props, {
      administratorLogin: ADMINISTRATOR,
      administratorPasswordWo: this.password.readBack(),
      administratorPasswordWoVersion: 1,
    });
    this.node.defaultChild = this.server;
  }

  /** Makes a database. */
  database(scope: Construct, id: string, name: string): PostgresDatabase {
    const database = new PostgresqlFlexibleServerDatabase(scope, id, { name, serverId: this.server.id });
    return {
      serverId: this.server.id,
      host: this.server.fqdn,
      name: database.name,
      user: ADMINISTRATOR,
      password: this.password,
      readyAfter: [database],
    };
  }
}

/** The server itself, with its name in the network, however people log in. */
export function createPostgresServer(
  scope: Construct,
  props: Omit<PostgresServerProps, "secrets">,
  login: Partial<PostgresqlFlexibleServerConfig>,
): PostgresqlFlexibleServer {
  const { resourceGroup, name, network, highAvailability = false, deletionProtection = true } = props;
  const zoneName = `${name}.private.postgres.database.azure.com`;
  const { zone, link } = privateZone(scope, { zoneName, linkName: name, resourceGroup, network });
  const subnet = network.subnet("postgres");
  return new PostgresqlFlexibleServer(scope, "resource", {
    name,
    resourceGroupName: resourceGroup.name,
    location: resourceGroup.location,
    version: "17",
    skuName: props.sku ?? (highAvailability ? "GP_Standard_D2ds_v5" : "B_Standard_B1ms"),
    storageMb: 32768,
    autoGrowEnabled: true,
    delegatedSubnetId: subnet.id,
    privateDnsZoneId: zone.id,
    publicNetworkAccessEnabled: false,
    ...login,
    backupRetentionDays: props.backupRetentionDays ?? 14,
    ...(highAvailability ? { highAvailability: { mode: "ZoneRedundant" } } : {}),
    tags: { ...resourceGroup.tags },
    // Azure chooses the zones, and exchanges them when the standby takes over; it makes the storage larger as it fills,
    // and storage that shrinks is another server.
    lifecycle: {
      ignoreChanges: ["storage_mb", "zone", "high_availability[0].standby_availability_zone"],
      preventDestroy: deletionProtection,
    },
    dependsOn: [link, ...subnet.readyAfter],
  });
}
