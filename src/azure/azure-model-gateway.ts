import type { Environment } from "../environment/environment";
import { modelKeySecret } from "../environment/model-gateway-settings";
import type { IAgentDependency } from "../parts/agent-dependency";
import type { AzureIdentity } from "./azure-identity";
import type { IKeyVaultSecrets } from "./key-vault-secrets";
import { existingModelGateway } from "./model-gateway";

/** The model gateway that agents on Azure use, where the environment has one. */
export function azureModelGateway(
  { modelGateway }: Environment,
  secrets: IKeyVaultSecrets,
): IAgentDependency<AzureIdentity>[] {
  if (modelGateway === undefined) return [];
  return [existingModelGateway({ url: modelGateway.url, keySecret: modelKeySecret(modelGateway), secrets })];
}
