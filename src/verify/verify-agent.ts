import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import { agentCard, CARD_PATH, legacyAgentCard } from "../agent/agent-card";
import type { AgentWorkload } from "../agent/agent-workload";
import { contractDocuments } from "../agent/contract-documents";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../agent/forwarding-headers";
import { broken, kept, type Outcome, unseen, type Verified } from "./check";
import { largestGap, readEvents, type StreamPiece, sendTimes } from "./event-stream";

/** What a verification is given besides the URL. */
export interface VerifySettings {
  /** What the agent was synthesized as, where that is known. */
  readonly workload?: AgentWorkload;
  /** Token that lets a caller in. */
  readonly token?: string;
  /** Token of the same issuer and audience whose caller has not the role. */
  readonly tokenWithoutRole?: string;
  /** What is said to the agent to have it stream. @default - the first example of its first skill */
  readonly text?: string;
  /** Seconds between heartbeats. @default - the workload's */
  readonly heartbeatSeconds?: number;
  /** Origin of a browser that may call. */
  readonly origin?: string;
  /** Requests that are sent at once to meet the limit; 0 sends none. @default 0 */
  readonly burst?: number;
}

/** Milliseconds of spread that tell a stream from a burst. */
const TELLING_SPREAD = 300;

/** Seconds by which a heartbeat may be late. */
const HEARTBEAT_LEEWAY = 1.5;

/** Milliseconds that any answer but a stream may take. */
const PATIENCE = 30_000;

/** Asks a running agent from outside whether it keeps the fleet's promises. Begins one task, and with `burst` looks for the limit. */
export async function verifyAgent(given: string, settings: VerifySettings = {}): Promise<Verified[]> {
  const url = given.replace(/\/$/, "");
  const agent: Agent = { url, settings };
  const results: Verified[] = [];
  const ask = async (check: string, promise: string, question: () => Outcome | Promise<Outcome>) => {
    const outcome = await Promise.resolve()
      .then(question)
      .catch((error: unknown) => broken(`no answer: ${reasonOf(error)}`));
    results.push({ url, check, promise, ...outcome });
    return outcome;
  };

  let card: Card | undefined;
  await ask("card", "the card is public, and one of A2A 1.0", async () => {
    const [outcome, found] = await readCard(agent);
    card = found;
    return outcome;
  });
  if (card === undefined) return results;
  const found = card;
  await ask("card-url", "the card names the URL that callers use", () => checkCardUrl(agent, found));
  await ask("card-legacy", "clients of A2A 0.3 find a card with the same URL", () =>
    checkLegacyCard(agent, found),
  );
  await ask("card-as-synthesized", "the card is the one that the fleet's definition makes", () =>
    checkSynthesized(agent, found),
  );
  await ask("claimed-host", "what callers claim of hosts and proxies changes nothing", () =>
    checkClaims(agent),
  );
  await ask("tls", "callers are spoken to by TLS 1.2 or newer, with a certificate that lasts", () =>
    checkTls(agent),
  );
  await ask("card-caching", "the card may be kept, and is asked for again by its tag", () =>
    checkCaching(agent),
  );
  await ask("without-token", "nobody gets in without a token (401)", () =>
    checkRefused(agent, found, undefined),
  );
  await ask("wrong-token", "nobody gets in with a token that nobody signed (401)", () =>
    checkRefused(agent, found, "not.a.token"),
  );
  await ask("without-role", "nobody gets in without the role (403)", () => checkRole(agent, found));
  const streamed = await streamOnce(agent, found);
  await ask("success", "a caller with a token is served", () => checkSuccess(streamed));
  await ask("events", "events pass one by one", () => checkEvents(streamed));
  await ask("end", "a stream ends with the task's last state, within its deadline", () =>
    checkEnd(agent, streamed),
  );
  await ask("resubscribe", "a task that is at work can be taken up again", () =>
    checkResubscribed(agent, streamed),
  );
  await ask("task-visible", "a task is there whoever is asked for it", () =>
    checkTaskVisible(agent, streamed),
  );
  await ask("heartbeat", "a silent stream is kept open by heartbeats", () => checkHeartbeat(agent, streamed));
  await ask("origins", "browsers of other origins are not let in", () => checkOrigins(agent));
  await ask("rate-limit", "who asks too much is told when to come back", () => checkLimit(agent));
  return results;
}

