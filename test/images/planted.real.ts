/**
 * The fleet of this machine with a real nginx in front, once as it should be and once with each of the faults that fleets
 * have had: `npm run verify` names that fault, and nothing else.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createHop, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { edgePrograms } from "../../src/edge/edge-program";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { type AgentProgram, typescriptPrograms } from "../../src/local/agent-program";
import { freePort } from "../../src/local/free-port";
import { localSecret } from "../../src/local/local-secrets";
import { runFleet } from "../../src/local/run-fleet";
import type { Verified } from "../../src/verify/check";
import { local } from "../support/fleet/stacks/environments/local";
import { oneAgent } from "./support/one-agent";

const ROOT = join(__dirname, "../..");

let image: AgentProgram;
beforeAll(async () => {
  ({ agent: image } = await typescriptPrograms(join(ROOT, "agents/images/typescript"), () => {}));
});

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
  vi.restoreAllMocks();
});

/** What is otherwise than it should be. */
interface Fault {
  /** What runs the agent. */
  readonly program?: AgentProgram;
  /** The edge's configuration. */
  readonly edge?: (text: string) => string;
  /** Milliseconds after each part of an answer: longer than the time between two heartbeats. */
  readonly paceMs?: number;
  /** Resolves when the fault is there. */
  readonly there?: () => Promise<void>;
}

/** The agent's program, started by a shell that does this first. */
function startedBy(script: string): AgentProgram {
  const { program, args, ...rest } = image;
  return { ...rest, program: "sh", args: ["-c", `${script}; exec "$0" "$@"`, program, ...args] };
}

