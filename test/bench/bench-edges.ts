/**
 * `npm run bench -- edges`: the same streams straight from their agents and through a real nginx, HAProxy and Caddy with the
 * configurations that `npm run edge` writes. Streams begin when it is their time, however the others are (open model).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { EDGE_PROGRAMS, type EdgeProgramName } from "../../src/edge/edge-site";
import { freePort } from "../../src/local/free-port";
import { startLocalEdge } from "../../src/local/local-edge";
import { workloadOf } from "../support/sample-fleet";

/** What was seen of one way to the agents. */
interface Measured {
  readonly way: string;
  readonly streams: number;
  /** Streams that ended before their last event. */
  readonly cut: number;
  /** Milliseconds between two events of a stream: 99 of 100 are no longer. */
  readonly gapP99: number;
  /** Milliseconds to the first event. */
  readonly firstP99: number;
  /** Of twenty streams that began after a replica had gone: those without an answer; null where there is one replica. */
  readonly lostAfterFailure: number | null;
}

/** A process with streams to give. */
interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
}

/** What an edge's process has said so far, and with what it has ended if it has. */
interface StartedEdge {
  readonly started: {
    readonly lines: readonly string[];
    readonly ended: number | NodeJS.Signals | undefined;
  };
}

/** Milliseconds that an edge may add to the gap of 99 of 100 events. */
const AIM_MS = 50;

/** The schedule that is compressed: a quarter of an hour of tasks of five minutes, with an event every ten seconds. */
const SCHEDULE = { seconds: 900, taskSeconds: 300, eventSeconds: 10 } as const;

const command = new Command("npm run bench -- edges")
  .description(
    "Streams at fixed arrivals straight from agents, and through real edges: gaps between events, streams that were cut, and a replica that fails.",
  )
  .option("--streams <number>", "streams in a quarter of an hour", whole, 200)
  .option("--compress <factor>", "runs the quarter of an hour so many times as fast", whole, 20)
  .option("--edges <programs>", "which edges", (text: string) => text.split(","), [...EDGE_PROGRAMS])
  .option("--check", `fails where an edge cuts a stream, loses one to a failed replica, or adds ${AIM_MS} ms`)
  .option("--json", "prints what was measured as JSON")
  .parse();

const options = command.opts<{
  streams: number;
  compress: number;
  edges: EdgeProgramName[];
  check?: true;
  json?: true;
}>();
const GAP_MS = (SCHEDULE.eventSeconds * 1000) / options.compress;
const EVENTS = SCHEDULE.taskSeconds / SCHEDULE.eventSeconds;
const BETWEEN_STREAMS_MS = (SCHEDULE.seconds * 1000) / options.compress / options.streams;
/** Streams that begin after a replica has failed. */
const AFTERWARDS = 20;

measureAll().then(report, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});

async function measureAll(): Promise<Measured[]> {
  const measured = [await measureDirect()];
  for (const program of options.edges) measured.push(await measureEdge(program));
  return measured;
}

async function measureDirect(): Promise<Measured> {
  const replica = await startReplica();
  try {
    return { way: "direct", ...(await load(`http://127.0.0.1:${replica.port}/`)), lostAfterFailure: null };
  } finally {
    replica.process.kill("SIGKILL");
  }
}

async function measureEdge(program: EdgeProgramName): Promise<Measured> {
  const { url, authority, replicas, stop } = await startAnsweringEdge(program);
  try {
    const figures = await load(url, authority);
    const gone = once(replicas[0].process, "exit");
    replicas[0].process.kill("SIGKILL");
    await gone;
    // What is sent to it in the moment in which it goes is lost with it, and sent nowhere else.
    await pause(BETWEEN_STREAMS_MS);
    const after = await Promise.all(
      Array.from({ length: AFTERWARDS }, async (_, index) => {
        await pause(index * BETWEEN_STREAMS_MS);
        return stream(url, authority);
      }),
    );
    return {
      way: program,
      ...figures,
      lostAfterFailure: after.filter(({ at }) => at.length <= EVENTS).length,
    };
  } finally {
    await stop();
  }
}

/** An edge with two replicas behind it, and what it takes to ask them. */
interface AnsweringEdge {
  readonly url: string;
  readonly authority: Buffer;
  readonly replicas: readonly [Replica, Replica];
  readonly stop: () => Promise<void>;
}

/**
 * What is measured are streams: an edge that doesn't answer at its port, which another program may have got first, is said
 * to be so, and begun again somewhere else.
 */
async function startAnsweringEdge(program: EdgeProgramName, triesLeft = 2): Promise<AnsweringEdge> {
  const edge = await startEdge(program);
  const refusal = await answers(edge);
  if (refusal === undefined) return edge;
  await edge.stop();
  if (triesLeft === 0) throw new Error(refusal);
  process.stderr.write(`${refusal}\n`);
  return startAnsweringEdge(program, triesLeft - 1);
}

