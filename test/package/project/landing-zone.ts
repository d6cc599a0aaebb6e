import { ApiManagement } from "@cdktf/provider-azurerm/lib/api-management";
import { KubernetesCluster } from "@cdktf/provider-azurerm/lib/kubernetes-cluster";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { EnvoyGateway } from "a2a-fleet/cluster";
import { type App, TerraformStack } from "cdktf";
import { environment } from "./fleet";

/** What others of the company run already: a cluster with a way in, and a gateway. */
export function landingZone(app: App): TerraformStack {
  const stack = new TerraformStack(app, "landing-zone");
  new AzurermProvider(stack, "azurerm", {
    features: [{}],
    subscriptionId: environment.azure?.subscriptionId,
  });
  const { name, location } = new ResourceGroup(stack, "group", { name: "rg-acme", location: "westeurope" });
  const place = { location, resourceGroupName: name };
  new ApiManagement(stack, "gateway", {
    ...{ ...place, name: "apim-acme", skuName: "StandardV2_1" },
    ...{ publisherName: "Acme", publisherEmail: "platform@acme.example" },
  });
  const cluster = new KubernetesCluster(stack, "cluster", {
    ...{ ...place, name: "aks-acme", dnsPrefix: "acme", oidcIssuerEnabled: true },
    defaultNodePool: { name: "system", vmSize: "Standard_D4ds_v5", nodeCount: 3 },
    identity: { type: "SystemAssigned" },
    keyVaultSecretsProvider: { secretRotationEnabled: true },
  });
  const host = cluster.kubeConfig.get(0).host;
  new KubernetesProvider(stack, "kubernetes", { host });
  new HelmProvider(stack, "helm", { kubernetes: { host } });
  new EnvoyGateway(stack, "edge", {});
  return stack;
}
