import { ContainerApp } from "@cdktf/provider-azurerm/lib/container-app";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { clientSecretVariable, type KeycloakRealm } from "../../identity/keycloak/keycloak-realm";
import {
  ADMINISTRATOR_SECRET_VARIABLE,
  REALM_APP,
  REALM_APP_IMAGE,
  REALM_APP_PORT,
  realmProgram,
  realmText,
  realmVariables,
} from "../../identity/keycloak/realm-process";
import { deploymentTime } from "../../parts/deployment-time";
import { waitForGrants } from "../../parts/role-grants";
import { terraformText } from "../../terraform-text";
import type { IContainerAppsEnvironment } from "../container-apps/container-apps-environment";
import { partApp } from "../container-apps/part-app";
import type { IKeyVaultSecrets, VaultSecret } from "../key-vault-secrets";
import type { IResourceGroup } from "../resource-group";
import type { KeycloakServer } from "./keycloak-server";

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
 * Keeps a realm what the fleet says, whole: a small app that applies it when it starts and every ten minutes, so that a
 * change of the fleet (a new revision) is there within seconds, what people change by hand goes back, and keys rotate.
 * While two revisions run, the later one's realm stands. It is ready once the realm is.
 *
 * Keycloak's own `--import-realm` skips a realm that exists, and a job would have to be started by hand: no resource of
 * the provider does.
 *
 * The providers `azurerm` and `time` have to be in the stack.
 *
 * @throws Error when the realm is longer than a variable can be.
 */
export class KeycloakRealmApp extends Construct {
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: KeycloakRealmAppProps) {
    super(scope, id);
    const { secrets, server, clients } = props;
    const realm = realmText(props.realm);
    const reads = [server.administrator, ...clients.values()];
    const { config, grants } = partApp(this, { ...props, name: REALM_APP, reads });
    const plain = {
      ...realmVariables({
        url: server.internalUrl,
        keyLifetimeDays: props.keyLifetimeDays,
        generation: deploymentTime(this, "generation", realm + realmProgram()),
      }),
      REALM: terraformText(realm),
    };
    const app = new ContainerApp(this, "resource", {
      ...config,
      template: {
        minReplicas: 1,
        maxReplicas: 1,
        container: [
          {
            name: REALM_APP,
            image: REALM_APP_IMAGE,
            command: ["node"],
            args: ["-e", terraformText(realmProgram())],
            cpu: 0.25,
            memory: "0.5Gi",
            env: [
              ...Object.entries(plain).map(([name, value]) => ({ name, value })),
              { name: ADMINISTRATOR_SECRET_VARIABLE, secretName: server.administrator.name },
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
                port: REALM_APP_PORT,
                intervalSeconds: 20,
                failureCountThreshold: 30,
              },
            ],
            readinessProbe: [
              { transport: "HTTP", path: "/ready", port: REALM_APP_PORT, successCountThreshold: 1 },
            ],
          },
        ],
      },
      dependsOn: [...waitForGrants(this, grants), ...secrets.readyAfter, ...server.readyAfter],
    });
    this.node.defaultChild = app;
    this.readyAfter = [app];
  }
}
