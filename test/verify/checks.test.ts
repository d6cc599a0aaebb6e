import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { agentCard, CARD_PATH, legacyAgentCard } from "../../src/agent/agent-card";
import type { VerifySettings } from "../../src/verify/asked-agent";
import { checkTls } from "../../src/verify/card-checks";
import type { Outcome } from "../../src/verify/check";
import { evidence } from "../../src/verify/evidence";
import { checkEnd, checkEvents, checkHeartbeat } from "../../src/verify/stream-checks";
import { verifyAgent } from "../../src/verify/verify-agent";
import { workloadOf } from "../support/sample-fleet";

// What is said of an agent that keeps every promise, and of others that break one: whole, as somebody reads it.

const workload = workloadOf("billing", { environment: { identityProvider: { kind: "entra" } } });

const inBase64 = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
const TOKEN = `${inBase64({ alg: "RS256", kid: "key-1" })}.${inBase64({})}.signed`;
const ORIGIN = "https://app.acme.example";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Of JSON-RPC. */
  readonly call?: { readonly method: string; readonly params: { readonly id?: string } };
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
}

/** What an agent does otherwise; undefined leaves it as it is. */
type Fault = (asked: Asked, honest: Answer) => Answer | undefined;

const event = (result: object) => `data: ${JSON.stringify({ jsonrpc: "2.0", id: 1, result })}\n\n`;
const update = (state: string) => event({ statusUpdate: { taskId: "task-1", status: { state } } });
const stream = (...events: string[]): Answer => ({
  headers: { "content-type": "text/event-stream" },
  body: events.join(""),
});
const TASK = event({ task: { id: "task-1", status: { state: "TASK_STATE_WORKING" } } });
const streams = (...events: string[]): Fault => {
  return ({ call }) => (call?.method === "SendStreamingMessage" ? stream(...events) : undefined);
};
const isCard = ({ method, path }: Asked) => method === "GET" && path.endsWith(CARD_PATH);

