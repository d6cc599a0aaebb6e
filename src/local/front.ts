import {
  Agent,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from "node:http";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../agent/forwarding-headers";
import { CLAIMED_HEADERS } from "../gateway/agent-policies";
import { CONSOLE_PATH, consolePage } from "./console-page";
import type { FleetDescription } from "./describe-fleet";
import { ISSUER_PATH } from "./facts/local-parts";
import type { TokenServer } from "./token-server";
import type { Trace } from "./trace-store";

/** What the front has seen of one agent's calls. */
export interface CallCounts {
  readonly calls: number;
  /** Streams that are open now. */
  readonly streams: number;
  /** Who called last, as the token says. The agent checks it, the front doesn't. */
  readonly lastCaller: string | null;
}

export interface FrontProps {
  readonly port: number;
  readonly tokens: TokenServer;
  /** Port of an agent's process by its name; undefined: there is no such agent, null: it isn't ready. */
  readonly portOf: (agent: string) => number | null | undefined;
  /** The fleet as it is now: what is answered at `/console/fleet.json`. */
  readonly describe: () => FleetDescription;
  /** What the agents did last: what is answered at `/console/traces.json`. */
  readonly traces: () => readonly Trace[];
}

export interface Front {
  readonly countsOf: (agent: string) => CallCounts;
  readonly stop: () => Promise<void>;
}

/** A connection may be idle for longer than an edge keeps one: Caddy two minutes, nginx one. */
const IDLE_MILLISECONDS = 180_000;

const NONE: CallCounts = { calls: 0, streams: 0, lastCaller: null };

/**
 * The one address of a fleet on this machine: agents below `/agents/<name>/`, the issuer of tokens below `/identity`.
 * Passes every piece of an answer on as it comes.
 *
 * @throws Error with the code EADDRINUSE when the port is taken.
 */
export async function startFront({ port, tokens, portOf, describe, traces }: FrontProps): Promise<Front> {
  const counts = new Map<string, CallCounts>();
  const connections = new Agent({ keepAlive: true });
  const change = (agent: string, by: (before: CallCounts) => Partial<CallCounts>) => {
    const before = counts.get(agent) ?? NONE;
    counts.set(agent, { ...before, ...by(before) });
  };

  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://front");
    const [, agent, path = "/"] = /^\/agents\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
    if (pathname.startsWith(`${ISSUER_PATH}/`)) {
      tokens(pathname.slice(ISSUER_PATH.length), request, response).catch(() => response.destroy());
    } else if (pathname === `${CONSOLE_PATH}/fleet.json`) {
      answer(response, 200, describe());
    } else if (pathname === `${CONSOLE_PATH}/traces.json`) {
      answer(response, 200, traces());
    } else if (pathname === CONSOLE_PATH || pathname.startsWith(`${CONSOLE_PATH}/`)) {
      consolePage(pathname.slice(CONSOLE_PATH.length), response);
    } else if (agent === undefined || portOf(agent) === undefined) {
      const known = describe().agents.map(({ name, path }) => [name, path]);
      answer(response, pathname === "/" ? 200 : 404, { agents: Object.fromEntries(known) });
    } else {
      pass(agent, portOf(agent) ?? null, `${path}${search}`, request, response);
    }
  });
  // Streams are as long as tasks.
  server.requestTimeout = 0;
  server.keepAliveTimeout = IDLE_MILLISECONDS;

  function pass(
    agent: string,
    to: number | null,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    if (!path.startsWith("/.well-known/")) {
      change(agent, ({ calls }) => ({ calls: calls + 1, lastCaller: callerOf(request) }));
    }
    const notThere = () => {
      if (response.headersSent) return response.destroy();
      response.setHeader("Retry-After", "1");
      answer(response, 503, jsonRpcError(`agent '${agent}' is not running`));
    };
    if (to === null) return notThere();
    const forwarded = send({
      host: "127.0.0.1",
      port: to,
      path,
      method: request.method,
      headers: forwardedHeaders(request),
      agent: connections,
    });
    forwarded.once("error", notThere);
    forwarded.once("response", (answered) => {
      const streams = answered.headers["content-type"]?.startsWith("text/event-stream") ?? false;
      if (streams) change(agent, (before) => ({ streams: before.streams + 1 }));
      answered.once("close", () => {
        if (streams) change(agent, (before) => ({ streams: before.streams - 1 }));
        // Cut there is cut here: an end would say that the answer is whole.
        if (!answered.complete) response.destroy();
      });
      // How long a connection lasts is for its two ends alone.
      const { connection: _, "keep-alive": __, ...headers } = answered.headers;
      response.writeHead(answered.statusCode ?? 502, headers);
      response.flushHeaders();
      answered.pipe(response);
    });
    response.once("close", () => forwarded.destroy());
    request.pipe(forwarded);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return {
    countsOf: (agent) => counts.get(agent) ?? NONE,
    stop: () =>
      new Promise((resolve) => {
        connections.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A caller's headers, without what it claims to be: the front says itself who asked for what. */
export function forwardedHeaders({ headers, socket }: IncomingMessage): OutgoingHttpHeaders {
  const kept = { ...headers };
  for (const claimed of [...CLAIMED_FORWARDING, ...CLAIMED_HEADERS]) delete kept[claimed.toLowerCase()];
  return {
    ...kept,
    [FORWARDED_HOST.toLowerCase()]: headers.host,
    "x-forwarded-proto": "http",
    "x-forwarded-for": socket.remoteAddress,
  };
}

function callerOf({ headers }: IncomingMessage): string | null {
  const [, claims = ""] = (headers.authorization ?? "").split(".");
  try {
    return String(JSON.parse(Buffer.from(claims, "base64url").toString("utf8")).sub ?? "");
  } catch {
    return null;
  }
}

function jsonRpcError(message: string): object {
  return { jsonrpc: "2.0", id: null, error: { code: -32000, message } };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
