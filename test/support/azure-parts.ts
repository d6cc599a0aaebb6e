import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type IResourceGroup, ResourceGroup } from "../../src/azure/resource-group";
import { environment } from "./sample-fleet";
import type { FinishedResource, FinishedStack } from "./synth";
import { testApp } from "./synth";

export const tenantId = "11111111-1111-4111-8111-111111111111";
export const deployer = "33333333-3333-4333-8333-333333333333";

/** A stack on Azure with a resource group, as somebody has who uses single constructs. */
export function azureStack(build: (stack: Construct, resourceGroup: IResourceGroup) => void): TerraformStack {
  const stack = new TerraformStack(testApp(), "parts");
  new AzurermProvider(stack, "azurerm", {
    features: [{ resourceGroup: [{ preventDeletionIfContainsResources: false }] }],
    subscriptionId: "22222222-2222-4222-8222-222222222222",
  });
  new TimeProvider(stack, "time");
  build(stack, new ResourceGroup(stack, "group", { name: "rg-parts", location: "westeurope" }));
  return stack;
}

/** `<type>.<name>` of the resource that a reference leads to: `${azurerm_key_vault.kv.id}`. */
export function referenced(reference: string): string {
  return /^\$\{((?:data\.)?[a-z0-9_]+\.[A-Za-z0-9_-]+)/.exec(reference)?.[1] ?? `nothing: ${reference}`;
}

/** Everything that Terraform makes before a resource, by `depends_on` and by references. */
export function madeBefore(stack: FinishedStack, address: string): Set<string> {
  const all = new Map(stack.resources().map((resource) => [resource.address, resource]));
  const seen = new Set<string>();
  const visit = (resource: FinishedResource | undefined) => {
    if (resource === undefined) return;
    for (const other of all.keys()) {
      if (seen.has(other) || other === resource.address) continue;
      if (!new RegExp(`\\b${other.replaceAll(".", "\\.")}\\b`).test(JSON.stringify(resource.arguments)))
        continue;
      seen.add(other);
      visit(all.get(other));
    }
  };
  visit(all.get(address));
  return seen;
}

/** Variables of an app's first container, by name: the value, or the name of the secret. */
export function variablesOf(app: FinishedResource): Record<string, string> {
  const { env } = app.arguments.template.container[0] as {
    env: { name: string; value?: string; secret_name?: string }[];
  };
  return Object.fromEntries(
    env.map(({ name, value, secret_name }) => [name, value ?? `secret ${secret_name}`]),
  );
}

/** The registry that the sample environment pulls from. */
export function imagesStack(): object {
  return {
    provider: { azurerm: { features: {}, subscription_id: environment.azure?.subscriptionId } },
    resource: {
      azurerm_resource_group: { images: { name: "rg-images", location: "westeurope" } },
      azurerm_container_registry: {
        images: {
          name: "acmeimages",
          resource_group_name: "${azurerm_resource_group.images.name}",
          location: "westeurope",
          sku: "Standard",
        },
      },
    },
    terraform: { required_providers: { azurerm: { source: "hashicorp/azurerm", version: "4.55.0" } } },
  };
}
