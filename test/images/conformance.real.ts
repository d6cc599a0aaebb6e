import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type StreamResponse, TaskState } from "@a2a-js/sdk";
import {
  ClientFactory,
  ClientFactoryOptions,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "@a2a-js/sdk/client";
import {
  ClientFactory as LegacyFactory,
  JsonRpcTransportFactory as LegacyJsonRpc,
  ClientFactoryOptions as LegacyOptions,
  RestTransportFactory as LegacyRest,
} from "a2a-sdk-0.3/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { messageOf, Seen, textOf } from "./support/follower";
import { LANGUAGES, type Language } from "./support/image";
import { runPythonClient } from "./support/python-client";

/** The last release of the Python SDK that speaks 0.3 by itself. */
const LEGACY_PYTHON_SDK = "0.3.26";
const BINDINGS = ["JSONRPC", "HTTP+JSON"] as const;
type Binding = (typeof BINDINGS)[number];

/** What one client sees of an agent from card to second cancellation, in words that all versions have. */
interface Conversation {
  readonly name: string;
  readonly sent: string;
  /** First and last state on a stream. */
  readonly streamed: readonly string[];
  readonly text: string;
  readonly canceled: string;
  /** Last states of the stream that began a task and of one that subscribed to it, once it is canceled. */
  readonly ends: readonly string[];
  readonly again: string;
}

type Converse = (about: {
  readonly url: string;
  readonly slowUrl: string;
  readonly text: string;
  readonly skill: string;
  readonly binding: Binding;
}) => Promise<Conversation>;

const SUBJECT: Record<
  Language,
  { agent: string; name: string; skill: string; text: string; answer: string }
> = {
  python: {
    agent: "research",
    name: "Research Assistant",
    skill: "summarize",
    text: "What is redis?",
    answer: "Redis keeps data structures in memory",
  },
  typescript: {
    agent: "inventory",
    name: "inventory",
    skill: "low-stock",
    text: "What runs low?",
    answer: "2 of 4 articles are below their reorder point.",
  },
};

const CLIENTS: Record<string, Converse> = {
  "JavaScript 1.0": async ({ url, slowUrl, text, skill, binding }) => {
    const transports = binding === "JSONRPC" ? [new JsonRpcTransportFactory()] : [new RestTransportFactory()];
    const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports });
    const factory = new ClientFactory({ ...options, transports, preferredTransports: [binding] });
    const [client, slow] = [await factory.createFromUrl(url), await factory.createFromUrl(slowUrl)];
    const sent = await client.sendMessage(messageOf(text, skill));
    if (!("status" in sent)) throw new Error("a message is no task");
    const states: string[] = [];
    for await (const event of client.sendMessageStream(messageOf(text, skill)))
      states.push(...stateIn(event));
    const got = await client.getTask({ id: sent.id, tenant: "", historyLength: undefined });

    const first = slow.sendMessageStream(messageOf(text, skill));
    const seen = new Seen().take((await first.next()).value as StreamResponse);
    const id = { id: seen.taskId, tenant: "" };
    const second = slow.resubscribeTask(id);
    await second.next();
    const canceled = await slow.cancelTask({ ...id, metadata: undefined });
    const ends: string[] = [];
    for (const stream of [first, second]) {
      let last = "";
      for await (const event of stream) last = stateIn(event)[0] ?? last;
      ends.push(last);
    }
    const again = await slow.cancelTask({ ...id, metadata: undefined }).then(
      () => "canceled",
      () => "refused",
    );
    return {
      name: (await client.getAgentCard()).name,
      sent: nameOf(sent.status?.state),
      streamed: [states[0] ?? "", states.at(-1) ?? ""],
      text: textOf(got.artifacts.flatMap(({ parts }) => parts)),
      canceled: nameOf(canceled.status?.state),
      ends,
      again,
    };
  },
  "JavaScript 0.3": async ({ url, slowUrl, text, skill, binding }) => {
    const transports = binding === "JSONRPC" ? [new LegacyJsonRpc()] : [new LegacyRest()];
    const options = { ...LegacyOptions.default, transports, preferredTransports: [binding] };
    const factory = new LegacyFactory(options);
    const [client, slow] = [await factory.createFromUrl(url), await factory.createFromUrl(slowUrl)];
    const asked = () => ({
      message: {
        kind: "message" as const,
        messageId: randomUUID(),
        role: "user" as const,
        parts: [{ kind: "text" as const, text }],
        metadata: { skill },
      },
    });
    const sent = await client.sendMessage(asked());
    if (sent.kind !== "task") throw new Error("a message is no task");
    const states: string[] = [];
    for await (const event of client.sendMessageStream(asked())) {
      if (event.kind === "task" || event.kind === "status-update") states.push(event.status.state);
    }
    const got = await client.getTask({ id: sent.id });

    const first = slow.sendMessageStream(asked());
    const begun = (await first.next()).value;
    if (begun?.kind !== "task") throw new Error("a stream begins with its task");
    const second = slow.resubscribeTask({ id: begun.id });
    await second.next();
    const canceled = await slow.cancelTask({ id: begun.id });
    const ends: string[] = [];
    for (const stream of [first, second]) {
      let last = "";
      for await (const event of stream)
        if (event.kind === "task" || event.kind === "status-update") last = event.status.state;
      ends.push(last);
    }
    const again = await slow.cancelTask({ id: begun.id }).then(
      () => "canceled",
      () => "refused",
    );
    const parts = (got.artifacts ?? []).flatMap((artifact) => artifact.parts);
    return {
      name: (await client.getAgentCard()).name,
      sent: sent.status.state,
      streamed: [states[0] ?? "", states.at(-1) ?? ""],
      text: parts.map((part) => (part.kind === "text" ? part.text : "")).join(""),
      canceled: canceled.status.state,
      ends,
      again,
    };
  },
  "Python 1.0": ({ url, slowUrl, text, skill, binding }) =>
    runPythonClient("converse_1_0.py", [url, slowUrl, text, skill, binding]),
  "Python 0.3": ({ url, slowUrl, text, skill, binding }) =>
    runPythonClient("converse_0_3.py", [url, slowUrl, text, skill, binding], () => {}, legacyPython()),
};

