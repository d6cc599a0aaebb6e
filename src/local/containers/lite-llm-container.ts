import { type ModelGatewaySettings, modelKeySecret } from "../../environment/model-gateway-settings";
import { LITE_LLM_VARIABLES, type LiteLlmSetup, MASTER_KEY } from "../lite-llm";
import { type Container, healthCheck, jsonConfig, KEPT_RUNNING, withSecrets } from "./container";

const IMAGE = "ghcr.io/berriai/litellm:main-v1.83.14-stable";
const CONFIG = "/etc/litellm/litellm.json";

/** Base URL of the LiteLLM in the containers' network: what `modelGateway` of their environment says. */
export const LITE_LLM_URL = "http://litellm:4000";

/**
 * A LiteLLM with the agents' models.
 *
 * @param isNeeded whether an agent has a model: else nobody waits for it, and it starts when it is asked for
 */
export function liteLlmContainer(
  setup: LiteLlmSetup,
  modelGateway: ModelGatewaySettings,
  isNeeded: boolean,
): Container {
  const secrets = [{ variable: MASTER_KEY, name: modelKeySecret(modelGateway) }, ...setup.secrets];
  return {
    name: "litellm",
    service: {
      image: IMAGE,
      ...(isNeeded ? {} : { profiles: ["models"] }),
      entrypoint: withSecrets(secrets, ["litellm", "--config", CONFIG, "--port", "4000"]),
      environment: LITE_LLM_VARIABLES,
      secrets: secrets.map(({ name }) => name),
      configs: [{ source: "litellm", target: CONFIG }],
      healthcheck: healthCheck(
        "python3",
        "-c",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:4000/health/liveliness', timeout=4)",
      ),
      ...KEPT_RUNNING,
    },
    config: jsonConfig("litellm", setup.configuration),
  };
}
