import type { Environment } from "../src/environment/environment";
import { modelKeySecret } from "../src/environment/secrets-of";
import type { IAgentDependency } from "../src/shared/agent-dependency";
import type { AzureIdentity } from "../src/shared/azure-identity";
import type { IKeyVaultSecrets } from "../src/shared/key-vault-secrets";
import { existingModelGateway } from "../src/shared/model-gateway";

/** The model gateway that agents on Azure use, where the environment has one. */
export function azureModelGateway(
  { modelGateway }: Environment,
  secrets: IKeyVaultSecrets,
): IAgentDependency<AzureIdentity>[] {
  if (modelGateway === undefined) return [];
  return [existingModelGateway({ url: modelGateway.url, keySecret: modelKeySecret(modelGateway), secrets })];
}
