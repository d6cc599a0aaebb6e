import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentWorkload } from "../agent/agent-workload";
import { freePort } from "./free-port";
import { temporaryFolder } from "./guard";
import { listening } from "./local-redis";
import { type Part, startPart } from "./part";

/** What a LiteLLM proxy is started with, for the agents of one machine. */
export interface LiteLlmSetup {
  /** Its configuration, as data: JSON is YAML. */
  readonly configuration: object;
  /** Secrets that it reads besides its own key: the variable that has each, and the name of its file. */
  readonly secrets: readonly { readonly variable: string; readonly name: string }[];
}

/** Variables that keep it from asking the internet for prices when it starts. */
export const LITE_LLM_VARIABLES = {
  LITELLM_LOCAL_MODEL_COST_MAP: "True",
  LITELLM_TELEMETRY: "False",
} as const;

/** Variable with the key that callers show it. */
export const MASTER_KEY = "LITELLM_MASTER_KEY";

/**
 * A LiteLLM that has every model of the agents. A model whose provider has no key here answers that, so that agents can be
 * tried without any account.
 *
 * @param hasSecret whether somebody has put a secret of that name into its file
 * @see https://docs.litellm.ai/docs/proxy/configs
 */
export function liteLlmSetup(
  workloads: readonly AgentWorkload[],
  hasSecret: (name: string) => boolean,
): LiteLlmSetup {
  const models = [...new Set(workloads.flatMap(({ model }) => model ?? []))].toSorted();
  const entries = models.map((model) => {
    const provider = providerOf(model);
    const keySecret = `${provider}-api-key`;
    return { model, provider, keySecret, isThere: hasSecret(keySecret) };
  });
  const providers = new Map(
    entries.filter(({ isThere }) => isThere).map((each) => [each.provider, each.keySecret]),
  );
  return {
    configuration: {
      model_list: entries.map(({ model, provider, keySecret, isThere }) => ({
        model_name: model,
        litellm_params: {
          model: model.includes("/") ? model : `${provider}/${model}`,
          ...(isThere
            ? { api_key: `os.environ/${keyVariable(provider)}` }
            : {
                api_key: "none",
                mock_response: `There is no key of '${provider}' here, so this is no model's answer: put one into .local/secrets/${keySecret}.`,
              }),
        },
      })),
      general_settings: { master_key: `os.environ/${MASTER_KEY}` },
    },
    secrets: [...providers].map(([provider, name]) => ({ variable: keyVariable(provider), name })),
  };
}

/** As LiteLLM writes models: `anthropic/claude-sonnet-4-5`; without a provider they are OpenAI's. */
function providerOf(model: string): string {
  const [provider, ...rest] = model.split("/");
  return rest.length === 0 || provider === undefined ? "openai" : provider;
}

function keyVariable(provider: string): string {
  return `${provider.toUpperCase().replaceAll("-", "_")}_API_KEY`;
}

/** A LiteLLM that runs with the fleet. */
export interface RunningLiteLlm {
  readonly part: Part;
  readonly url: string;
  readonly remove: () => void;
}

/** Starts the proxy that is on the path, and waits until it listens. */
export async function startLiteLlm(
  { configuration, secrets }: LiteLlmSetup,
  key: string,
  secretOf: (name: string) => string,
  onLine: (line: string) => void,
): Promise<RunningLiteLlm> {
  const { folder, remove } = temporaryFolder("litellm");
  const port = await freePort();
  const file = join(folder, "litellm.yaml");
  writeFileSync(file, JSON.stringify(configuration));
  const part = startPart({
    name: "litellm",
    program: "litellm",
    args: ["--config", file, "--host", "127.0.0.1", "--port", `${port}`],
    folder,
    variables: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      ...LITE_LLM_VARIABLES,
      [MASTER_KEY]: key,
      ...Object.fromEntries(secrets.map(({ variable, name }) => [variable, secretOf(name)])),
    },
    onLine,
  });
  await listening(port, part);
  return { part, url: `http://127.0.0.1:${port}`, remove };
}
