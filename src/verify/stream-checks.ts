import { randomUUID } from "node:crypto";
import { type Agent, type Card, call, PATIENCE, reasonOf } from "./asked-agent";
import { broken, kept, type Outcome, unseen } from "./check";
import { largestGap, readEvents, type StreamPiece, sendTimes } from "./event-stream";

/** One task, followed to its end; or why there is none. */
type Streamed =
  | {
      readonly pieces: readonly StreamPiece[];
      readonly type: string;
      readonly ended: number;
      /** What cut it, or null where it ended as answers end. */
      readonly cut: string | null;
      /** Null where no event named the task. */
      readonly taskId: string | null;
      /** What came of taking it up again while it was at work. */
      readonly again: Outcome;
    }
  | { readonly refused: Outcome };

/** Milliseconds that a second stream may last beyond the first. */
const SECOND_STREAM_GRACE = 2000;

/** Seconds that a stream is followed where nobody knows its deadline. */
const LONGEST_STREAM = 900;

export async function streamOnce(agent: Agent, card: Card): Promise<Streamed> {
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
    const pieces: StreamPiece[] = [];
    const cut = await readEvents(answer.body, started, (piece) => {
      pieces.push(piece);
      const id = taskIdOf(piece.data ?? "");
      if (id !== null)
        again ??= takeUp(agent, id, over.signal).catch((error: unknown) => broken(reasonOf(error)));
    }).then(() => null, reasonOf);
    const ended = performance.now() - started;
    // A task that waits for its caller would be followed for ever.
    setTimeout(() => over.abort(), SECOND_STREAM_GRACE).unref();
    const taskId = pieces.map(({ data }) => taskIdOf(data ?? "")).find((id) => id !== null) ?? null;
    return { pieces, type, ended, cut, taskId, again: (await again) ?? unseen("no event named the task") };
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
  const cut = await readEvents(answer.body, performance.now(), ({ data }) => said.push(data ?? "")).then(
    () => null,
    reasonOf,
  );
  const events = said.filter((data) => taskIdOf(data) === id);
  if (cut !== null && events.length === 0 && !over.aborted) return broken(cut);
  if (events.length > 0) return kept(`${events.length} events on a second connection`);
  return said.some((data) => data.includes('"error"'))
    ? unseen("the task was over too soon; say something that takes longer with --text")
    : broken("the second connection brought no event of the task");
}

export function checkResubscribed({ settings }: Agent, streamed: Streamed): Outcome {
  if (settings.workload?.resubscribe === false) return unseen("its definition doesn't promise it");
  return "refused" in streamed ? unseen("there was no stream") : streamed.again;
}

/** Nothing comes after these. */
const LAST_STATES = ["COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED", "AUTH_REQUIRED"];

/** Seconds by which a task may end after its deadline. */
const DEADLINE_LEEWAY = 5;

export function checkEnd({ settings }: Agent, streamed: Streamed): Outcome {
  if ("refused" in streamed) return unseen("there was no stream");
  const results = streamed.pieces.map(({ data }) => resultOf(data ?? ""));
  const states = results.flatMap(({ task, statusUpdate }) => (task ?? statusUpdate)?.status?.state ?? []);
  const state = states.at(-1)?.replace("TASK_STATE_", "") ?? "no state";
  const seconds = streamed.ended / 1000;
  const after = `after ${seconds.toFixed(1)} s`;
  if (streamed.cut !== null) return broken(`the stream was cut ${after}: ${streamed.cut}`);
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

export async function checkTaskVisible({ url, settings }: Agent, streamed: Streamed): Promise<Outcome> {
  if ("refused" in streamed || streamed.taskId === null) return unseen("there was no task");
  const { taskId } = streamed;
  const answers = await Promise.all(
    Array.from({ length: READS }, async () => {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await call(url, "GetTask", { id: taskId }, settings.token, signal, {
        Connection: "close",
      });
      // A refusal names the task as well.
      const { result } = (await answer.json().catch(() => ({}))) as { result?: { id?: unknown } };
      return result?.id === taskId;
    }),
  );
  const missed = answers.filter((found) => !found).length;
  return missed === 0
    ? kept(`${READS} of ${READS} reads found it`)
    : broken(`${missed} of ${READS} reads did not find it: replicas don't share their tasks`);
}

export function checkSuccess(streamed: Streamed): Outcome {
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

/** Milliseconds of spread that tell a stream from a burst. */
const TELLING_SPREAD = 300;

export function checkEvents(streamed: Streamed): Outcome {
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

/** Seconds by which a heartbeat may be late. */
const HEARTBEAT_LEEWAY = 1.5;

export function checkHeartbeat({ settings }: Agent, streamed: Streamed): Outcome {
  const seconds = settings.heartbeatSeconds ?? settings.workload?.heartbeatSeconds ?? null;
  if (seconds === null) {
    return unseen(
      settings.workload === undefined
        ? "name the seconds: --heartbeat <seconds>, or --environment <name>"
        : "its definition doesn't promise any",
    );
  }
  if ("refused" in streamed) return unseen("there was no stream");
  if (checkEvents(streamed).verdict === "broken") return unseen("what holds events back, holds it back too");
  const silence = largestGap([0, ...streamed.pieces.map(({ at }) => at), streamed.ended]) / 1000;
  const beats = streamed.pieces.filter(({ data }) => data === null).length;
  if (silence > seconds + HEARTBEAT_LEEWAY) {
    return broken(`${silence.toFixed(1)} s of silence, with a heartbeat due every ${seconds} s`);
  }
  if (beats > 0) return kept(`${beats} heartbeats, at most ${silence.toFixed(1)} s of silence`);
  return unseen(`the stream was never silent for ${seconds} s; say something that takes longer with --text`);
}