/** An agent that keeps every promise but for a fault. */
async function start(fault: Fault = () => undefined): Promise<{ url: string; settings: VerifySettings }> {
  let asked = 0;
  const honest = ({ method, path, headers, call }: Asked): Answer => {
    if (method === "OPTIONS") {
      return headers.origin === ORIGIN ? { headers: { "access-control-allow-origin": ORIGIN } } : {};
    }
    if (method === "GET") {
      if (path !== `/agents/billing${CARD_PATH}`) return { status: 404 };
      const cached = { etag: '"1"', "cache-control": "public, max-age=60" };
      if (headers["if-none-match"] === '"1"') return { status: 304, headers: cached };
      return {
        headers: cached,
        body: headers["a2a-version"] === "1.0" ? agentCard(own) : legacyAgentCard(own),
      };
    }
    if (headers.authorization === "Bearer of-a-stranger") return { status: 403 };
    if (headers.authorization !== `Bearer ${TOKEN}`) return { status: 401 };
    switch (call?.method) {
      case "SendStreamingMessage":
        return stream(": beat\n\n", TASK, update("TASK_STATE_COMPLETED"));
      case "SubscribeToTask":
        return stream(TASK, update("TASK_STATE_COMPLETED"));
      default:
        asked += 1;
        if (asked > 15) return { status: 429, headers: { "retry-after": "7" } };
        return call?.params.id === "task-1"
          ? { body: { result: { id: "task-1" } } }
          : { body: { error: { code: -32001, message: `no task ${call?.params.id}` } } };
    }
  };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { method = "", url: path = "", headers } = request;
    const question = { method, path, headers, ...(text === "" ? {} : { call: JSON.parse(text) }) };
    const answer = honest(question);
    const { status = 200, headers: said = {}, body = "" } = fault(question, answer) ?? answer;
    response.writeHead(status, { "content-type": "application/json", ...said });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${base}/agents/billing`;
  const own = { ...workload, resubscribe: true, route: { ...workload.route, publicUrl: `${url}/` } };
  const settings = {
    workload: own,
    token: TOKEN,
    tokenWithoutRole: "of-a-stranger",
    origin: ORIGIN,
    beside: [`${base}/beside/`],
    burst: 20,
    heartbeatSeconds: 30,
  };
  return { url, settings };
}

/** What is said of each promise; ports and times are not. */
async function saidOf(fault?: Fault, less: Partial<VerifySettings> = {}): Promise<string[]> {
  const { url, settings } = await start(fault);
  const results = await verifyAgent(`${url}/`, { ...settings, ...less });
  return results.map(
    ({ check, promise, verdict, saw, figures = {} }) =>
      `${check} (${promise}): ${verdict}: ${[saw, ...Object.keys(figures)]
        .join(" / ")
        .replaceAll(/127\.0\.0\.1:\d+/g, "<here>")
        .replaceAll(/\b(?:\d+ ms|\d+\.\d s)\b/g, "…")}`,
  );
}

test("of an agent that keeps every promise", async () => {
  const said = await saidOf();
  const named = said.map((line) => [line, ...(evidence[line.split(" ")[0] ?? ""] ?? [])].join("\n    "));
  await expect(`${named.join("\n")}\n`).toMatchFileSnapshot("__snapshots__/kept-promises.txt");
});

const without = (name: string): Fault => {
  return (asked, { headers = {}, ...answer }) => {
    const { [name]: _, ...left } = headers;
    return isCard(asked) ? { ...answer, headers: left } : undefined;
  };
};
const card = (change: object): Fault => {
  return (asked, answer) =>
    isCard(asked) && typeof answer.body === "object"
      ? { ...answer, body: { ...answer.body, ...change } }
      : undefined;
};
const legacy = (change: object): Fault => {
  return (asked, answer) =>
    asked.headers["a2a-version"] === "1.0" ? undefined : card(change)(asked, answer);
};
const current = (change: object): Fault => {
  return (asked, answer) =>
    asked.headers["a2a-version"] === "1.0" ? card(change)(asked, answer) : undefined;
};
const none = {
  workload: undefined,
  token: undefined,
  tokenWithoutRole: undefined,
  origin: undefined,
  beside: undefined,
  burst: undefined,
  heartbeatSeconds: undefined,
} as never;

const broken: Readonly<Record<string, readonly [fault?: Fault, less?: Partial<VerifySettings>]>> = {
  "asked with nothing but its URL": [undefined, none],
  "asked with nothing but its URL, and open to all": [current({ securityRequirements: [] }), none],
  "without a card": [(asked) => (isCard(asked) ? { status: 404 } : undefined)],
  "with half a card": [(asked) => (isCard(asked) ? { body: { name: "Billing" } } : undefined)],
  "at other addresses": [
    card({
      supportedInterfaces: ["https://a.example/", "https://a.example/", "https://b.example"].map((url) => ({
        url,
        protocolBinding: "JSONRPC",
        protocolVersion: "1.0",
      })),
    }),
  ],
  "of another version": [current({ version: "9.9.9", description: "Does otherwise" })],
  "of another description in 0.3": [legacy({ description: "Does otherwise" })],
  "at another address in 0.3": [legacy({ url: "https://a.example/" })],
  "without a card of 0.3": [legacy({ protocolVersion: undefined, name: undefined })],
  "that believes what callers claim": [
    (asked, answer) =>
      isCard(asked) && asked.headers["x-forwarded-host"] !== undefined
        ? { ...answer, body: "{}" }
        : undefined,
  ],
  "that is confused by what callers claim": [
    (asked) => (isCard(asked) && asked.headers.forwarded !== undefined ? { status: 421 } : undefined),
  ],
  "without a tag": [without("etag")],
  "that isn't to be kept": [without("cache-control")],
  "that doesn't know its tag": [
    (asked) => (asked.headers["if-none-match"] === undefined ? undefined : { status: 200, body: "{}" }),
  ],
  "that lets anybody in": [
    ({ call, headers }) =>
      call?.method === "GetTask" && headers.authorization !== `Bearer ${TOKEN}` ? { body: {} } : undefined,
  ],
  "that refuses its caller": [
    ({ call }) => (call?.method === "SendStreamingMessage" ? { status: 503 } : undefined),
  ],
  "that is at another address as well": [
    ({ path }, _) =>
      path === `/beside${CARD_PATH}` ? { body: { name: agentCard(workload).name } } : undefined,
  ],
  "whose metrics anybody reads": [
    ({ path }) => (path === "/beside/metrics" ? { body: "# TYPE a2a_tasks counter\n" } : undefined),
  ],
  "beside which somebody else answers": [
    ({ path }) => (path.startsWith("/beside") ? { body: { name: "Somebody" } } : undefined),
  ],
  "that any browser may call": [
    ({ method }) => (method === "OPTIONS" ? { headers: { "access-control-allow-origin": "*" } } : undefined),
  ],
  "that no browser may call": [({ method }) => (method === "OPTIONS" ? {} : undefined)],
  "that never refuses": [
    ({ call }, answer) => (call?.method === "GetTask" && answer.status === 429 ? { body: {} } : undefined),
    {},
  ],
  "that refuses without a time": [
    (_, answer) => (answer.status === 429 ? { ...answer, headers: { "retry-after": "0" } } : undefined),
    {},
  ],
  "that answers at once": [
    ({ call }) => (call?.method === "SendStreamingMessage" ? { body: { result: {} } } : undefined),
  ],
  "that streams nothing": [streams()],
  "that streams an error": [streams('data: {"error":{"code":-32603,"message":"no model"}}\n\n')],
  "that streams a message": [streams(event({ message: { role: "ROLE_AGENT" } }))],
  "that stops while at work": [streams(TASK)],
  "that asks for more": [streams(TASK, update("TASK_STATE_INPUT_REQUIRED"))],
  "that is taken up again": [
    streams(
      TASK,
      event({
        statusUpdate: {
          taskId: "task-1",
          status: { state: "TASK_STATE_WORKING" },
          metadata: { resubscribe: true },
        },
      }),
    ),
  ],
  "whose replicas share nothing": [
    ({ call }) => (call?.params.id === "task-1" && call.method === "GetTask" ? { body: {} } : undefined),
  ],
  "that promises neither streams that are taken up nor heartbeats": [
    undefined,
    {
      workload: { ...workload, resubscribe: false, heartbeatSeconds: null },
      heartbeatSeconds: undefined,
    } as never,
  ],
  "that can't be taken up again": [
    ({ call }) => (call?.method === "SubscribeToTask" ? { status: 500, body: "oops" } : undefined),
  ],
  "that was over before it could be taken up": [
    ({ call }) =>
      call?.method === "SubscribeToTask" ? { body: { error: { code: -32001, message: "none" } } } : undefined,
  ],
  "that was over when it was taken up": [
    ({ call }) =>
      call?.method === "SubscribeToTask" ? stream('data: {"error":{"code":-32603}}\n\n') : undefined,
  ],
  "that streams another task when it is taken up": [
    ({ call }) =>
      call?.method === "SubscribeToTask" ? stream(event({ task: { id: "task-2" } })) : undefined,
  ],
};

test("of agents that break a promise, where it differs from that", async () => {
  // A limit is looked for where it is what differs.
  const kept = [...(await saidOf()), ...(await saidOf(undefined, { burst: 0 }))];
  const texts: string[] = [];
  for (const [title, [fault, less = { burst: 0 }]] of Object.entries(broken)) {
    const said = await saidOf(fault, less);
    texts.push([`# ${title}`, ...said.filter((line) => !kept.includes(line)), ""].join("\n"));
  }
  await expect(texts.join("\n")).toMatchFileSnapshot("__snapshots__/broken-promises.txt");
});

