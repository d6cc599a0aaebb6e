import { modelGatewayVariables, secretVariables } from "../agent/agent-variables";
import type { IAgentDependency } from "../parts/agent-dependency";
import type { GoogleIdentity } from "./google-identity";
import {
  googleSecretReference,
  grantGoogleSecret,
  type ISecretManagerSecrets,
} from "./secret-manager-secrets";

/** A LiteLLM gateway that exists: agents on Google with a model get its address, and its key by reference. */
export function googleModelGateway(props: {
  readonly url: string;
  readonly secrets: ISecretManagerSecrets;
  /** Name of the secret with the agents' key. */
  readonly keySecret: string;
}): IAgentDependency<GoogleIdentity> {
  const { url, secrets, keySecret } = props;
  const { project } = secrets;
  return {
    dependencyName: `model gateway ${url}`,
    bind: (scope, workload, identity) => {
      if (workload.model === null) return {};
      const secret = secrets.secret(keySecret);
      return {
        variables: modelGatewayVariables({ url }),
        secrets: [googleSecretReference(project, secret, secretVariables.modelGatewayKey)],
        grants: [grantGoogleSecret(scope, project, secret, identity.member)],
        readyAfter: secret.readyAfter,
      };
    },
  };
}
