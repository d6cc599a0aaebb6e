import { TaskState } from "@a2a-js/sdk";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../src/local/free-port";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { clientOf, messageOf, Seen } from "./support/follower";
import { LANGUAGES } from "./support/image";
import { SHORT_QUESTIONS } from "./support/questions";
import { STORES, startStores } from "./support/stores";

/** Tasks of each kind; CANCEL_TASKS for more. */
const TASKS = Number(process.env.CANCEL_TASKS ?? "60");
const AT_ONCE = 6;
/** Other moments: CANCEL_SEED. */
const SEED = Number(process.env.CANCEL_SEED ?? "1");

/** An answer takes all but nothing at this pace. */
const PACE_MS = 20;

const stores = startStores();

/** What three witnesses say of one task. */
interface Ending {
  readonly stream: string;
  readonly stored: string;
  /** The state in cancel's answer, or what it refused with. */
  readonly answer: string;
}

const kinds = LANGUAGES.flatMap((language) => STORES.map((store) => ({ language, store })));

describe.each(kinds)("a $language agent on $store whose tasks are canceled around their end", (kind) => {
  const { language, store } = kind;
  const { agent, skill, text } = SHORT_QUESTIONS[language];
  const replicas: AgentProcess[] = [];
  const metricsPorts: number[] = [];

  beforeAll(async () => {
    for (let replica = 0; replica < (store === "memory" ? 1 : 2); replica += 1) {
      const metricsPort = await freePort();
      metricsPorts.push(metricsPort);
      const more = {
        ANSWER_PACE_MS: String(PACE_MS),
        ENABLE_METRICS: "true",
        METRICS_PORT: String(metricsPort),
      };
      const variables = stores(store)?.variablesFor(`cancel-${agent}`);
      replicas.push(await startAgent(language, { agent, store: variables, more }));
    }
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  /** Streams a task from one replica, and cancels it at another or the same after so many milliseconds. */
  async function cancelAfter(ms: number, elsewhere: boolean): Promise<Ending> {
    const here = await clientOf(replicas[0]?.url ?? "");
    const there = elsewhere ? await clientOf(replicas.at(-1)?.url ?? "") : here;
    const seen = new Seen();
    let answer: Promise<string> | undefined;
    for await (const event of here.sendMessageStream(messageOf(text, skill))) {
      seen.take(event);
      answer ??= new Promise((resolve) => setTimeout(resolve, ms))
        .then(() => there.cancelTask({ id: seen.taskId, tenant: "", metadata: undefined }))
        .then((task) => stateOf(task.status?.state))
        .catch((error: Error) => error.name);
    }
    const said = (await answer) ?? "was never asked";
    const stored = await here.getTask({ id: seen.taskId, tenant: "", historyLength: 0 });
    return { stream: seen.state, stored: stateOf(stored.status?.state), answer: said };
  }

  async function endedTasks(): Promise<number> {
    let ended = 0;
    for (const port of metricsPorts) {
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      for (const [, count] of metrics.matchAll(/^a2a_tasks_total\{[^}]*\} ([\d.]+)$/gm))
        ended += Number(count);
    }
    return ended;
  }

  it("ends each once, and tells stream, store and whoever canceled the same", async () => {
    // How long a task takes from its first event, so many at once: around its end is where two last states may meet.
    const whole = Math.max(...(await Promise.all(Array.from({ length: AT_ONCE }, () => durationOfOne()))));
    const moments = fc.sample(
      fc.record({
        share: fc.oneof(
          { weight: 3, arbitrary: fc.double({ min: 0.7, max: 1.1, noNaN: true }) },
          { weight: 1, arbitrary: fc.double({ min: 0, max: 1.1, noNaN: true }) },
        ),
        elsewhere: fc.boolean(),
      }),
      { numRuns: TASKS, seed: SEED },
    );
    const endings: Ending[] = [];
    const canceling = async () => {
      for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) {
        endings.push(await cancelAfter(moment.share * whole, moment.elsewhere));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, canceling));

    expect(endings.filter((ending) => !agrees(ending))).toEqual([]);
    // Those that were measured, and each of the others once.
    await expect.poll(endedTasks).toBe(AT_ONCE + TASKS);
    const count = (state: string) => endings.filter(({ stream }) => stream === state).length;
    expect(count("CANCELED") + count("COMPLETED")).toBe(TASKS);
    console.log(
      `${language} on ${store}: ${count("CANCELED")} canceled, ${count("COMPLETED")} completed first (${Math.round(whole)} ms)`,
    );
  });

  async function durationOfOne(): Promise<number> {
    let began = 0;
    const client = await clientOf(replicas[0]?.url ?? "");
    for await (const _ of client.sendMessageStream(messageOf(text, skill))) began ||= performance.now();
    return performance.now() - began;
  }
});

/** A task that was canceled says so everywhere; one that had completed says that, and can't be canceled. */
function agrees({ stream, stored, answer }: Ending): boolean {
  return stream === "CANCELED"
    ? stored === "CANCELED" && answer === "CANCELED"
    : stream === "COMPLETED" && stored === "COMPLETED" && answer === "TaskNotCancelableError";
}

function stateOf(state: TaskState | undefined): string {
  return (TaskState[state ?? 0] ?? "").replace("TASK_STATE_", "");
}