interface Agent {
  readonly url: string;
  readonly settings: VerifySettings;
}

/** The part of a card that a verification reads. */
interface Card {
  readonly supportedInterfaces: readonly {
    readonly url: string;
    readonly protocolBinding: string;
    readonly protocolVersion: string;
  }[];
  readonly securityRequirements?: readonly unknown[];
  readonly skills: readonly { readonly examples?: readonly string[] }[];
}

const VERSION_1 = { "A2A-Version": "1.0" };

function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
}

async function readCard({ url }: Agent): Promise<[Outcome, Card | undefined]> {
  const answer = await get(`${url}${CARD_PATH}`, VERSION_1);
  if (answer.status !== 200) {
    return [broken(`${CARD_PATH} answers ${answer.status} without a token, not 200`), undefined];
  }
  const parsed = contractDocuments.AgentCard.safeParse(await answer.json());
  if (parsed.success) return [kept("200, without a token"), parsed.data as Card];
  const [issue] = parsed.error.issues;
  return [broken(`it is no card: ${issue?.path.join(".")}: ${issue?.message}`), undefined];
}

function checkCardUrl({ url }: Agent, card: Card): Outcome {
  const others = [...new Set(card.supportedInterfaces.map((each) => each.url))].filter(
    (each) => each.replace(/\/$/, "") !== url,
  );
  return others.length === 0
    ? kept(url)
    : broken(`it was asked at ${url}, and its card says ${others.join(", ")}`);
}

async function checkLegacyCard({ url }: Agent, { supportedInterfaces }: Card): Promise<Outcome> {
  if (!supportedInterfaces.some(({ protocolVersion }) => protocolVersion === "0.3")) {
    return unseen("the agent speaks 1.0 alone");
  }
  const answer = await get(`${url}${CARD_PATH}`);
  const card: unknown = await answer.json();
  const parsed = contractDocuments.LegacyAgentCard.safeParse(card);
  if (!parsed.success) return broken("a client that names no version gets no card of 0.3");
  const named = (parsed.data as { url: string }).url;
  return named.replace(/\/$/, "") === url ? kept(named) : broken(`it says ${named}, not ${url}`);
}

async function checkSynthesized({ url, settings }: Agent, card: Card): Promise<Outcome> {
  const { workload } = settings;
  if (workload === undefined) return unseen("name the environment: --environment <name>");
  const expected: unknown = JSON.parse(JSON.stringify(agentCard(workload)));
  const differing = differencesOf(expected, card);
  if (differing.length > 0) return broken(`other than synthesized: ${differing.join(", ")}`);
  if (workload.protocolVersions.includes("0.3")) {
    const legacy: unknown = await (await get(`${url}${CARD_PATH}`)).json();
    const others = differencesOf(JSON.parse(JSON.stringify(legacyAgentCard(workload))), legacy);
    if (others.length > 0) return broken(`for clients of 0.3 other than synthesized: ${others.join(", ")}`);
  }
  return kept(`version ${workload.version}`);
}

/** Properties that two objects don't have alike. */
function differencesOf(expected: unknown, found: unknown): string[] {
  const [left, right] = [expected, found] as Record<string, unknown>[];
  return [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])].filter(
    (name) => !isDeepStrictEqual(left?.[name], right?.[name]),
  );
}

