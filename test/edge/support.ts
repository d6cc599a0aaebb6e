import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders as Http2Headers } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { edgePrograms, edgeVariables } from "../../src/edge/edge-program";
import type { EdgeProgramName } from "../../src/edge/edge-site";
import { freePort } from "../../src/local/free-port";
import { makeCertificate } from "../images/support/certificate";
import { PROGRAM_PATH } from "../support/real-programs";
import { workloadOf } from "../support/sample-fleet";

/** Milliseconds between two events of a replica's stream. */
const EVENT_GAP = 250;
export const EVENTS = 5;

/** A replica of an agent, as far as an edge can tell. */
export interface Replica {
  readonly address: string;
  /** Requests other than for the card. */
  readonly asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Card requests so far. */
  readonly checks: () => number;
  readonly stop: () => void;
}

export async function startReplica(): Promise<Replica> {
  const asked: { path: string; headers: IncomingHttpHeaders }[] = [];
  let checks = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/.well-known/agent-card.json") {
      checks += 1;
      response.setHeader("Content-Type", "application/json").end("{}");
      return;
    }
    asked.push({ path, headers: request.headers });
    if (path !== "/message:stream") {
      response.end("{}");
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      response.write(`data: ${sent}\n\n`);
      if (sent < EVENTS) return;
      clearInterval(timer);
      response.end();
    }, EVENT_GAP);
    response.once("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    checks: () => checks,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An agent whose card says `https://localhost:<port>/agents/billing`. */
export function billingAt(port: number): AgentWorkload {
  const workload = workloadOf("billing");
  return {
    ...workload,
    reach: "internet",
    route: { ...workload.route, publicUrl: `https://localhost:${port}/agents/billing` },
  };
}

export interface Certificates {
  readonly folder: string;
  readonly authority: Buffer;
}

/** A folder with the certificate of `localhost`, under the names that each program reads. */
export function localhostCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "edge-"));
  const { authority, certificate, key } = makeCertificate(folder);
  copyFileSync(certificate, join(folder, "localhost.crt"));
  copyFileSync(key, join(folder, "localhost.key"));
  writeFileSync(join(folder, "localhost.pem"), Buffer.concat([readFileSync(certificate), readFileSync(key)]));
  return { folder, authority: readFileSync(authority) };
}

export interface EdgeProgram {
  readonly name: EdgeProgramName;
  /** Whether it asks replicas how they are when nobody calls. */
  readonly checksReplicas: boolean;
  readonly limitsAddresses: boolean;
}

export const PROGRAMS: readonly EdgeProgram[] = [
  { name: "nginx", checksReplicas: false, limitsAddresses: true },
  { name: "haproxy", checksReplicas: true, limitsAddresses: true },
  { name: "caddy", checksReplicas: true, limitsAddresses: false },
];

/**
 * The line of each configuration that says what becomes of events, and what holds them back in its place. HAProxy and
 * Caddy hold nothing by themselves: what they are told here, somebody has to want.
 */
const HOLDS: Record<EdgeProgramName, readonly [passes: string, holds: string]> = {
  // An agent asks nginx for no buffer, by a header of its own.
  nginx: ["proxy_buffering off", "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering"],
  haproxy: ["  option httpchk\n", "  option httpchk\n  http-response wait-for-body time 60s\n"],
  caddy: ["flush_interval -1", "buffer_responses"],
};

/**
 * A configuration with its program's buffer on, or as it was. nginx holds only what comes without chunks, so both ask for
 * that: the buffer is all that differs.
 */
export function buffered({ name }: EdgeProgram, text: string, on: boolean): string {
  const [passes, holds] = HOLDS[name];
  if (!text.includes(passes)) throw new Error(`the configuration of ${name} has no '${passes}'`);
  const changed = on ? text.replace(passes, holds) : text;
  return changed.replace("proxy_http_version 1.1", "proxy_http_version 1.0");
}

/** A program that runs with a configuration that it has found valid. */
export interface RunningEdge {
  readonly url: string;
  readonly httpUrl: string;
  readonly stop: () => Promise<void>;
}

/**
 * @param answers path below the agent that answers with 200
 * @throws Error with the program's words when it finds the configuration invalid.
 */
export async function startEdge(
  { name }: EdgeProgram,
  certificates: Certificates,
  write: (ports: { readonly https: number; readonly http: number }) => string,
  answers = "/",
): Promise<RunningEdge> {
  const [https, http] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), `edge-${name}-`));
  const { test, run } = edgePrograms[name].prepare(write({ https, http }), folder);
  const env = edgeVariables(PROGRAM_PATH, folder);
  execFileSync(name, test, { env, stdio: "pipe" });
  const child = spawn(name, run, { env, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const url = `https://localhost:${https}/agents/billing`;
  await answered(`${url}${answers}`, certificates, child).catch(async (error: unknown) => {
    await end(child);
    throw new Error(`${name} did not answer: ${error}\n${errors}`);
  });
  return { url, httpUrl: `http://localhost:${http}`, stop: () => end(child) };
}

async function answered(url: string, certificates: Certificates, child: ChildProcess): Promise<void> {
  let last: unknown;
  for (let tries = 0; tries < 600 && child.exitCode === null; tries += 1) {
    try {
      const { status } = await request(url, certificates);
      if (status === 200) return;
      last = status;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(String(last));
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once("exit", () => resolve());
    // What a stream keeps open isn't waited for.
    child.kill(edgePrograms[child.spawnfile as EdgeProgramName].endsOn);
    setTimeout(() => child.kill("SIGKILL"), 3000).unref();
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Http2Headers;
  readonly body: string;
  /** When each piece of the body came, in milliseconds since the request. */
  readonly pieces: readonly number[];
}

/** One request over HTTP/2, on a connection of its own. */
export async function request(
  url: string,
  certificates: Certificates,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [answer] = await requests(1, url, certificates, headers);
  if (answer === undefined) throw new Error("no request was sent");
  return answer;
}

/** So many requests at once, on one connection. */
export async function requests(
  count: number,
  url: string,
  { authority }: Certificates,
  headers: Record<string, string> = {},
): Promise<Answer[]> {
  const session = connect(new URL(url).origin, { ca: authority });
  const failed = new Promise<never>((_, reject) => session.once("error", reject));
  const asked = Array.from({ length: count }, () => ask(session, new URL(url).pathname, headers));
  try {
    return await Promise.race([Promise.all(asked), failed]);
  } finally {
    session.close();
  }
}

function ask(
  session: ClientHttp2Session,
  pathname: string,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const stream = session.request({ ":path": pathname, ...headers });
    let answer: Http2Headers = {};
    let body = "";
    const pieces: number[] = [];
    stream.once("response", (got) => {
      answer = got;
    });
    stream.on("data", (data) => {
      pieces.push(Date.now() - started);
      body += data;
    });
    stream.once("error", reject);
    stream.once("end", () => resolve({ status: Number(answer[":status"]), headers: answer, body, pieces }));
    stream.end();
  });
}

/** Whether the events of a stream came one by one: the first long before the last. */
export function cameOneByOne({ pieces }: Answer): boolean {
  const [first = 0, last = 0] = [pieces.at(0), pieces.at(-1)];
  return pieces.length === EVENTS && last - first > ((EVENTS - 1) * EVENT_GAP) / 2;
}
