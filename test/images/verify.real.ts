import { execFile } from "node:child_process";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { edgePrograms } from "../../src/edge/edge-program";
import type { Verified } from "../../src/verify/check";
import { verifyAgent } from "../../src/verify/verify-agent";
import { billingAt, buffered, localhostCertificates, PROGRAMS, startEdge } from "../edge/support";
import { type AgentProcess, startAgent } from "./support/agent-process";
import { peerCards, variablesOf } from "./support/environment";
import { startIssuer, type TestIssuer } from "./support/issuer";

const AUDIENCE = "api://acme.example/dev-inventory";
const ORIGIN = "https://console.acme.example";
/** Requests of one caller in a minute: more than a verification sends, fewer than its burst. */
const LIMIT = 60;

let issuer: TestIssuer;
let agent: AgentProcess;
beforeAll(async () => {
  issuer = await startIssuer();
  agent = await startAgent("typescript", {
    agent: "inventory",
    issuer: issuer.variablesFor(AUDIENCE),
    more: {
      // Slow enough for heartbeats to be needed.
      ANSWER_PACE_MS: "3500",
      SSE_HEARTBEAT_SECONDS: "1",
      RATE_LIMIT_ENABLED: "true",
      RATE_LIMIT_REQUESTS: String(LIMIT),
      A2A_CORS_ENABLED: "true",
      A2A_CORS_ORIGINS: ORIGIN,
      ...peerCards(variablesOf({ agent: "inventory", port: 1 }), "http://inventory.internal/"),
    },
  });
});
afterAll(async () => {
  await agent?.stop();
  issuer?.stop();
});

/** What a front does wrong; everything else it passes as it comes. */
interface Fault {
  readonly onRequest?: (path: string, headers: IncomingHttpHeaders) => void | Promise<void>;
  readonly refuses?: (path: string, headers: IncomingHttpHeaders, body: string) => number | undefined;
  readonly onResponse?: (headers: Headers) => void;
  /** Leaves the card's URL as the agent has it. */
  readonly ownUrl?: boolean;
  readonly holds?: boolean;
  /** Ends streams after so many pieces, as if they were over. */
  readonly pieces?: number;
  /** Lets callers say which host they asked. */
  readonly believes?: boolean;
  readonly onText?: (text: string) => string;
}

const isCard = (path: string) => path.startsWith("/.well-known/");

