import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import type { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import { tokenIssuer } from "../../fleet/token-issuer";
import type { IIdentityProvider } from "../../identity/identity-provider";
import type { KeycloakSettings } from "../../identity/keycloak/keycloak-settings";
import type { AzureIdentity } from "../azure-identity";
import type { IContainerAppsEnvironment } from "../container-apps/container-apps-environment";
import { physicalNames } from "../facts/azure-names";
import type { EntraSettings } from "../facts/entra";
import type { IKeyVaultSecrets } from "../key-vault-secrets";
import type { INetwork } from "../network";
import type { IResourceGroup } from "../resource-group";
import { EntraIdentityProvider } from "./entra-identity-provider";
import { KeycloakIdentityProvider } from "./keycloak-identity-provider";
import { PostgresServer } from "./postgres-server";

export interface IdentityProviderProps {
  readonly environment: Environment;
  readonly settings: EntraSettings | KeycloakSettings;
  readonly workloads: readonly AgentWorkload[];
  readonly resourceGroup: IResourceGroup;
  readonly network: INetwork | undefined;
  readonly containerApps: IContainerAppsEnvironment | undefined;
  readonly secrets: IKeyVaultSecrets;
  readonly highAvailability: boolean;
  readonly deletionProtection: boolean;
  /** The tenant, as the Entra provider is given it. */
  readonly tenantId: string;
}

/** Who signs the tokens of an environment's callers. */
export function createIdentityProvider(
  scope: Construct,
  id: string,
  props: IdentityProviderProps,
): IIdentityProvider<AzureIdentity> {
  const { environment, workloads, settings } = props;
  switch (settings.kind) {
    case "entra":
      new AzureadProvider(scope, "azuread", { tenantId: props.tenantId });
      return new EntraIdentityProvider(scope, id, {
        workloads,
        settings: environment,
        tenantId: environment.tenant,
      });
    case "keycloak":
      return createKeycloak(scope, id, props, settings);
  }
}

function createKeycloak(
  scope: Construct,
  id: string,
  props: IdentityProviderProps,
  settings: KeycloakSettings,
): KeycloakIdentityProvider {
  const { environment, network, containerApps, secrets } = props;
  if (containerApps === undefined) {
    throw new Error(`environment '${environment.name}': Keycloak runs on Container Apps, and there are none`);
  }
  // Its own secrets are made up by Terraform, and kept in the vault alone.
  new RandomProvider(scope, "random");
  return new KeycloakIdentityProvider(scope, id, {
    ...props,
    environment: containerApps,
    settings: environment,
    identityName: physicalNames(environment).agentIdentity,
    publicUrl: tokenIssuer(environment, containerApps.defaultDomain)?.keycloak?.url,
    database: createDatabase(),
    optimizedImage: settings.optimizedImage,
    keyLifetimeDays: settings.keyLifetimeDays,
  });

  function createDatabase() {
    if (settings.mode === "development") return "development";
    if (network === undefined) {
      throw new Error(
        `environment '${environment.name}': Keycloak's database is reached from a network, and there is none`,
      );
    }
    const server = new PostgresServer(scope, "postgres", {
      ...props,
      network,
      secrets,
      name: physicalNames(environment).postgres,
      backupRetentionDays: settings.backupRetentionDays,
    });
    return server.database(scope, "keycloak-database", "keycloak");
  }
}