async function startEdge(program: EdgeProgramName): Promise<AnsweringEdge & StartedEdge> {
  const port = await freePort();
  const replicas = [await startReplica(), await startReplica()] as const;
  const workload = agentAt(port);
  const servers = { [workload.name]: replicas.map((replica) => `127.0.0.1:${replica.port}`) };
  const lines: string[] = [];
  const edge = await startLocalEdge({ program, port }, [workload], { servers }, (line) => lines.push(line));
  const started = { lines, ended: undefined as number | NodeJS.Signals | undefined };
  edge.part.ended.then((code) => {
    started.ended = code;
  });
  return {
    url: `${workload.route.publicUrl}/`,
    authority: readFileSync(edge.authority),
    replicas,
    started,
    stop: async () => {
      await edge.part.stop(1000);
      edge.remove();
      for (const replica of replicas) replica.process.kill("SIGKILL");
    },
  };
}

/** The sample fleet's agent at a port of this machine, with a deadline as compressed as its tasks. */
function agentAt(port: number): AgentWorkload {
  const workload = workloadOf("billing");
  return {
    ...workload,
    reach: "internet",
    taskDeadlineSeconds: Math.ceil(SCHEDULE.taskSeconds / options.compress),
    route: { ...workload.route, publicUrl: `https://localhost:${port}/agents/billing` },
  };
}

async function startReplica(): Promise<Replica> {
  const args = ["--import", "tsx", join(__dirname, "replica-program.ts"), String(GAP_MS), String(EVENTS)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout }))
    return { port: Number(line), process: child };
  throw new Error("a replica ended before it listened");
}

async function load(
  url: string,
  authority?: Buffer,
): Promise<Pick<Measured, "streams" | "cut" | "gapP99" | "firstP99">> {
  const started = performance.now();
  const streams = await Promise.all(
    Array.from({ length: options.streams }, async (_, index) => {
      await pause(started + index * BETWEEN_STREAMS_MS - performance.now());
      return stream(url, authority);
    }),
  );
  const gaps = streams.flatMap(({ at }) => at.slice(1).map((time, index) => time - (at[index] ?? time)));
  return {
    streams: streams.length,
    cut: streams.filter(({ at }) => at.length !== EVENTS + 1).length,
    gapP99: percentile99(gaps),
    firstP99: percentile99(streams.flatMap(({ at, began }) => at.slice(0, 1).map((time) => time - began))),
  };
}

interface Stream {
  readonly began: number;
  /** When each of its events came. */
  readonly at: readonly number[];
  /** Its status, or why there was none. */
  readonly outcome: string;
}

/** One stream on a connection of its own. */
function stream(url: string, ca?: Buffer): Promise<Stream> {
  return new Promise((resolve) => {
    const began = performance.now();
    const at: number[] = [];
    const over = (outcome: string) => resolve({ began, at, outcome });
    const send = url.startsWith("https:") ? requestTls : requestPlain;
    const asked = send(
      url,
      { method: "POST", agent: false, ...(ca === undefined ? {} : { ca }) },
      (answer) => {
        answer.setEncoding("utf8").on("data", (text: string) => {
          for (const _ of text.matchAll(/^data:/gm)) at.push(performance.now());
        });
        answer.once("close", () => over(`status ${answer.statusCode}`));
      },
    );
    asked.once("error", (error) => over(error.message)).end();
  });
}

/** @returns nothing when a stream came, or why none did within a quarter of a minute */
async function answers({
  url,
  authority,
  started,
}: AnsweringEdge & StartedEdge): Promise<string | undefined> {
  let outcome = "";
  for (let tries = 0; tries < 60 && started.ended === undefined; tries += 1) {
    const asked = await stream(url, authority);
    if (asked.at.length > 0) return undefined;
    outcome = asked.outcome;
    await pause(250);
  }
  const ended = started.ended === undefined ? [] : [`the edge ended with ${started.ended}`];
  return [`no stream comes from ${url}: ${outcome}`, ...ended, ...started.lines.slice(-5)].join("\n");
}

function percentile99(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function report(measured: readonly Measured[]): void {
  const [direct] = measured as [Measured];
  const rows = measured.map((each) => ({
    ...each,
    gapToDirect: each.gapP99 / direct.gapP99,
    addedMs: each.gapP99 - direct.gapP99,
  }));
  if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else {
    const table = new Table({
      head: ["", "streams", "cut", "gap p99 ms", "× direct", "first event p99 ms", "lost after a failure"],
      style: { head: [], border: [] },
      colAligns: ["left", ...Array<"right">(6).fill("right")],
    });
    for (const { way, streams, cut, gapP99, gapToDirect, firstP99, lostAfterFailure } of rows) {
      const lost = lostAfterFailure === null ? "" : `${lostAfterFailure} of ${AFTERWARDS}`;
      table.push([way, streams, cut, gapP99.toFixed(0), gapToDirect.toFixed(3), firstP99.toFixed(0), lost]);
    }
    process.stdout.write(`${table.toString()}\n`);
  }
  if (!options.check) return;
  const missed = rows.filter(
    ({ cut, addedMs, lostAfterFailure }) => cut > 0 || addedMs > AIM_MS || (lostAfterFailure ?? 0) > 0,
  );
  for (const { way, cut, addedMs, lostAfterFailure } of missed) {
    process.stderr.write(
      `${way}: ${cut} streams cut, ${addedMs.toFixed(0)} ms added, ${lostAfterFailure ?? 0} lost after a failure\n`,
    );
  }
  if (missed.length > 0) process.exitCode = 1;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It has to be a whole number from 1.");
  return value;
}