/** The card is the one thing that an agent shapes by the host that it believes it was asked at. */
async function checkClaims({ url }: Agent): Promise<Outcome> {
  const claims = {
    [FORWARDED_HOST]: "elsewhere.invalid",
    ...Object.fromEntries(CLAIMED_FORWARDING.map((header) => [header, "elsewhere.invalid"])),
    Forwarded: "for=192.0.2.1;host=elsewhere.invalid",
  };
  const read = async (headers: Record<string, string>) => {
    const answer = await get(`${url}${CARD_PATH}`, { ...VERSION_1, ...headers });
    return { status: answer.status, text: await answer.text() };
  };
  const [honest, claimed] = [await read({}), await read(claims)];
  if (claimed.status !== honest.status)
    return broken(`${claimed.status} for a caller that claims a host, not ${honest.status}`);
  return claimed.text === honest.text
    ? kept("the card is the same")
    : broken("a caller that claims another host gets another card: nothing in front drops X-Forwarded-Host");
}

/** Days that a certificate should be good for: whoever renews it has failed for a while by then. */
const CERTIFICATE_DAYS = 7;

async function checkTls({ url }: Agent): Promise<Outcome> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "http:") {
    return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
      ? unseen("the agent is on this machine, without TLS")
      : broken("http: everybody on the way reads along");
  }
  const socket = connect({ host: hostname, port: Number(port || 443), servername: hostname });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(PATIENCE) });
    const version = socket.getProtocol() ?? "";
    const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
    if (!["TLSv1.2", "TLSv1.3"].includes(version)) return broken(`${version}, not TLSv1.2 or TLSv1.3`);
    if (days < CERTIFICATE_DAYS) return broken(`the certificate ends in ${days} days`);
    return kept(`${version}, a certificate for ${days} more days`);
  } finally {
    socket.destroy();
  }
}

async function checkCaching({ url }: Agent): Promise<Outcome> {
  const first = await get(`${url}${CARD_PATH}`, VERSION_1);
  await first.body?.cancel();
  const tag = first.headers.get("etag");
  const control = first.headers.get("cache-control") ?? "";
  if (tag === null) return broken("it has no ETag");
  if (!/max-age=\d+/.test(control)) return broken(`Cache-Control is '${control}', without max-age`);
  // As fetch would say no-cache of its own beside If-None-Match, unless told otherwise.
  const again = await get(`${url}${CARD_PATH}`, {
    ...VERSION_1,
    "If-None-Match": tag,
    "Cache-Control": "max-age=0",
  });
  await again.body?.cancel();
  return again.status === 304
    ? kept(`${control}, 304 for its tag`)
    : broken(`${again.status} for its own tag, not 304`);
}

/** Asks for a task that nobody has: begins nothing, and passes every check in front of the agent. */
function askForNothing({ url }: Agent, token: string | undefined): Promise<Response> {
  return call(url, "GetTask", { id: randomUUID() }, token, AbortSignal.timeout(PATIENCE));
}

