import {
  ContainerApp,
  type ContainerAppTemplateContainerEnv,
} from "@cdktf/provider-azurerm/lib/container-app";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ownSecrets } from "../../environment/own-secrets";
import {
  administratorVariables,
  DATABASE_CONNECTIONS,
  KEYCLOAK_APP,
  KEYCLOAK_IMAGE,
  KEYCLOAK_PORT,
  keycloakVariables,
  MANAGEMENT_PORT,
  startArguments,
} from "../../identity/keycloak/keycloak-process";
import { waitForGrants } from "../../parts/role-grants";
import type { IContainerAppsEnvironment } from "../container-apps/container-apps-environment";
import { partApp } from "../container-apps/part-app";
import { type GeneratedSecret, generateSecret } from "../generated-secret";
import type { IKeyVaultSecrets, VaultSecret } from "../key-vault-secrets";
import type { PostgresDatabase } from "../postgres-server";
import type { IResourceGroup } from "../resource-group";

/** Base URL of Keycloak for the network that a Container Apps environment is in. */
export function keycloakUrl(defaultDomain: string): string {
  return `https://${KEYCLOAK_APP}.${defaultDomain}`;
}

export interface KeycloakServerProps {
  readonly resourceGroup: IResourceGroup;
  readonly environment: IContainerAppsEnvironment;
  readonly secrets: IKeyVaultSecrets;
  /** Name of its identity. */
  readonly identityName: string;
  /**
   * Base URL that callers know.
   *
   * @default - its own address
   */
  readonly publicUrl?: string;
  /** `development`: everything in the container, lost with it. @default - in this database */
  readonly database: PostgresDatabase | "development";
  /** An image on which `kc.sh build` was run. @default - the official image, which builds itself at every start */
  readonly optimizedImage?: string;
}

/**
 * Keycloak as an app: one replica, because the replicas of an app have no way to tell each other what changed. Tokens
 * and keys outlive its restarts: they are checked without it, and its sessions are in the database.
 */
export class KeycloakServer extends Construct {
  /** Base URL within the network. */
  readonly internalUrl: string;
  /** Base URL that callers know. */
  readonly publicUrl: string;
  /** Secret of the administrator's client. */
  readonly administrator: VaultSecret;
  /** What has to be there before it answers. */
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: KeycloakServerProps) {
    super(scope, id);
    const { environment, secrets, database, optimizedImage } = props;
    this.internalUrl = keycloakUrl(environment.defaultDomain);
    this.publicUrl = props.publicUrl ?? this.internalUrl;
    const password = generateSecret(this, "administrator-password", {
      vault: secrets,
      name: ownSecrets.keycloakPassword,
    });
    const client = generateSecret(this, "administrator-client", {
      vault: secrets,
      name: ownSecrets.keycloakClient,
    });
    this.administrator = client;
    const reads = [password, client, ...(database === "development" ? [] : [database.password])];
    const { config, grants } = partApp(this, { ...props, name: KEYCLOAK_APP, reads });
    const app = new ContainerApp(this, "resource", {
      ...config,
      ingress: {
        // The gateway is outside of the environment.
        externalEnabled: true,
        targetPort: KEYCLOAK_PORT,
        transport: "http",
        allowInsecureConnections: false,
        trafficWeight: [{ latestRevision: true, percentage: 100 }],
      },
      template: {
        minReplicas: 1,
        maxReplicas: 1,
        terminationGracePeriodSeconds: 60,
        container: [
          {
            name: KEYCLOAK_APP,
            image: optimizedImage ?? KEYCLOAK_IMAGE,
            args: startArguments({
              mode: database === "development" ? "development" : "production",
              optimizedImage,
            }),
            cpu: 1,
            memory: "2Gi",
            env: [...this.variables(password, client), ...databaseVariables(database)],
            startupProbe: [
              {
                transport: "HTTP",
                path: "/health/started",
                port: MANAGEMENT_PORT,
                intervalSeconds: 10,
                failureCountThreshold: 30,
              },
            ],
            livenessProbe: [{ transport: "HTTP", path: "/health/live", port: MANAGEMENT_PORT, timeout: 5 }],
            readinessProbe: [
              {
                transport: "HTTP",
                path: "/health/ready",
                port: MANAGEMENT_PORT,
                timeout: 5,
                successCountThreshold: 1,
              },
            ],
          },
        ],
      },
      dependsOn: [
        ...waitForGrants(this, grants),
        ...secrets.readyAfter,
        ...(database === "development" ? [] : database.readyAfter),
      ],
    });
    this.node.defaultChild = app;
    this.readyAfter = [app, ...environment.resolvableAfter];
  }

  private variables(password: GeneratedSecret, client: GeneratedSecret): ContainerAppTemplateContainerEnv[] {
    return [
      ...Object.entries(keycloakVariables(this)).map(([name, value]) => ({ name, value })),
      { name: administratorVariables.password, secretName: password.name },
      { name: administratorVariables.clientSecret, secretName: client.name },
    ];
  }
}

function databaseVariables(database: PostgresDatabase | "development"): ContainerAppTemplateContainerEnv[] {
  if (database === "development") return [];
  const { host, name, user, password } = database;
  // The server's certificate is checked against the authorities that Java trusts.
  const options = "sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory";
  return [
    { name: "KC_DB", value: "postgres" },
    { name: "KC_DB_URL", value: `jdbc:postgresql://${host}:5432/${name}?${options}` },
    { name: "KC_DB_USERNAME", value: user },
    { name: "KC_DB_PASSWORD", secretName: password.name },
    { name: "KC_DB_POOL_MAX_SIZE", value: DATABASE_CONNECTIONS },
  ];
}