/** The agent's program with a line of its code changed. */
function rewritten(file: string, line: string, by: string): AgentProgram {
  const folder = mkdtempSync(join(tmpdir(), "planted-"));
  undo.push(() => rmSync(folder, { recursive: true }));
  for (const name of ["dist", "package.json"]) {
    cpSync(join(image.folder, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(image.folder, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "dist", file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(line);
  writeFileSync(path, text.replace(line, by));
  return { ...image, folder };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A list of keys that somebody keeps for ever. */
async function startFrozenKeys(frontUrl: string): Promise<string> {
  let keys: string | undefined;
  const port = await listen(
    createServer(async (_request, response) => {
      keys ??= await (await fetch(`${frontUrl}/identity/keys`)).text();
      response.setHeader("Content-Type", "application/json").end(keys);
    }),
  );
  return `http://127.0.0.1:${port}/keys`;
}

/** A hop that ends every connection after so long. @returns what puts it before the agents of a configuration */
async function startCuttingHop(seconds: number): Promise<(text: string) => string> {
  let target = 0;
  const port = await listen(
    createHop((incoming) => {
      const outgoing = connect(target, "127.0.0.1");
      setTimeout(() => {
        incoming.destroy();
        outgoing.destroy();
      }, seconds * 1000).unref();
      for (const socket of [incoming, outgoing]) socket.on("error", () => {});
      incoming.pipe(outgoing).pipe(incoming);
    }),
  );
  return (text) => {
    const [, of = "0"] = /server 127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    target = Number(of);
    return text.replace(`server 127.0.0.1:${of}`, `server 127.0.0.1:${port}`);
  };
}

/** What `npm run verify -- local` says of a fleet on these ports with this fault. */
/** What is served at a port of this machine, once its agent is ready. */
async function cardAt(port: number): Promise<unknown> {
  const ready = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
  if (!ready?.ok) return undefined;
  return (await fetch(`http://127.0.0.1:${port}/.well-known/agent-card.json`)).json().catch(() => undefined);
}

async function verified(port: number, { program = image, edge, paceMs = 1500, there }: Fault) {
  const edgePort = await freePort();
  const environment: Environment = { ...local, local: { port, edge: { program: "nginx", port: edgePort } } };
  const { workloads, problems } = resolveFleet([oneAgent], environment);
  expect(problems).toEqual([]);
  const { write } = edgePrograms.nginx;
  if (edge !== undefined) {
    vi.spyOn(edgePrograms.nginx, "write").mockImplementation((...args) => {
      const text = write(...args);
      const changed = edge(text);
      expect(changed).not.toBe(text);
      return changed;
    });
  }
  const fleet = await runFleet({
    environment,
    workloads,
    programOf: () => program,
    pauseMs: paceMs,
    secretOf: (name) => localSecret(ROOT, name),
    hasSecret: () => false,
    onLine: () => {},
  });
  try {
    await fleet.ready;
    await there?.();
    const ports = ["--port", String(port), "--edge-port", String(edgePort)];
    const command = [
      "test/images/support/verify-one-agent.ts",
      "local",
      "--with",
      "edge=nginx",
      ...ports,
      "--json",
    ];
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", ...command], {
      cwd: ROOT,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: fleet.authority ?? "" },
    }).catch((error: { stdout: string }) => error);
    const results = JSON.parse(stdout) as Verified[];
    const named = (verdict: string) =>
      results.filter((each) => each.verdict === verdict).map(({ check }) => check);
    return { broken: named("broken"), unseen: named("unseen"), results };
  } finally {
    await fleet.stop();
  }
}

describe("npm run verify -- local", () => {
  test("finds nothing in a fleet that is as it should be", async () => {
    const { broken, unseen, results } = await verified(await freePort(), {});
    expect({ broken, unseen }, JSON.stringify(results)).toEqual({ broken: [], unseen: ["rate-limit"] });
  });

  test.each<[string, string, (port: number) => Fault | Promise<Fault>]>([
    [
      "a card with another URL",
      "card-url",
      () => ({
        program: startedBy(
          ["AGENT_CARD", "AGENT_CARD_V03"]
            .map((name) => `export ${name}="$(printf %s "$${name}" | sed 's/localhost/elsewhere.invalid/g')"`)
            .join("; "),
        ),
      }),
    ],
    [
      "a card behind a token",
      "card",
      () => ({
        edge: (text) =>
          text.replace(
            "location = /agents/inventory {",
            "location = /agents/inventory/.well-known/agent-card.json { return 401; }\n  location = /agents/inventory {",
          ),
      }),
    ],
    [
      "a hop that holds events back",
      "events",
      () => ({
        edge: (text) =>
          text
            // The agent asks nginx for no buffer by a header of its own.
            .replace("proxy_buffering off", "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering")
            // It holds only what comes without chunks.
            .replace("proxy_http_version 1.1", "proxy_http_version 1.0"),
      }),
    ],
    [
      "a hop that cuts after 30 seconds",
      "end",
      async () => ({ edge: await startCuttingHop(30), paceMs: 9000 }),
    ],
    [
      "an agent that asks for no role",
      "without-role",
      () => ({ program: rewritten("fleet/auth.js", "if (caller.roles.has(role))", "if (true)") }),
    ],
    [
      "an agent that fetches the issuer's keys once",
      "signing-keys",
      async (port) => ({
        program: startedBy(`export OIDC_JWKS_URL=${await startFrozenKeys(`http://127.0.0.1:${port}`)}`),
      }),
    ],
    [
      "a task that the other replica doesn't know",
      "task-visible",
      async () => {
        const other = await freePort();
        return {
          program: startedBy(`PORT=${other} A2A_PORT=${other} "$0" "$@" & true`),
          edge: (text) =>
            text.replace(
              / {2}server 127\.0\.0\.1:\d+(.*\n)/,
              (first, rest) => `${first}  server 127.0.0.1:${other}${rest}`,
            ),
          // The agent, and nobody else who has been given that port meanwhile.
          there: () => expect.poll(() => cardAt(other)).toMatchObject({ description: oneAgent.description }),
        };
      },
    ],
    [
      "no heartbeat",
      "heartbeat",
      () => ({ program: startedBy("export SSE_HEARTBEAT_SECONDS=3600"), paceMs: 4000 }),
    ],
    [
      "a header of the caller's that is passed through",
      "claimed-host",
      () => ({
        edge: (text) => text.replace(/^ *proxy_set_header X-Forwarded-Host .*\n/gm, ""),
      }),
    ],
    [
      "a port that is open beside the edge",
      "beside",
      () => ({ program: startedBy("export A2A_HOST=0.0.0.0") }),
    ],
  ])("names %s: %s", async (_fault, name, plant) => {
    const port = await freePort();
    const { broken, results } = await verified(port, await plant(port));
    expect(broken, JSON.stringify(results)).toEqual([name]);
  });
});
