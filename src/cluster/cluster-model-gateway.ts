import { modelGatewayVariables, secretVariables } from "../agent/agent-variables";
import { type ModelGatewaySettings, modelKeySecret } from "../environment/model-gateway-settings";
import type { IAgentDependency } from "../parts/agent-dependency";
import { egressTo } from "../parts/egress-to";
import { clusterSecret } from "./cluster-secrets";

/** A LiteLLM gateway that exists, whose key is a Secret that the cluster's owner made in the agents' namespace. */
export function clusterModelGateway(settings: ModelGatewaySettings): IAgentDependency<unknown> {
  const { url } = settings;
  return {
    dependencyName: `model gateway ${url}`,
    bind: (_scope, workload) => {
      if (workload.model === null) return {};
      return {
        variables: modelGatewayVariables({ url }),
        secrets: [clusterSecret(secretVariables.modelGatewayKey, modelKeySecret(settings))],
        egress: [egressTo(url)],
      };
    },
  };
}
