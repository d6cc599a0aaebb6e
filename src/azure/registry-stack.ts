import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ownedByFleet } from "../environment/fleet-tags";
import { keepState } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { azureProvider } from "./azure-provider";
import { ContainerRegistry } from "./container-registry";
import type { FleetRegistry } from "./facts/azure-registries";
import { REGISTRY_STACK } from "./facts/azure-registries";
import { ResourceGroup } from "./resource-group";

/** The registry of all environments: deployed once, before them; images go from one to the next by digest. */
export class RegistryStack extends TerraformStack {
  constructor(scope: Construct, registry: FleetRegistry) {
    super(scope, REGISTRY_STACK);
    const guard = new PlaceholderGuard(this, REGISTRY_STACK, registry);
    if (!guard.closed) keepState(this, REGISTRY_STACK, registry.state);
    azureProvider(this, {
      subscriptionId: guard.pass(registry.subscriptionId),
      tenantId: registry.tenant,
      resourceProviders: ["Microsoft.ContainerRegistry"],
      deletionProtection: true,
    });
    const resourceGroup = new ResourceGroup(this, "group", {
      name: registry.resourceGroup,
      location: registry.location,
      tags: ownedByFleet,
    });
    const { server } = new ContainerRegistry(this, "images", { resourceGroup, name: registry.name });
    new TerraformOutput(this, "server", {
      staticId: true,
      description: "Where images are pushed",
      value: server,
    });
  }
}