test.each([
  ["http://agents.acme.example", "broken", "http: everybody on the way reads along"],
  ["http://localhost.acme.example", "broken", "http: everybody on the way reads along"],
  ["http://my-localhost", "broken", "http: everybody on the way reads along"],
  ["http://localhost:4000", "unseen", "the agent is on this machine, without TLS"],
  ["http://127.0.0.2:4000", "unseen", "the agent is on this machine, without TLS"],
  ["http://[::1]:4000", "unseen", "the agent is on this machine, without TLS"],
])("of TLS at %s: %s", async (url, verdict, saw) => {
  expect(await checkTls({ url, settings: {} })).toEqual({ verdict, saw });
});

/** A stream whose pieces came at these milliseconds: `null` is a heartbeat, a text the state, a number when it was sent. */
const streamed = (
  pieces: readonly (readonly [at: number, what: string | number | null])[],
  ended: number,
) => ({
  type: "text/event-stream",
  cut: null,
  taskId: "task-1",
  again: { verdict: "kept", saw: "" } as Outcome,
  ended,
  pieces: pieces.map(([at, what]) => {
    if (what === null) return { at, data: null };
    const status =
      typeof what === "string"
        ? { state: what }
        : { timestamp: new Date(1_700_000_000_000 + what).toISOString() };
    return { at, data: JSON.stringify({ result: { statusUpdate: { taskId: "task-1", status } } }) };
  }),
});
const agent = (settings: object) => ({ url: "https://a.example", settings: settings as VerifySettings });
const quick = agent({ workload: { ...workload, taskDeadlineSeconds: 10, heartbeatSeconds: 5 } });

