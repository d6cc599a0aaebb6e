/** Takes a customer's request apart, delegates the parts, and answers with the whole. */
import type { Tools } from "../../fleet/app.js";
import { log } from "../../fleet/logs.js";
import { textOf } from "../../fleet/peers.js";
import type { Skill } from "../../fleet/skill.js";
import { sentencesOf, sharedWords } from "./texts.js";

/** What one agent is asked. */
interface Part {
  readonly agent: string;
  readonly url: string;
  readonly skill: string;
  readonly text: string;
}

export const delegate = ({ peers }: Tools): Skill =>
  async function* ({ text, signal }) {
    const parts = await takeApart(text);
    if (parts.length === 0) {
      const names = Object.keys(await peers.find())
        .sort()
        .join(", ");
      yield `None of the agents that I may ask (${names || "there are none"}) has a skill for that.`;
      return;
    }
    yield `I ask ${parts.map(({ agent }) => agent).join(", ")}.\n`;
    const waiting = new Map(parts.map((part) => [part.agent, ask(part, signal)]));
    while (waiting.size > 0) {
      const { agent, answer } = await Promise.race(waiting.values());
      waiting.delete(agent);
      yield `\n## ${agent}\n${answer}\n`;
    }

    async function ask({ agent, url, skill, text: asked }: Part, until: AbortSignal) {
      try {
        return { agent, answer: textOf(await peers.ask(url, skill, asked, until)) };
      } catch (error) {
        // What the others say is still worth having.
        log.warn({ agent }, `an agent gave no answer: ${String(error)}`);
        return { agent, answer: `gave no answer: ${error instanceof Error ? error.message : String(error)}` };
      }
    }

    /** Gives each sentence to the agent whose skill has most words in common with it. */
    async function takeApart(request: string): Promise<Part[]> {
      const found: { agent: string; url: string; skill: string; about: string }[] = [];
      for (const [agent, url] of Object.entries(await peers.find()).sort()) {
        for (const { id, name, description, tags } of (await peers.card(url)).skills) {
          found.push({ agent, url, skill: id, about: [name, description, ...tags].join(" ") });
        }
      }
      const asked = new Map<string, Part>();
      for (const sentence of sentencesOf(request)) {
        const scored = found.map((skill) => ({ ...skill, score: sharedWords(sentence, skill.about) }));
        const best = scored.reduce((one, other) => (other.score > one.score ? other : one), {
          score: 0,
          agent: "",
          url: "",
          skill: "",
        });
        if (best.score === 0) continue;
        const before = asked.get(best.agent);
        const texts = before === undefined ? sentence : `${before.text} ${sentence}`;
        asked.set(best.agent, {
          agent: best.agent,
          url: best.url,
          skill: before?.skill ?? best.skill,
          text: texts,
        });
      }
      return [...asked.values()];
    }
  };
