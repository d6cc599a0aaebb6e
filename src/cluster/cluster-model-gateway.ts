import { modelGatewayVariables, secretVariables } from "../agent/agent-variables";
import { type ModelGatewaySettings, modelKeySecret } from "../environment/model-gateway-settings";
import type { IAgentDependency } from "../parts/agent-dependency";
import { wayTo } from "../parts/way-to";
import { clusterSecret } from "./cluster-secrets";

/** A LiteLLM gateway that exists: agents with a model get its address, their key from a Secret, and the way to it. */
export function clusterModelGateway(settings: ModelGatewaySettings): IAgentDependency<unknown> {
  const { url, cidr } = settings;
  return {
    dependencyName: `model gateway ${url}`,
    bind: (_scope, workload) => {
      if (workload.model === null) return {};
      return {
        variables: modelGatewayVariables({ url }),
        secrets: [clusterSecret(secretVariables.modelGatewayKey, modelKeySecret(settings))],
        egress: wayTo(url, cidr),
      };
    },
  };
}
