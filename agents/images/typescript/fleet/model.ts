/** The model behind the fleet's gateway, for agents that have one. */
import OpenAI from "openai";
import type { AnswerCache } from "./answers.js";
import { log } from "./logs.js";
import type { Metrics } from "./metrics.js";
import type { Settings } from "./settings.js";

const MEASURED = "a2a_model_request_duration_seconds";

/** Asks the gateway, in the API that LiteLLM speaks. */
export class Model {
  private readonly name: string;
  private readonly client: OpenAI;

  constructor(
    settings: Settings,
    private readonly metrics: Metrics,
    private readonly answers: AnswerCache,
  ) {
    this.name = settings.given("LITELLM_MODEL");
    this.client = new OpenAI({
      baseURL: `${settings.given("LITELLM_URL").replace(/\/+$/, "")}/v1`,
      apiKey: settings.given("LITELLM_API_KEY"),
    });
    for (const outcome of ["ok", "error"]) metrics.begin(MEASURED, { model: this.name, outcome });
  }

  /** The model's words on a text, as they come; at once if it was asked the same before. */
  async *write(task: string, text: string, signal?: AbortSignal): AsyncGenerator<string, void> {
    const question = `${this.name}\n${task}\n${text}`;
    const kept = await this.answers.get(question);
    if (kept !== undefined) {
      yield kept;
      return;
    }
    let words = "";
    let outcome = "error";
    const started = performance.now();
    try {
      const messages = [
        { role: "system" as const, content: task },
        { role: "user" as const, content: text },
      ];
      const stream = await this.client.chat.completions.create(
        { model: this.name, messages, stream: true },
        { signal },
      );
      for await (const chunk of stream) {
        const word = chunk.choices[0]?.delta.content;
        if (!word) continue;
        words += word;
        yield word;
      }
      outcome = "ok";
    } finally {
      const seconds = (performance.now() - started) / 1000;
      this.metrics.observe(MEASURED, seconds, { model: this.name, outcome });
      log.info({ measured: MEASURED, seconds, model: this.name, outcome }, "the model answered");
    }
    await this.answers.put(question, words);
  }
}

/** The model, if the agent has one. */
export function openModel(settings: Settings, metrics: Metrics, answers: AnswerCache): Model | undefined {
  return settings.text("LITELLM_MODEL") === undefined ? undefined : new Model(settings, metrics, answers);
}
