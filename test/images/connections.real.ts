import { Agent, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { LANGUAGES } from "./support/image";
import { SHORT_QUESTIONS } from "./support/questions";

/** Seconds for which Envoy keeps a connection that nobody uses: the longest of what may be in front. */
const LONGEST_IN_FRONT = 3600;

/** More than the five seconds that both languages' servers have of their own. */
const GAP_MILLISECONDS = 8000;

describe.each(LANGUAGES)("a %s agent's connections", (language) => {
  let agent: AgentProcess;
  /** Whatever is in front: one connection, kept for as long as the agent keeps it. */
  const front = new Agent({ keepAlive: true, maxSockets: 1 });
  afterEach(async () => {
    front.destroy();
    await agent?.stop();
  });

  /** @returns the answer, and what it came on: an answer that is whole has let go of that */
  function ask(): Promise<{ readonly answer: IncomingMessage; readonly connection: Socket | null }> {
    return new Promise((resolve, reject) => {
      const asked = request(`${agent.url}health`, { agent: front }, (answer) => {
        const connection = asked.socket;
        answer.resume().once("end", () => resolve({ answer, connection }));
      });
      asked.once("error", reject).end();
    });
  }

  it("are still there when what is in front has not used one for a while, and end with the agent", async () => {
    agent = await startAgent(language, { agent: SHORT_QUESTIONS[language].agent });
    const first = await ask();
    const [, announced] = /^timeout=(\d+)$/.exec(String(first.answer.headers["keep-alive"])) ?? [];
    expect(Number(announced)).toBeGreaterThan(LONGEST_IN_FRONT);
    await new Promise((resolve) => setTimeout(resolve, GAP_MILLISECONDS));
    expect(first.connection?.readyState).toBe("open");
    const second = await ask();
    expect([second.answer.statusCode, second.connection === first.connection]).toEqual([200, true]);

    agent.signal("SIGTERM");
    expect(await agent.ended).toBe(0);
    await expect.poll(() => second.connection?.readyState).toBe("closed");
  });
});