function call(
  url: string,
  method: string,
  params: object,
  token: string | undefined,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    signal: signal ?? null,
    headers: {
      ...VERSION_1,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

async function checkRefused(agent: Agent, card: Card, token: string | undefined): Promise<Outcome> {
  const { status, body } = await askForNothing(agent, token);
  await body?.cancel();
  if (status === 401) return kept("401");
  const needed = asksForToken(card) || agent.settings.token !== undefined;
  if (!needed) return unseen("its card asks for no token");
  return broken(`${status}, not 401`);
}

async function checkRole(agent: Agent, card: Card): Promise<Outcome> {
  const { tokenWithoutRole } = agent.settings;
  if (tokenWithoutRole === undefined) {
    return unseen(
      asksForToken(card)
        ? "put a token of a caller without the role into A2A_TOKEN_WITHOUT_ROLE"
        : "its card asks for no token",
    );
  }
  const { status, body } = await askForNothing(agent, tokenWithoutRole);
  await body?.cancel();
  return status === 403 ? kept("403") : broken(`${status}, not 403`);
}

function asksForToken({ securityRequirements = [] }: Card): boolean {
  return securityRequirements.length > 0;
}

/** One task, followed to its end; or why there is none. */
type Streamed =
  | {
      readonly pieces: readonly StreamPiece[];
      readonly type: string;
      readonly ended: number;
      /** Null where no event named the task. */
      readonly taskId: string | null;
      /** What came of taking it up again while it was at work. */
      readonly again: Outcome;
    }
  | { readonly refused: Outcome };

async function streamOnce(agent: Agent, card: Card): Promise<Streamed> {
  const { url, settings } = agent;
  const speaks = card.supportedInterfaces.some(
    (each) => each.protocolBinding === "JSONRPC" && each.protocolVersion === "1.0",
  );
  if (!speaks) return { refused: unseen("it does not speak JSON-RPC in 1.0, which this check does") };
  const text = settings.text ?? card.skills.flatMap(({ examples = [] }) => examples)[0] ?? "Hello";
  const message = { messageId: randomUUID(), role: "ROLE_USER", parts: [{ text }] };
  const started = performance.now();
  const seconds = settings.workload?.taskDeadlineSeconds ?? LONGEST_STREAM;
  const patience = AbortSignal.timeout((seconds + 2 * DEADLINE_LEEWAY) * 1000);
  try {
    const answer = await call(url, "SendStreamingMessage", { message }, settings.token, patience);
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status === 401 && settings.token === undefined) {
      return { refused: unseen("put a caller's token into A2A_TOKEN") };
    }
    if (answer.status !== 200 || answer.body === null) {
      return { refused: broken(`${answer.status} for a message, not 200`) };
    }
    const over = new AbortController();
    let again: Promise<Outcome> | undefined;
    const pieces = await readEvents(answer.body, started, (data) => {
      const id = taskIdOf(data);
      if (id !== null)
        again ??= takeUp(agent, id, over.signal).catch((error: unknown) => broken(reasonOf(error)));
    });
    const ended = performance.now() - started;
    // A task that waits for its caller would be followed for ever.
    setTimeout(() => over.abort(), SECOND_STREAM_GRACE).unref();
    const taskId = pieces.map(({ data }) => taskIdOf(data ?? "")).find((id) => id !== null) ?? null;
    return { pieces, type, ended, taskId, again: (await again) ?? unseen("no event named the task") };
  } catch (error) {
    return { refused: broken(`the stream broke: ${reasonOf(error)}`) };
  }
}

/** Id of the task that an event is about. */
function taskIdOf(data: string): string | null {
  const { task, statusUpdate, artifactUpdate } = resultOf(data);
  return task?.id ?? statusUpdate?.taskId ?? artifactUpdate?.taskId ?? null;
}

/** What an event says, as far as a verification reads it. */
interface EventResult {
  readonly task?: { readonly id: string; readonly status?: { readonly state?: string } };
  readonly statusUpdate?: {
    readonly taskId: string;
    readonly status?: { readonly state?: string };
    readonly metadata?: { readonly resubscribe?: unknown };
  };
  readonly artifactUpdate?: { readonly taskId: string };
}

function resultOf(data: string): EventResult {
  try {
    return ((JSON.parse(data) as { result?: EventResult }).result ?? {}) as EventResult;
  } catch {
    return {};
  }
}

/** Milliseconds that a second stream may last beyond the first. */
const SECOND_STREAM_GRACE = 2000;

/** Seconds that a stream is followed where nobody knows its deadline. */
const LONGEST_STREAM = 900;

/** Takes a task up again on a connection of its own, and follows it to its end. */
async function takeUp({ url, settings }: Agent, id: string, over: AbortSignal): Promise<Outcome> {
  const answer = await call(url, "SubscribeToTask", { id }, settings.token, over);
  if (!(answer.headers.get("content-type") ?? "").startsWith("text/event-stream") || answer.body === null) {
    const refusal = (await answer.text()).slice(0, 200);
    // It was over before anybody could.
    if (/-3200[1-4]/.test(refusal))
      return unseen("the task was over too soon; say something that takes longer with --text");
    return broken(`${answer.status} for a task at work: ${refusal}`);
  }
  const said: string[] = [];
  await readEvents(answer.body, performance.now(), (data) => said.push(data)).catch((error: unknown) => {
    if (!over.aborted) throw error;
  });
  const events = said.filter((data) => taskIdOf(data) === id);
  if (events.length > 0) return kept(`${events.length} events on a second connection`);
  return said.some((data) => data.includes('"error"'))
    ? unseen("the task was over too soon; say something that takes longer with --text")
    : broken("the second connection brought no event of the task");
}

function checkResubscribed({ settings }: Agent, streamed: Streamed): Outcome {
  if (settings.workload?.resubscribe === false) return unseen("its definition doesn't promise it");
  return "refused" in streamed ? unseen("there was no stream") : streamed.again;
}

/** Nothing comes after these. */
const LAST_STATES = ["COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED", "AUTH_REQUIRED"];

/** Seconds by which a task may end after its deadline. */
const DEADLINE_LEEWAY = 5;

function checkEnd({ settings }: Agent, streamed: Streamed): Outcome {
  if ("refused" in streamed) return unseen("there was no stream");
  const results = streamed.pieces.map(({ data }) => resultOf(data ?? ""));
  const states = results.flatMap(({ task, statusUpdate }) => (task ?? statusUpdate)?.status?.state ?? []);
  const state = states.at(-1)?.replace("TASK_STATE_", "") ?? "no state";
  const seconds = streamed.ended / 1000;
  const after = `after ${seconds.toFixed(1)} s`;
  const toBeResumed = results.at(-1)?.statusUpdate?.metadata?.resubscribe === true;
  // A message without a task is an answer, and its stream is over with it.
  if (streamed.taskId === null) return unseen("it answered without a task");
  if (!LAST_STATES.includes(state) && !toBeResumed) {
    return broken(`the stream ended ${after} with the task in ${state}: something cut it`);
  }
  const deadline = settings.workload?.taskDeadlineSeconds;
  if (deadline !== undefined && seconds > deadline + DEADLINE_LEEWAY) {
    return broken(`the task ended ${after}, and its deadline is ${deadline} s`);
  }
  return kept(`${toBeResumed ? "to be taken up again" : state} ${after}`);
}

/** How often a task is read: behind several replicas, each on a connection of its own meets them all. */
const READS = 8;

async function checkTaskVisible({ url, settings }: Agent, streamed: Streamed): Promise<Outcome> {
  if ("refused" in streamed || streamed.taskId === null) return unseen("there was no task");
  const { taskId } = streamed;
  const answers = await Promise.all(
    Array.from({ length: READS }, async () => {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await call(url, "GetTask", { id: taskId }, settings.token, signal, {
        Connection: "close",
      });
      return (await answer.text()).includes(taskId) && answer.ok;
    }),
  );
  const missed = answers.filter((found) => !found).length;
  return missed === 0
    ? kept(`${READS} of ${READS} reads found it`)
    : broken(`${missed} of ${READS} reads did not find it: replicas don't share their tasks`);
}

function checkSuccess(streamed: Streamed): Outcome {
  if ("refused" in streamed) return streamed.refused;
  const events = streamed.pieces.filter(({ data }) => data !== null);
  if (!streamed.type.startsWith("text/event-stream")) {
    return broken(`the answer is '${streamed.type}', not text/event-stream`);
  }
  if (events.length === 0) return broken("the stream had no event");
  const failed = events.find(({ data }) => data?.includes('"error":'));
  return failed === undefined
    ? kept(`${events.length} events`)
    : broken(`an error: ${failed.data?.slice(0, 200)}`);
}

function checkEvents(streamed: Streamed): Outcome {
  if ("refused" in streamed) return unseen("there was no stream");
  const events = streamed.pieces.filter(({ data }) => data !== null);
  const arrivals = events.map(({ at }) => at);
  const sent = sendTimes(events);
  const spread = (times: readonly number[]) => (times.at(-1) ?? 0) - (times[0] ?? 0);
  const figures = {
    firstEvent: Math.round(arrivals[0] ?? streamed.ended),
    largestGap: Math.round(largestGap(arrivals)),
    ...(sent.length > 1 ? { largestGapSent: Math.round(largestGap(sent)) } : {}),
  };
  const seen = `${events.length} events over ${Math.round(spread(arrivals))} ms, the first after ${figures.firstEvent} ms, largest gap ${figures.largestGap} ms`;
  if (spread(sent) >= TELLING_SPREAD && spread(arrivals) < spread(sent) / 2) {
    return broken(
      `${seen}, but sent over ${Math.round(spread(sent))} ms: something holds them back`,
      figures,
    );
  }
  if (spread(arrivals) >= TELLING_SPREAD) return kept(seen, figures);
  return unseen(`${seen}: too quick to tell; say something that takes longer with --text`);
}

function checkHeartbeat({ settings }: Agent, streamed: Streamed): Outcome {
  const seconds = settings.heartbeatSeconds ?? settings.workload?.heartbeatSeconds ?? null;
  if (seconds === null) return unseen("name the seconds: --heartbeat <seconds>, or --environment <name>");
  if ("refused" in streamed) return unseen("there was no stream");
  const silence = largestGap([0, ...streamed.pieces.map(({ at }) => at), streamed.ended]) / 1000;
  const beats = streamed.pieces.filter(({ data }) => data === null).length;
  if (silence > seconds + HEARTBEAT_LEEWAY) {
    return broken(`${silence.toFixed(1)} s of silence, with a heartbeat due every ${seconds} s`);
  }
  if (beats > 0) return kept(`${beats} heartbeats, at most ${silence.toFixed(1)} s of silence`);
  return unseen(`the stream was never silent for ${seconds} s; say something that takes longer with --text`);
}

const ELSEWHERE = "https://elsewhere.invalid";

async function checkOrigins(agent: Agent): Promise<Outcome> {
  const { origin } = agent.settings;
  const stranger = await allowedOrigin(agent, ELSEWHERE);
  if (stranger === "*" || stranger === ELSEWHERE) return broken(`any origin is let in (${stranger})`);
  if (origin === undefined) return kept(`${ELSEWHERE} is not let in`);
  const own = await allowedOrigin(agent, origin);
  return own === origin
    ? kept(`${origin} is let in, ${ELSEWHERE} is not`)
    : broken(`${origin} is not let in`);
}

async function allowedOrigin({ url }: Agent, origin: string): Promise<string | null> {
  const { headers, body } = await fetch(url, {
    method: "OPTIONS",
    signal: AbortSignal.timeout(PATIENCE),
    headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
  });
  await body?.cancel();
  return headers.get("access-control-allow-origin");
}

async function checkLimit(agent: Agent): Promise<Outcome> {
  const { burst = 0, token } = agent.settings;
  if (burst === 0) return unseen("uses up the caller's minute, so only when asked: --burst <requests>");
  const answers = await Promise.all(
    Array.from({ length: burst }, async () => {
      const { status, headers, body } = await askForNothing(agent, token);
      await body?.cancel();
      return { status, retryAfter: headers.get("retry-after") };
    }),
  );
  const refused = answers.filter(({ status }) => status === 429);
  if (refused.length === 0) return broken(`${burst} requests at once, and none was refused with 429`);
  const mute = refused.filter(({ retryAfter }) => !/^[1-9]\d*$/.test(retryAfter ?? ""));
  return mute.length === 0
    ? kept(`429 after ${burst - refused.length} requests, Retry-After ${refused[0]?.retryAfter} s`)
    : broken("429 without Retry-After");
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