describe.each(LANGUAGES)("a %s agent", (language) => {
  const { agent, name, skill, text, answer } = SUBJECT[language];
  let agentProcess: AgentProcess;
  let slow: AgentProcess;

  beforeAll(async () => {
    [agentProcess, slow] = await Promise.all([
      startAgent(language, { agent }),
      startAgent(language, { agent, more: { ANSWER_PACE_MS: "600000", TASK_TIMEOUT_MS: "120000" } }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([agentProcess?.stop(), slow?.stop()]);
  });

  const matrix = Object.keys(CLIENTS).flatMap((client) => BINDINGS.map((binding) => ({ client, binding })));
  it.each(matrix)("talks to the client of $client over $binding", async ({ client, binding }) => {
    const about = { url: agentProcess.url, slowUrl: slow.url, text, skill, binding };
    const conversation = await CLIENTS[client]?.(about);
    expect(conversation).toEqual({
      name,
      sent: "completed",
      streamed: ["working", "completed"],
      text: expect.stringContaining(answer),
      canceled: "canceled",
      ends: ["canceled", "canceled"],
      again: "refused",
    });
  });
});

function stateIn({ payload }: StreamResponse): string[] {
  if (payload?.$case !== "task" && payload?.$case !== "statusUpdate") return [];
  return [nameOf(payload.value.status?.state)];
}

function nameOf(state: TaskState | undefined): string {
  return (TaskState[state ?? 0] ?? "").replace("TASK_STATE_", "").toLowerCase();
}

/** A Python with the SDK of 0.3, from PyPI, once a machine. */
function legacyPython(): string {
  const home = join(homedir(), ".cache", "a2a-fleet", `python-a2a-sdk-${LEGACY_PYTHON_SDK}`);
  const python = join(home, "bin", "python");
  if (existsSync(join(home, "whole"))) return python;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  execFileSync("python3", ["-m", "venv", home], { stdio: "pipe" });
  execFileSync(python, ["-m", "pip", "install", "-q", `a2a-sdk==${LEGACY_PYTHON_SDK}`], { stdio: "pipe" });
  // Last, so that one that was interrupted begins anew.
  mkdirSync(join(home, "whole"));
  return python;
}
