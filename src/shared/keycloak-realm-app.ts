import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ContainerApp } from "@cdktf/provider-azurerm/lib/container-app";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { terraformText } from "../terraform-text";
import type { IContainerAppsEnvironment } from "./container-apps-environment";
import { grantSecret, type IKeyVaultSecrets, type VaultSecret } from "./key-vault-secrets";
import { clientSecretVariable, type KeycloakRealm } from "./keycloak/keycloak-realm";
import { ADMINISTRATOR_CLIENT, type KeycloakServer } from "./keycloak-server";
import type { IResourceGroup } from "./resource-group";
import { waitForGrants } from "./role-grants";

/** Image in which the realm is applied: nothing but Node. */
export const REALM_APP_IMAGE = "docker.io/library/node:24.11.0-alpine3.22";

/** Its app in the Container Apps environment. */
export const REALM_APP = "keycloak-realm";

/** One variable of a process on Linux, the longest that the kernel takes (MAX_ARG_STRLEN). */
const LONGEST_VARIABLE = 128 * 1024;

const PORT = 8080;

export interface KeycloakRealmAppProps {
  readonly resourceGroup: IResourceGroup;
  readonly environment: IContainerAppsEnvironment;
  readonly secrets: IKeyVaultSecrets;
  /** Name of its identity. */
  readonly identityName: string;
  readonly server: KeycloakServer;
  readonly realm: KeycloakRealm;
  /** Secret of each client, by client id. */
  readonly clients: ReadonlyMap<string, VaultSecret>;
  /** Days between two signing keys. @default 90 */
  readonly keyLifetimeDays?: number;
}

/**
 * Keeps a realm what the fleet says: a small app that applies it when it starts and every ten minutes, so that a change
 * of the fleet (a new revision) is there within seconds, what people change by hand goes back, and keys rotate. Clients,
 * keys and sessions that exist stay. It is ready once the realm is.
 *
 * Keycloak's own `--import-realm` skips a realm that exists, and a job would have to be started by hand: no resource of
 * the provider does.
 *
 * @throws Error when the realm is longer than a variable can be.
 */
export class KeycloakRealmApp extends Construct {
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: KeycloakRealmAppProps) {
    super(scope, id);
    const { resourceGroup, environment, secrets, server, clients } = props;
    const realm = JSON.stringify(props.realm);
    if (Buffer.byteLength(realm) >= LONGEST_VARIABLE) {
      throw new Error(
        `realm '${props.realm.realm}' has ${Buffer.byteLength(realm)} bytes, and the app that applies it takes ${LONGEST_VARIABLE} ` +
          "at most (about 100 agents); split the fleet into two environments",
      );
    }
    const identity = new UserAssignedIdentity(this, "identity", {
      name: props.identityName,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags: { ...resourceGroup.tags },
    });
    const read = [server.administrator, ...clients.values()];
    const grants = read.map((secret) => grantSecret(this, secret, identity));
    const plain = {
      KEYCLOAK_URL: server.internalUrl,
      ADMIN_CLIENT_ID: ADMINISTRATOR_CLIENT,
      REALM: terraformText(realm),
      KEY_LIFETIME_DAYS: String(props.keyLifetimeDays ?? 90),
      // Twice as long as agents keep the JWKS.
      KEY_AHEAD_SECONDS: "7200",
      INTERVAL_SECONDS: "600",
      PORT: String(PORT),
    };
    const app = new ContainerApp(this, "resource", {
      name: REALM_APP,
      resourceGroupName: resourceGroup.name,
      containerAppEnvironmentId: environment.id,
      workloadProfileName: "Consumption",
      revisionMode: "Single",
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      secret: read.map(({ name, versionlessId }) => ({
        name,
        keyVaultSecretId: versionlessId,
        identity: identity.id,
      })),
      template: {
        minReplicas: 1,
        maxReplicas: 1,
        container: [
          {
            name: REALM_APP,
            image: REALM_APP_IMAGE,
            command: ["node"],
            args: ["-e", terraformText(readFileSync(join(__dirname, "keycloak", "apply-realm.cjs"), "utf8"))],
            cpu: 0.25,
            memory: "0.5Gi",
            env: [
              ...Object.entries(plain).map(([name, value]) => ({ name, value })),
              { name: "ADMIN_CLIENT_SECRET", secretName: server.administrator.name },
              ...[...clients].map(([client, { name }]) => ({
                name: clientSecretVariable(client),
                secretName: name,
              })),
            ],
            // Keycloak may start for minutes, and so may this wait for it.
            startupProbe: [
              {
                transport: "HTTP",
                path: "/ready",
                port: PORT,
                intervalSeconds: 20,
                failureCountThreshold: 30,
              },
            ],
            readinessProbe: [{ transport: "HTTP", path: "/ready", port: PORT, successCountThreshold: 1 }],
          },
        ],
      },
      tags: { ...resourceGroup.tags },
      dependsOn: [...waitForGrants(this, grants), ...secrets.readyAfter, ...server.readyAfter],
    });
    this.readyAfter = [app];
  }
}
