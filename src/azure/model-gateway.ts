import { modelGatewayVariables, secretVariables } from "../agent/agent-variables";
import type { IAgentDependency } from "../parts/agent-dependency";
import { egressTo } from "../parts/egress-to";
import type { AzureIdentity } from "./azure-identity";
import type { AzurePlan } from "./azure-plan";
import { grantSecret, type IKeyVaultSecrets, secretReference } from "./key-vault-secrets";

/** A LiteLLM gateway that exists: agents with a model get its address, and its key by reference. */
export function existingModelGateway(props: {
  readonly url: string;
  readonly secrets: IKeyVaultSecrets;
  /** Name of the secret with the agents' key. */
  readonly keySecret: string;
}): IAgentDependency<AzureIdentity> {
  const { url, secrets, keySecret } = props;
  return {
    dependencyName: `model gateway ${url}`,
    bind: (scope, workload, identity) => {
      if (workload.model === null) return {};
      const secret = secrets.secret(keySecret);
      return {
        variables: modelGatewayVariables({ url }),
        secrets: [secretReference(secrets, secret, secretVariables.modelGatewayKey)],
        grants: [grantSecret(scope, secret, identity)],
        readyAfter: secrets.readyAfter,
        egress: [egressTo(url)],
      };
    },
  };
}

/** The model gateway of an environment, where it has one. */
export function provideModelGateway(
  plan: AzurePlan["modelGateway"],
  secrets: IKeyVaultSecrets,
): IAgentDependency<AzureIdentity>[] {
  return plan === undefined ? [] : [existingModelGateway({ ...plan, secrets })];
}
