import { afterEach, describe, expect, it } from "vitest";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { clientOf, messageOf, Seen } from "./support/follower";
import { LANGUAGES } from "./support/image";
import { SHORT_QUESTIONS } from "./support/questions";
import { STORES, startStores } from "./support/stores";

const STREAMS = 50;

const stores = startStores();

/** How a stream ended, as its client saw it. */
type End = "final" | "resumable" | "cut";

const kinds = LANGUAGES.flatMap((language) => STORES.map((store) => ({ language, store })));

describe.each(kinds)("a $language agent on $store with fifty open streams", ({ language, store }) => {
  const { agent, skill, text } = SHORT_QUESTIONS[language];

  const replicas: AgentProcess[] = [];
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
  });

  async function start(graceSeconds: number, paceMs: number): Promise<AgentProcess> {
    const replica = await startAgent(language, {
      agent,
      store: stores(store)?.variablesFor(`drain-${agent}-${graceSeconds}`),
      more: {
        TASK_RECOVERY: "resume",
        GRACEFUL_TIMEOUT_SECONDS: String(graceSeconds),
        TASK_TIMEOUT_MS: "150000",
        ANSWER_PACE_MS: String(paceMs),
        SQL_POOL_SIZE: "10",
      },
    });
    replicas.push(replica);
    return replica;
  }

  /** Opens the streams, sends the signal once each of them shows its task or has failed, and waits for their ends. */
  async function endsAfter(replica: AgentProcess, signal: NodeJS.Signals): Promise<Seen[]> {
    const client = await clientOf(replica.url);
    let begun = 0;
    const begin = () => {
      begun += 1;
      if (begun === STREAMS) replica.signal(signal);
    };
    const all = await Promise.all(
      Array.from({ length: STREAMS }, async () => {
        const seen = new Seen();
        try {
          for await (const event of client.sendMessageStream(messageOf(text, skill))) {
            if (seen.take(event).events === 1) begin();
          }
        } catch {
          // What the client saw last is the answer.
          if (seen.events === 0) begin();
        }
        return seen;
      }),
    );
    // A busy machine may refuse a few before they are streams.
    const opened = all.filter(({ events }) => events > 0);
    expect(opened.length).toBeGreaterThan(STREAMS * 0.9);
    return opened;
  }

  const endOf = (seen: Seen): End => (seen.ended ? "final" : seen.resubscribe ? "resumable" : "cut");
  const countEnds = (all: readonly Seen[]) => {
    const ends: Record<End, number> = { final: 0, resumable: 0, cut: 0 };
    for (const seen of all) ends[endOf(seen)] += 1;
    return ends;
  };

  it("lets them finish when its grace is long enough, and takes nothing new meanwhile", async () => {
    const replica = await start(90, 3000);
    const ending = endsAfter(replica, "SIGTERM");
    await expect.poll(() => replica.logs().some(isDraining)).toBe(true);
    expect((await fetch(`${replica.url}ready`)).status).toBe(503);
    const late = await send(replica, text, skill);
    expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);
    const all = await ending;
    expect(countEnds(all)).toEqual({ final: all.length, resumable: 0, cut: 0 });
    expect(all.filter(({ state }) => state !== "COMPLETED")).toEqual([]);
    expect(await replica.ended).toBe(0);
  });

  it("ends none without an event that says how it goes on when its grace is too short", async () => {
    const replica = await start(1, 20_000);
    const ends = countEnds(await endsAfter(replica, "SIGTERM"));
    // A task in memory ends with its replica; what is shared goes on elsewhere, unless it ended in time.
    expect(ends).toMatchObject(store === "memory" ? { cut: 0, resumable: 0 } : { cut: 0 });
    if (store !== "memory") expect(ends.resumable).toBeGreaterThan(STREAMS / 2);
    expect(await replica.ended).toBe(0);
  });

  it("cuts them when it is killed: these tests would see it", async () => {
    const replica = await start(1, 20_000);
    const ends = countEnds(await endsAfter(replica, "SIGKILL"));
    expect(ends.cut).toBeGreaterThan(STREAMS / 2);
  });
});

const isDraining = (line: Record<string, unknown> | string) =>
  typeof line === "object" && line.message === "draining";

function send(replica: AgentProcess, text: string, skill: string): Promise<Response> {
  const message = { messageId: "late", role: "ROLE_USER", parts: [{ text }], metadata: { skill } };
  return fetch(replica.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "A2A-Version": "1.0" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "SendMessage", params: { message } }),
  });
}