test.each<[string, Outcome, Outcome]>([
  [
    "a task that ends five seconds after its deadline",
    checkEnd(quick, streamed([[1, "TASK_STATE_COMPLETED"]], 15_000)),
    { verdict: "kept", saw: "COMPLETED after 15.0 s" },
  ],
  [
    "a task that ends later",
    checkEnd(quick, streamed([[1, "TASK_STATE_COMPLETED"]], 15_001)),
    { verdict: "broken", saw: "the task ended after 15.0 s, and its deadline is 10 s" },
  ],
  [
    "a stream that was cut",
    checkEnd(quick, { ...streamed([[1, "TASK_STATE_WORKING"]], 2000), cut: "terminated" }),
    { verdict: "broken", saw: "the stream was cut after 2.0 s: terminated" },
  ],
  ...["COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED", "AUTH_REQUIRED"].map(
    (state): [string, Outcome, Outcome] => [
      `a task whose last state is ${state}`,
      checkEnd(quick, streamed([[1, `TASK_STATE_${state}`]], 1000)),
      { verdict: "kept", saw: `${state} after 1.0 s` },
    ],
  ),
  [
    "events that come as they are sent",
    checkEvents(
      streamed(
        [
          [100, 0],
          [300, 200],
          [400, 300],
        ],
        500,
      ),
    ),
    {
      verdict: "kept",
      saw: "3 events over 300 ms, the first after 100 ms, largest gap 200 ms",
      figures: { firstEvent: 100, largestGap: 200, largestGapSent: 200 },
    },
  ],
  [
    "events that come closer than they are sent, and not twice as close",
    checkEvents(
      streamed(
        [
          [0, 0],
          [300, 600],
        ],
        500,
      ),
    ),
    {
      verdict: "kept",
      saw: "2 events over 300 ms, the first after 0 ms, largest gap 300 ms",
      figures: { firstEvent: 0, largestGap: 300, largestGapSent: 600 },
    },
  ],
  [
    "events that are held back",
    checkEvents(
      streamed(
        [
          [0, 0],
          [149, 300],
        ],
        500,
      ),
    ),
    {
      verdict: "broken",
      saw: "2 events over 149 ms, the first after 0 ms, largest gap 149 ms, but sent over 300 ms: something holds them back",
      figures: { firstEvent: 0, largestGap: 149, largestGapSent: 300 },
    },
  ],
  [
    "events that are over at once",
    checkEvents(
      streamed(
        [
          [0, "TASK_STATE_WORKING"],
          [299, "TASK_STATE_COMPLETED"],
        ],
        500,
      ),
    ),
    {
      verdict: "unseen",
      saw: "2 events over 299 ms, the first after 0 ms, largest gap 299 ms: too quick to tell; say something that takes longer with --text",
    },
  ],
  [
    "heartbeats that are a second and a half late",
    checkHeartbeat(quick, streamed([[6500, null]], 7000)),
    { verdict: "kept", saw: "1 heartbeats, at most 6.5 s of silence" },
  ],
  [
    "heartbeats that are later",
    checkHeartbeat(quick, streamed([[6501, null]], 7000)),
    { verdict: "broken", saw: "6.5 s of silence, with a heartbeat due every 5 s" },
  ],
  [
    "no heartbeat until the end",
    checkHeartbeat(quick, streamed([[1, null]], 8000)),
    { verdict: "broken", saw: "8.0 s of silence, with a heartbeat due every 5 s" },
  ],
  [
    "no silence",
    checkHeartbeat(quick, streamed([[1000, "TASK_STATE_COMPLETED"]], 1000)),
    {
      verdict: "unseen",
      saw: "the stream was never silent for 5 s; say something that takes longer with --text",
    },
  ],
  [
    "heartbeats of a stream that is held back",
    checkHeartbeat(
      quick,
      streamed(
        [
          [0, 0],
          [9, 900],
        ],
        500,
      ),
    ),
    { verdict: "unseen", saw: "what holds events back, holds it back too" },
  ],
])("%s", (_title, said, whole) => {
  expect(said).toEqual(whole);
});
