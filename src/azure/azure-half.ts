import { distinct } from "../fleet/registries-of";
import { isExistingIssuer } from "../identity/existing-issuer";
import { type CloudHalf, loaded } from "../parts/cloud-half";
import { createsCluster } from "./facts/azure-facts";
import { isFleetRegistry } from "./facts/azure-registries";

/** What builds the Azure half of environments, as far as they use it. */
export interface AzureParts {
  readonly AzureFoundations?: typeof import("./azure-foundations").AzureFoundations;
  readonly AzureGateway?: typeof import("./api-management/azure-gateway").AzureGateway;
  readonly createIdentityProvider?: typeof import("./identity-provider/azure-identity-provider").createIdentityProvider;
  readonly KubernetesCluster?: typeof import("./aks/kubernetes-cluster").KubernetesCluster;
  readonly RegistryStack?: typeof import("./registry-stack").RegistryStack;
}

/** The Azure half of environments, and the fleet's own registry there. */
export const azureHalf: CloudHalf<AzureParts> = {
  load: async (environments) => {
    const onAzure = environments.filter(({ azure }) => azure !== undefined);
    const hasGateway = onAzure.some(({ gateway }) => gateway !== undefined);
    const hasIssuer = onAzure.some(
      ({ identityProvider }) => identityProvider !== undefined && !isExistingIssuer(identityProvider),
    );
    const hasRegistry = environments.some(({ registry }) => isFleetRegistry(registry));
    return {
      ...(onAzure.length > 0
        ? { AzureFoundations: (await import("./azure-foundations")).AzureFoundations }
        : {}),
      ...(hasGateway ? { AzureGateway: (await import("./api-management/azure-gateway")).AzureGateway } : {}),
      ...(hasIssuer
        ? {
            createIdentityProvider: (await import("./identity-provider/azure-identity-provider"))
              .createIdentityProvider,
          }
        : {}),
      ...(onAzure.some(createsCluster)
        ? { KubernetesCluster: (await import("./aks/kubernetes-cluster")).KubernetesCluster }
        : {}),
      ...(hasRegistry ? { RegistryStack: (await import("./registry-stack")).RegistryStack } : {}),
    };
  },
  create: (scope, parts, { environment, workloads, guard }) => {
    if (environment.azure === undefined) return undefined;
    const Foundations = loaded(parts, "AzureFoundations", environment.name);
    return new Foundations(scope, "shared", { environment, workloads, guard, parts });
  },
  createRegistries: (scope, parts, registries) => {
    for (const registry of distinct(registries.filter(isFleetRegistry))) {
      const Stack = loaded(parts, "RegistryStack", registry.name);
      new Stack(scope, registry);
    }
  },
};
