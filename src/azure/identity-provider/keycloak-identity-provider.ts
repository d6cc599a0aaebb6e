import { Sleep } from "@cdktf/provider-time/lib/sleep";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { secretVariables } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import { clientSecretName } from "../../environment/own-secrets";
import type { TokenCheck } from "../../gateway/token-check";
import type { CallerSettings } from "../../identity/fleet-callers";
import type { IIdentityProvider } from "../../identity/identity-provider";
import { keycloakForAgents } from "../../identity/keycloak/keycloak-binding";
import type { KeycloakIssuer } from "../../identity/keycloak/keycloak-issuer";
import { type KeycloakRealm, keycloakRealm, refuseBadRealm } from "../../identity/keycloak/keycloak-realm";
import type { AgentBinding } from "../../parts/agent-dependency";
import type { AzureIdentity } from "../azure-identity";
import type { IContainerAppsEnvironment } from "../container-apps/container-apps-environment";
import { generateSecret } from "../generated-secret";
import { grantSecret, type IKeyVaultSecrets, secretReference, type VaultSecret } from "../key-vault-secrets";
import type { PostgresDatabase } from "../postgres-server";
import type { IResourceGroup } from "../resource-group";
import { KeycloakRealmApp } from "./keycloak-realm-app";
import { KeycloakServer } from "./keycloak-server";

export interface KeycloakIdentityProviderProps {
  readonly resourceGroup: IResourceGroup;
  readonly environment: IContainerAppsEnvironment;
  readonly secrets: IKeyVaultSecrets;
  readonly workloads: readonly AgentWorkload[];
  /** Customers, and who else may call. */
  readonly settings: CallerSettings;
  /** Name of the identity of an app. */
  readonly identityName: (app: string) => string;
  /** Base URL that callers know: a path of the gateway. @default - its own address */
  readonly publicUrl?: string;
  /** `development`: everything in the container, lost with it. */
  readonly database: PostgresDatabase | "development";
  /** @default - the official image, which builds itself at every start */
  readonly optimizedImage?: string;
  /** Days between two signing keys. @default 90 */
  readonly keyLifetimeDays?: number;
  /** A realm of one's own. @default - the one generated from the workloads */
  readonly realm?: KeycloakRealm;
}

/**
 * Keycloak with a realm that follows the fleet. The secrets of all clients are made up into the vault; an agent reads
 * its own by reference, those of customers and applications are read there by the operator.
 *
 * @throws Error when the realm's tokens would be refused: no audience, no flat roles, a life beyond 15 minutes.
 */
export class KeycloakIdentityProvider extends Construct implements IIdentityProvider<AzureIdentity> {
  /**
   * A Keycloak that exists, with the clients of this fleet, and their secrets in the vault under `keycloak-client-<name>`.
   */
  static fromExisting(props: {
    readonly issuer: KeycloakIssuer;
    readonly workloads: readonly AgentWorkload[];
    readonly settings: CallerSettings;
    readonly secrets: IKeyVaultSecrets;
  }): IIdentityProvider<AzureIdentity> {
    const { secrets } = props;
    return keycloakIdentityProvider({
      ...props,
      secretOf: (client) => secrets.secret(`${secrets.writtenPrefix ?? ""}${clientSecretName(client)}`),
    });
  }

  readonly dependencyName = "Keycloak";
  readonly issuer: KeycloakIssuer;
  readonly checkableAfter: readonly ITerraformDependable[];
  /** What has to be there before Keycloak answers. */
  readonly reachableAfter: readonly ITerraformDependable[];
  /** Resource id of its database's server, where that is the fleet's own. */
  readonly databaseServerId: string | undefined;
  private readonly provider: IIdentityProvider<AzureIdentity>;

  constructor(scope: Construct, id: string, props: KeycloakIdentityProviderProps) {
    super(scope, id);
    const { workloads, settings, secrets } = props;
    const realm = props.realm ?? keycloakRealm(workloads, settings);
    refuseBadRealm(realm, workloads);

    const server = new KeycloakServer(this, "server", {
      ...props,
      identityName: props.identityName("keycloak"),
    });
    this.reachableAfter = server.readyAfter;
    this.databaseServerId = props.database === "development" ? undefined : props.database.serverId;
    const clients = new Map(
      realm.clients.map(({ clientId }) => [
        clientId,
        generateSecret(this, `client-${clientId}`, { vault: secrets, name: clientSecretName(clientId) }),
      ]),
    );
    const realmApp = new KeycloakRealmApp(this, "realm", {
      ...props,
      realm,
      server,
      clients,
      identityName: props.identityName("keycloak-realm"),
    });
    this.issuer = { realm: realm.realm, publicUrl: server.publicUrl, internalUrl: server.internalUrl };
    // An app counts as created when its revision is, and Keycloak's first start takes a while beyond that.
    const applied = new Sleep(this, "realm-applied", {
      createDuration: "240s",
      dependsOn: [...realmApp.readyAfter],
    });
    this.checkableAfter = [applied];
    this.provider = keycloakIdentityProvider({
      issuer: this.issuer,
      workloads,
      settings,
      secrets,
      secretOf: (client) => clients.get(client),
    });
  }

  tokenCheck(workload: AgentWorkload): TokenCheck {
    return this.provider.tokenCheck(workload);
  }

  bind(scope: Construct, workload: AgentWorkload, identity: AzureIdentity): AgentBinding {
    return this.provider.bind(scope, workload, identity);
  }
}

/** Keycloak with the clients' secrets in a vault. */
function keycloakIdentityProvider({
  secrets,
  secretOf,
  ...props
}: {
  readonly issuer: KeycloakIssuer;
  readonly workloads: readonly AgentWorkload[];
  readonly settings: CallerSettings;
  readonly secrets: IKeyVaultSecrets;
  readonly secretOf: (client: string) => VaultSecret | undefined;
}): IIdentityProvider<AzureIdentity> {
  return keycloakForAgents<AzureIdentity>({
    ...props,
    bindSecret: (scope, client, identity) => {
      const secret = secretOf(client);
      if (secret === undefined) return undefined;
      return {
        secrets: [secretReference(secrets, secret, secretVariables.clientSecret)],
        grants: [grantSecret(scope, secret, identity)],
        readyAfter: secrets.readyAfter,
      };
    },
  });
}
