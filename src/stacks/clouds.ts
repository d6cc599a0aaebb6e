import { createsCluster } from "../azure/facts/azure-facts";
import type { Environment } from "../environment/environment";

/** What builds the shared infrastructure of the environments, as far as they use it. */
export interface Clouds {
  readonly AzureFoundations?: typeof import("../azure/azure-foundations").AzureFoundations;
  readonly AzureGateway?: typeof import("../azure/api-management/azure-gateway").AzureGateway;
  readonly createIdentityProvider?: typeof import("../azure/identity-provider/azure-identity-provider").createIdentityProvider;
  readonly KubernetesCluster?: typeof import("../azure/aks/kubernetes-cluster").KubernetesCluster;
  readonly GoogleFoundations?: typeof import("../google/google-foundations").GoogleFoundations;
  readonly GoogleRegistryStack?: typeof import("../google/google-registry-stack").GoogleRegistryStack;
}

/** Loads what the environments use, and no bindings of anything that none of them has. */
export async function loadClouds(environments: readonly Environment[]): Promise<Clouds> {
  const onAzure = environments.filter(({ azure }) => azure !== undefined);
  const hasGateway = onAzure.some(({ gateway }) => gateway !== undefined);
  const hasIssuer = onAzure.some(({ identityProvider }) => createsIssuer(identityProvider));
  const google = environments.some((environment) => environment.google !== undefined);
  return {
    ...(onAzure.length > 0
      ? { AzureFoundations: (await import("../azure/azure-foundations")).AzureFoundations }
      : {}),
    ...(hasGateway
      ? { AzureGateway: (await import("../azure/api-management/azure-gateway")).AzureGateway }
      : {}),
    ...(hasIssuer
      ? {
          createIdentityProvider: (await import("../azure/identity-provider/azure-identity-provider"))
            .createIdentityProvider,
        }
      : {}),
    ...(onAzure.some(createsCluster)
      ? { KubernetesCluster: (await import("../azure/aks/kubernetes-cluster")).KubernetesCluster }
      : {}),
    ...(google
      ? {
          GoogleFoundations: (await import("../google/google-foundations")).GoogleFoundations,
          GoogleRegistryStack: (await import("../google/google-registry-stack")).GoogleRegistryStack,
        }
      : {}),
  };
}

/** @throws when the environment needs a part that was not loaded for it */
export function loaded<Part extends keyof Clouds>(
  clouds: Clouds,
  part: Part,
  { name }: Environment,
): NonNullable<Clouds[Part]> {
  const found = clouds[part];
  if (found === undefined) {
    throw new Error(
      `environment '${name}' needs ${part}, which was not loaded; pass clouds: await loadClouds([…]) with it`,
    );
  }
  return found;
}

/** Whether the environment sets up who signs its tokens, rather than trusting somebody else's issuer. */
function createsIssuer(settings: Environment["identityProvider"]): boolean {
  return settings?.kind === "entra" || settings?.kind === "keycloak";
}