/** A front of the agent, as any hop of a fleet is. */
async function startFront(fault: Fault): Promise<{ url: string; stop: () => void }> {
  const pass = async (
    path: string,
    headers: IncomingHttpHeaders,
    method: string,
    body: string,
    to: ServerResponse,
  ) => {
    const refused = fault.refuses?.(path, headers, body);
    if (refused !== undefined) return void to.writeHead(refused).end();
    await fault.onRequest?.(path, headers);
    const { host: _host, connection: _connection, "content-length": _length, ...rest } = headers;
    const answer = await fetch(new URL(path, agent.url), {
      method,
      headers: {
        ...(rest as Record<string, string>),
        ...(fault.believes ? {} : { "x-forwarded-host": "127.0.0.1" }),
      },
      ...(body === "" ? {} : { body }),
    });
    const answered = new Headers(answer.headers);
    fault.onResponse?.(answered);
    answered.delete("content-length");
    answered.delete("content-encoding");
    answered.delete("transfer-encoding");
    answered.delete("connection");
    answered.delete("keep-alive");
    to.writeHead(answer.status, Object.fromEntries(answered));
    const held: string[] = [];
    const decoder = new TextDecoder();
    let passed = 0;
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    for await (const chunk of answer.body ?? []) {
      passed += 1;
      if (isStream && passed > (fault.pieces ?? Number.POSITIVE_INFINITY)) break;
      let text = decoder.decode(chunk, { stream: true });
      if (isCard(path) && fault.ownUrl !== true) text = text.replaceAll(agent.url, url);
      text = fault.onText?.(text) ?? text;
      if (fault.holds) held.push(text);
      else to.write(text);
    }
    to.end(held.join(""));
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    pass(request.url ?? "/", request.headers, request.method ?? "GET", body, response).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Names of the checks with this verdict, behind a front with this fault. */
async function verified(fault: Fault, caller: string) {
  const front = await startFront(fault);
  const results = await verifyAgent(front.url, {
    token: await issuer.token({ sub: caller, aud: AUDIENCE }),
    tokenWithoutRole: await issuer.token({ sub: `${caller}-without`, aud: AUDIENCE, roles: [] }),
    text: "How many of SKU-12345 are there?",
    heartbeatSeconds: 1,
    origin: ORIGIN,
    burst: LIMIT + 20,
  });
  front.stop();
  const withVerdict = (verdict: string) =>
    results.filter((each) => each.verdict === verdict).map(({ check }) => check);
  return { broken: withVerdict("broken"), unseen: withVerdict("unseen"), results };
}

const authorize = async (headers: IncomingHttpHeaders, caller: string) => {
  headers.authorization = `Bearer ${await issuer.token({ sub: caller, aud: AUDIENCE })}`;
};
const rolesOf = ({ authorization = "" }: IncomingHttpHeaders): unknown =>
  authorization.split(".").length === 3
    ? JSON.parse(Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString() || "{}").roles
    : undefined;

/** Half of the replicas don't know the task. */
function everySecondRead(): Fault["refuses"] {
  let reads = 0;
  return (_path, headers, body) => {
    const roles = rolesOf(headers);
    if (!body.includes("GetTask") || !Array.isArray(roles) || roles.length === 0) return undefined;
    reads += 1;
    // Those of one task: what follows looks for the limit.
    return reads <= 8 && reads % 2 === 0 ? 404 : undefined;
  };
}

describe("a running agent", () => {
  test.concurrent("as it should be has nothing broken, and everything seen but its definition", async () => {
    const { broken, unseen, results } = await verified({}, "nobody-wrong");
    expect({ broken, unseen }, JSON.stringify(results)).toEqual({
      broken: [],
      unseen: ["card-as-synthesized", "tls", "beside"],
    });
  });

  test.concurrent.each<[string, Fault, string[]]>([
    ["holds events back", { holds: true }, ["events"]],
    ["cuts streams", { pieces: 2 }, ["end"]],
    ["believes callers", { believes: true }, ["claimed-host"]],
    ["has replicas that don't share their tasks", { refuses: everySecondRead() }, ["task-visible"]],
    [
      "takes up no task again",
      { refuses: (_path, _headers, body) => (body.includes("SubscribeToTask") ? 500 : undefined) },
      ["resubscribe"],
    ],
    ["says another URL on its card", { ownUrl: true }, ["card-url"]],
    ["wants a token for its card", { refuses: (path) => (isCard(path) ? 401 : undefined) }, ["card"]],
    ["has no tag on its card", { onResponse: (headers) => headers.delete("etag") }, ["card-caching"]],
    [
      "lets anybody in",
      {
        onRequest: async (path, headers) => {
          if (!isCard(path) && headers.authorization === undefined) await authorize(headers, "anybody");
        },
      },
      ["without-token"],
    ],
    [
      "lets any token in",
      {
        onRequest: async (_path, headers) => {
          if (headers.authorization === "Bearer not.a.token") await authorize(headers, "any-token");
        },
      },
      ["wrong-token"],
    ],
    [
      "asks for no role",
      {
        onRequest: async (_path, headers) => {
          if (Array.isArray(rolesOf(headers)) && (rolesOf(headers) as unknown[]).length === 0)
            await authorize(headers, "no-role");
        },
      },
      ["without-role"],
    ],
    ["loses heartbeats", { onText: (text) => text.replaceAll(": heartbeat\n\n", "") }, ["heartbeat"]],
    [
      "lets every origin in",
      { onResponse: (headers) => headers.set("access-control-allow-origin", "*") },
      ["origins"],
    ],
    [
      "does not say when to come back",
      { onResponse: (headers) => headers.delete("retry-after") },
      ["rate-limit"],
    ],
  ])("that %s is found", async (title, fault, expected) => {
    const { broken, results } = await verified(fault, title.replaceAll(" ", "-"));
    expect(broken, JSON.stringify(results)).toEqual(expected);
  });
}, 120_000);

describe.each(PROGRAMS)("a real $name in front", (program) => {
  test.each([
    ["as it is written", false, []],
    ["with its buffer on", true, ["events"]],
  ])("%s", async (_title, holds, expected) => {
    const certificates = localhostCertificates();
    const servers = { billing: [new URL(agent.url).host] };
    const edge = await startEdge(
      program,
      certificates,
      ({ https, http }) =>
        buffered(
          program,
          edgePrograms[program.name].write([billingAt(https)], {
            servers,
            certificates: certificates.folder,
            httpPort: http,
          }),
          holds,
        ),
      "/.well-known/agent-card.json",
    );
    const args = ["--text", "How many of SKU-12345 are there?", "--heartbeat", "1", "--json"];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "test/images/support/verify-fleet.ts", `${edge.url}/`, ...args],
      {
        cwd: join(__dirname, "../.."),
        env: {
          ...process.env,
          NODE_EXTRA_CA_CERTS: join(certificates.folder, "ca.crt"),
          A2A_TOKEN: await issuer.token({ sub: `${program.name}-${holds}`, aud: AUDIENCE }),
        },
      },
    ).catch((error: { stdout: string }) => error);
    await edge.stop();
    const results = JSON.parse(stdout) as Verified[];
    const about = results.filter(({ check }) =>
      ["events", "heartbeat", "claimed-host", "success"].includes(check),
    );
    expect(about).toHaveLength(4);
    expect(
      about.filter(({ verdict }) => verdict === "broken").map(({ check }) => check),
      stdout,
    ).toEqual(expected);
    expect(results.find(({ check }) => check === "tls")).toMatchObject({
      verdict: "broken",
      saw: "the certificate ends in 1 days",
    });
  });
});
