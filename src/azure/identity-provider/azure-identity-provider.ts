import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import type { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { IIdentityProvider } from "../../identity/identity-provider";
import { provideRandom } from "../../parts/provide-random";
import type { AzureIdentity } from "../azure-identity";
import type { AzurePlan } from "../azure-plan";
import type { IContainerAppsEnvironment } from "../container-apps/container-apps-environment";
import type { IKeyVaultSecrets } from "../key-vault-secrets";
import type { INetwork } from "../network";
import { PostgresServer } from "../postgres-server";
import type { IResourceGroup } from "../resource-group";
import { EntraIdentityProvider } from "./entra-identity-provider";
import { KeycloakIdentityProvider } from "./keycloak-identity-provider";

/** Who signs callers' tokens, as an environment sets it up. */
export type IssuerPlan = NonNullable<AzurePlan["issuer"]>;

export interface IssuerProps {
  /** Name of the environment, for messages. */
  readonly environment: string;
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

/** Sets up who signs the tokens of an environment's callers. */
export function createIdentityProvider(
  scope: Construct,
  id: string,
  plan: IssuerPlan,
  props: IssuerProps,
): IIdentityProvider<AzureIdentity> {
  if (plan.kind === "server") return createKeycloak(scope, id, plan, props);
  new AzureadProvider(scope, "azuread", { tenantId: props.tenantId });
  return new EntraIdentityProvider(scope, id, {
    workloads: props.workloads,
    settings: plan.callers,
    tenantId: plan.tenantId,
  });
}

function createKeycloak(
  scope: Construct,
  id: string,
  plan: Extract<IssuerPlan, { readonly kind: "server" }>,
  props: IssuerProps,
): KeycloakIdentityProvider {
  const { environment, network, containerApps } = props;
  if (containerApps === undefined) {
    throw new Error(`environment '${environment}': Keycloak runs on Container Apps, and there are none`);
  }
  // Its own secrets are made up by Terraform, and kept in the vault alone.
  provideRandom(scope);
  return new KeycloakIdentityProvider(scope, id, {
    ...props,
    ...plan,
    environment: containerApps,
    settings: plan.callers,
    publicUrl: plan.publicUrl(containerApps.defaultDomain),
    database: createDatabase(plan.database),
  });

  function createDatabase(database: typeof plan.database) {
    if (database === undefined) return "development";
    if (network === undefined) {
      throw new Error(
        `environment '${environment}': Keycloak's database is reached from a network, and there is none`,
      );
    }
    const server = new PostgresServer(scope, "postgres", { ...props, ...database, network });
    return server.database(scope, "keycloak-database", "keycloak");
  }
}
