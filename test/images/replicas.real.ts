import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { clientOf, follow, messageOf, Seen } from "./support/follower";
import { LANGUAGES } from "./support/image";
import { runPythonClient } from "./support/python-client";
import { LONG_QUESTIONS } from "./support/questions";
import { startStores } from "./support/stores";

/** Rounds of each kind: a few by default, IMAGES_ROUNDS=7 for a hundred in all. */
const ROUNDS = Number(process.env.IMAGES_ROUNDS ?? "2");
const LEASE_SECONDS = 2;
const TASK_SECONDS = 20;

let counted = 0;
const stores = startStores();
afterAll(() => {
  console.log(`${counted} replicas were lost while tasks were working`);
});

const kinds = LANGUAGES.flatMap((language) =>
  (["redis", "postgres"] as const).flatMap((store) =>
    (["resume", "fail"] as const).map((recovery) => ({ language, store, recovery })),
  ),
);

describe.each(kinds)("two replicas of a $language agent on $store that $recovery tasks", (kind) => {
  const { language, store, recovery } = kind;
  const { agent, skill, text } = LONG_QUESTIONS[language];
  const replicas: AgentProcess[] = [];
  let whole = "";

  const start = () => {
    const keyspace = `dev-${agent}-${recovery}`;
    return startAgent(language, {
      agent,
      store: stores(store)?.variablesFor(keyspace),
      more: {
        TASK_RECOVERY: recovery,
        TASK_LEASE_SECONDS: String(LEASE_SECONDS),
        TASK_TIMEOUT_MS: String(TASK_SECONDS * 1000),
        GRACEFUL_TIMEOUT_SECONDS: "1",
        ANSWER_PACE_MS: "120",
      },
    });
  };

  beforeAll(async () => {
    replicas.push(...(await Promise.all([start(), start()])));
    const [first, second] = replicas as [AgentProcess, AgentProcess];
    const seen = await follow(first.url, second.url, text, skill);
    expect(seen).toMatchObject({ state: "COMPLETED", streams: 1 });
    whole = seen.text;
    expect(whole.length).toBeGreaterThan(100);
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  it("shows every event at whichever replica a stream is open, once", async () => {
    const [first, second] = replicas as [AgentProcess, AgentProcess];
    const [here, there] = [new Seen(), new Seen()];
    let elsewhere: Promise<void> | undefined;
    for await (const event of (await clientOf(first.url)).sendMessageStream(messageOf(text, skill))) {
      here.take(event);
      elsewhere ??= watch(second.url, here.taskId, there);
    }
    await elsewhere;
    expect(here).toMatchObject({ state: "COMPLETED", text: whole });
    expect(there).toMatchObject({ state: "COMPLETED", text: whole });
  });

  it.each(["SIGKILL", "SIGTERM"] as const)(
    `loses nothing to %s mid-stream, ${ROUNDS} times`,
    async (signal) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const [first, second] = replicas as [AgentProcess, AgentProcess];
        try {
          await loseOne(round, signal, first, second);
          counted += 1;
        } finally {
          // Whatever came of this round, the next one begins with two.
          await first.stop();
          replicas.splice(0, 2, second, await start());
        }
      }
    },
  );

  async function loseOne(
    round: number,
    signal: "SIGKILL" | "SIGTERM",
    first: AgentProcess,
    second: AgentProcess,
  ): Promise<void> {
    // Half of the rounds with the other language as client.
    const inPython = (round % 2 === 0) === (language === "typescript");
    let events = 0;
    let lostAt = 0;
    const lose = () => {
      events += 1;
      if (events !== 4) return;
      lostAt = Date.now();
      first.signal(signal);
    };
    const seen = inPython
      ? await runPythonClient<Followed>("follow.py", [first.url, second.url, text, skill], lose)
      : await follow(first.url, second.url, text, skill, lose);
    expect(lostAt, "the replica was never lost").toBeGreaterThan(0);
    const seconds = (Date.now() - lostAt) / 1000;

    if (recovery === "resume") {
      expect(seen).toMatchObject({ state: "COMPLETED", text: whole });
      expect(seen.streams).toBeGreaterThan(1);
    } else {
      expect(seen.state).toBe("FAILED");
      expect(seen.reason).toBe(
        signal === "SIGKILL"
          ? "the replica that worked on it is gone"
          : "the replica that worked on it was stopped before the task could end",
      );
      // A lease, a round to find that it has ended, and what a busy machine takes on top.
      expect(seconds).toBeLessThan(LEASE_SECONDS + LEASE_SECONDS / 2 + 4);
    }
    expect(seconds).toBeLessThan(TASK_SECONDS);
    expect(await first.ended).toBe(signal === "SIGKILL" ? "SIGKILL" : 0);
    await expectNoneWorking(second.url);
  }
});

type Followed = Pick<Seen, "taskId" | "state" | "reason" | "text"> & { readonly streams: number };

async function watch(url: string, taskId: string, seen: Seen): Promise<void> {
  for await (const event of (await clientOf(url)).resubscribeTask({ id: taskId, tenant: "" }))
    seen.take(event);
}

/** What the store says, asked through the replica that is left. */
async function expectNoneWorking(url: string): Promise<void> {
  const client = await clientOf(url);
  const { tasks } = await client.listTasks({
    tenant: "",
    contextId: "",
    status: 2,
    pageSize: 50,
    pageToken: "",
    historyLength: undefined,
    statusTimestampAfter: undefined,
    includeArtifacts: false,
  });
  expect(tasks.map(({ id }) => id)).toEqual([]);
}
