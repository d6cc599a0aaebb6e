import type { Construct } from "constructs";
import type { AzurePlan } from "./azure-plan";
import { ContainerRegistry, type IContainerRegistry } from "./container-registry";
import type { IKeyVaultSecrets } from "./key-vault-secrets";
import { OtherContainerRegistry } from "./other-container-registry";

/** The registry that an environment's agents on Azure pull from: Azure's by identity, another by its password. */
export function provideRegistry(
  scope: Construct,
  id: string,
  plan: AzurePlan["registry"],
  secrets: IKeyVaultSecrets,
): IContainerRegistry {
  return plan.kind === "existing"
    ? ContainerRegistry.fromExisting(scope, id, plan)
    : new OtherContainerRegistry({ ...plan, secrets });
}
