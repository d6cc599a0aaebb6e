import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { clientOf, messageOf, Seen } from "./support/follower";
import { LANGUAGES } from "./support/image";
import { SHORT_QUESTIONS } from "./support/questions";
import { type RealStore, startPostgres } from "./support/stores";

const TABLES = ["tasks", "task_versions", "task_events", "push_notification_configs"];
const SECONDS = 3;

let postgres: RealStore;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describe.each(LANGUAGES)("a %s agent on Postgres", (language) => {
  const { agent, skill, text } = SHORT_QUESTIONS[language];
  const running: AgentProcess[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
  });

  async function start(keyspace: string, more: Record<string, string>) {
    const started = await startAgent(language, {
      agent,
      store: postgres.variablesFor(keyspace),
      more: { TASK_TIMEOUT_MS: "120000", PUSH_ALLOWED_HOSTS: "127.0.0.1", ...more },
    });
    running.push(started);
    return started;
  }

  /** A task that has ended, and a configuration of it for a receiver that nobody listens at. */
  async function leaveTask({ url }: AgentProcess): Promise<string> {
    const client = await clientOf(url);
    const sent = await client.sendMessage(messageOf(text, skill));
    if (!("status" in sent)) throw new Error("a message is no task");
    await client.createTaskPushNotificationConfig({
      tenant: "",
      id: "hook",
      taskId: sent.id,
      url: "http://127.0.0.1:9/",
      token: "",
      authentication: undefined,
    });
    return sent.id;
  }

  const rowsOf = (keyspace: string, taskId: string) =>
    TABLES.filter((table) => {
      const column = table === "tasks" ? "id" : "task_id";
      const count = `SELECT count(*) FROM ${table} WHERE ${column} = '${taskId}'`;
      return postgres.ask(keyspace, "-c", count) !== "0";
    });

  it("forgets tasks that have been kept for long enough, and keeps those that are worked on", async () => {
    const keyspace = `forget-${agent}`;
    const ttl = { POSTGRES_TASK_TTL_SECONDS: String(SECONDS) };
    // Another replica of it, whose task takes longer than tasks are kept.
    const [replica, slow] = [
      await start(keyspace, ttl),
      await start(keyspace, { ...ttl, ANSWER_PACE_MS: "600000" }),
    ];
    const working = new Seen();
    for await (const event of (await clientOf(slow.url)).sendMessageStream(messageOf(text, skill))) {
      if (working.take(event).text !== "") break;
    }
    const ended = await leaveTask(replica);
    expect(rowsOf(keyspace, ended)).toEqual(TABLES);
    await expect.poll(() => rowsOf(keyspace, ended), { interval: 500 }).toEqual([]);
    const client = await clientOf(replica.url);
    await expect(client.getTask({ id: ended, tenant: "", historyLength: 0 })).rejects.toThrow(/not found/i);
    // Begun before the other, and still there.
    expect(rowsOf(keyspace, working.taskId)).toEqual(["tasks", "task_versions", "task_events"]);
  });

  it("keeps them where nobody says for how long", async () => {
    const keyspace = `keep-${agent}`;
    const ended = await leaveTask(await start(keyspace, {}));
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 2000));
    expect(rowsOf(keyspace, ended)).toEqual(TABLES);
  });
});
