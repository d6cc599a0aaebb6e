import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from "@a2a-js/sdk/client";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../src/local/free-port";
import type { Verified } from "../../src/verify/check";
import { request } from "../edge/support";
import { isAlive } from "../support/is-alive";
import { messageOf, Seen } from "./support/follower";
import { buildImage } from "./support/image";

const ROOT = join(__dirname, "..", "..");
const COMMAND = ["--import", "tsx", "test/images/support/local-fleet.ts"];

/** Four sentences, each with the words of another agent's skill. */
const REQUEST = [
  "How many of SKU-12345 are in each warehouse?",
  "Create a purchase order and send it to the supplier.",
  "Which clause of the contract answers that?",
  "Draft an escalation for the audience that is named.",
].join(" ");
const DELEGATES = ["contracts", "escalation", "inventory", "procurement"];

interface LocalFleet {
  readonly url: string;
  readonly args: readonly string[];
  readonly said: () => string;
  /** Process ids of everything that it started, and what those started. */
  readonly processes: () => number[];
  readonly interrupt: () => Promise<number | null>;
  /** Ends what was started, and leaves it no time to end anything itself. */
  readonly kill: () => void;
}

/** What is running, and what it has said. */
const running = new Map<ChildProcess, () => string>();
afterEach(async ({ task }) => {
  for (const [child, said] of running) {
    if (task.result?.state === "fail") console.error(said());
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("close", resolve));
  }
});

/** What a person does: starts the command, and waits until it says that the fleet is ready. */
function startLocal(...options: string[]): Promise<LocalFleet> {
  return startAs([], {}, options);
}

/** The same with a process in between, as `npm run` is one. */
function startLocalByNpm(...options: string[]): Promise<LocalFleet> {
  return startAs(["sh", "-c", '"$0" "$@"; true'], { npm_lifecycle_event: "local" }, options);
}

async function startAs(
  parent: readonly string[],
  variables: Record<string, string>,
  options: readonly string[],
): Promise<LocalFleet> {
  const port = await freePort();
  const args = ["--port", String(port), ...options];
  const [program = "", ...words] = [...parent, process.execPath, ...COMMAND, ...args];
  const child = spawn(program, words, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...variables },
  });
  let said = "";
  running.set(child, () => said);
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  while (!said.includes("the fleet is ready")) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    args,
    said: () => said,
    processes: () => descendants(child.pid ?? 0),
    interrupt: async () => {
      child.kill("SIGINT");
      return ended;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

function descendants(of: number): number[] {
  const all = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] =>
    all.filter(([, parent]) => parent === pid).flatMap(([child = 0]) => [child, ...below(child)]);
  return below(of);
}

async function tokenFor({ args }: LocalFleet, agent: string, ...options: string[]): Promise<string> {
  const command = [...COMMAND, ...args, "token", agent, ...options];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
  return stdout.trim();
}

/** The official client, with a token. */
function clientOf(url: string, token: string) {
  const authenticated: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
  const options = ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
    transports: [new JsonRpcTransportFactory({ fetchImpl: authenticated })],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl: fetch }),
  });
  return new ClientFactory(options).createFromUrl(url);
}

async function statusOf(url: string, token?: string): Promise<number> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "A2A-Version": "1.0",
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "GetTask", params: { id: "nobody's" } }),
  });
  await answer.body?.cancel();
  return answer.status;
}

describe("npm run local", () => {
  test("with nothing but Node: a client streams from agents that call each other, and Ctrl-C leaves nothing", async () => {
    const fleet = await startLocal("--python", "/nowhere/python").catch((error: Error) => error.message);
    expect(fleet).toContain("'/nowhere/python' has not the packages of agents/images/python");

    const local = await startLocal("--pace", "200");
    expect(local.said()).toContain("tasks are kept in the memory of each agent");
    const url = `${local.url}/agents/orchestrator-acme/`;
    const client = await clientOf(url, await tokenFor(local, "orchestrator-acme"));
    const seen = new Seen();
    const at: number[] = [];
    for await (const event of client.sendMessageStream(messageOf(REQUEST))) {
      seen.take(event);
      at.push(Date.now());
    }
    expect(seen.state).toBe("COMPLETED");
    expect([...seen.text.matchAll(/^## (.+)$/gm)].map(([, name]) => name).toSorted()).toEqual(DELEGATES);
    expect(seen.text).not.toContain("gave no answer");
    expect(seen.text).toContain("SKU-12345");
    // One after the other, as they were made.
    expect(at.length).toBeGreaterThan(DELEGATES.length);
    expect((at.at(-1) ?? 0) - (at.at(0) ?? 0)).toBeGreaterThan(DELEGATES.length * 150);

    const stranger = await tokenFor(local, "orchestrator-acme", "--client", "stranger");
    expect([
      await statusOf(url),
      await statusOf(url, "no.such.token"),
      await statusOf(url, stranger),
    ]).toEqual([401, 401, 403]);

    const verify = ["--import", "tsx", "test/images/support/verify-fleet.ts", "local", "--json"];
    const verified = await promisify(execFile)(
      process.execPath,
      [...verify, "--port", new URL(local.url).port],
      {
        cwd: ROOT,
      },
    );
    const results = JSON.parse(verified.stdout) as Verified[];
    expect(results.filter(({ verdict }) => verdict === "broken")).toEqual([]);
    expect(new Set(results.map(({ url: asked }) => asked)).size).toBe(7);
    expect(
      results.filter(({ check, verdict }) => check === "without-role" && verdict === "kept"),
    ).toHaveLength(7);

    // From where the orchestrator is, with its own tokens.
    const inside = ["--inside", "orchestrator-acme", "--port", new URL(local.url).port];
    const fromInside = await promisify(execFile)(process.execPath, [...verify, ...inside], { cwd: ROOT });
    const seenThere = (JSON.parse(fromInside.stdout) as Verified[]).map(({ check, verdict }) => [
      check,
      verdict,
    ]);
    expect(seenThere.filter(([, verdict]) => verdict !== "kept")).toEqual([["inside-closed", "unseen"]]);
    expect(seenThere.filter(([check]) => check === "inside-success")).toHaveLength(6);

    const processes = local.processes();
    expect(processes.length).toBeGreaterThanOrEqual(7);
    expect(processes.every(isAlive)).toBe(true);
    expect(await local.interrupt()).toBe(0);
    // The compiler that runs TypeScript ends a moment after its parent.
    await expect.poll(() => processes.filter(isAlive)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });

  test.each([
    ["it is killed", startLocal],
    ["npm is killed, which started it", startLocalByNpm],
  ])("leaves nothing when %s", async (_what, start) => {
    const local = await start("--with", "redis");
    const processes = local.processes();
    expect(processes.length).toBeGreaterThanOrEqual(8);
    expect(processes.every(isAlive)).toBe(true);
    local.kill();
    await expect.poll(() => processes.filter(isAlive)).toEqual([]);
  });

  test("with the real parts: agents of both images, tasks in Redis, and nginx in front", async () => {
    const python = buildImage("python");
    const edgePort = await freePort();
    const venv = join(python.folder, ".venv", "bin", "python");
    const local = await startLocal(
      "--with",
      "redis,edge=nginx",
      "--edge-port",
      String(edgePort),
      "--python",
      venv,
    );
    expect(local.said()).not.toContain("stands in");
    const [, authority = ""] = /is signed by (\S+)/.exec(local.said()) ?? [];
    const certificates = { folder: "", authority: readFileSync(authority) };
    const outside = `https://localhost:${edgePort}/agents/orchestrator-acme`;
    const card = await request(`${outside}/.well-known/agent-card.json`, certificates, {
      "a2a-version": "1.0",
    });
    expect(JSON.parse(card.body).supportedInterfaces[0].url).toBe(`${outside}/`);
    // What is nobody's business outside isn't there.
    const inner = outside.replace("orchestrator-acme", "inventory");
    expect((await request(`${inner}/.well-known/agent-card.json`, certificates)).status).toBe(404);

    // Peers and this machine's own people get a card that leads to the front.
    const url = `${local.url}/agents/orchestrator-acme/`;
    const client = await clientOf(url, await tokenFor(local, "orchestrator-acme"));
    const seen = new Seen();
    for await (const event of client.sendMessageStream(messageOf(REQUEST))) seen.take(event);
    expect([...seen.text.matchAll(/^## (.+)$/gm)].map(([, name]) => name).toSorted()).toEqual(DELEGATES);
    expect(seen.text).not.toContain("gave no answer");
    const task = await client.getTask({ id: seen.taskId, tenant: "", historyLength: undefined });
    expect(task.id).toBe(seen.taskId);

    const processes = local.processes();
    expect(await local.interrupt()).toBe(0);
    await expect.poll(() => processes.filter(isAlive)).toEqual([]);
  });
});

describe("npm run local says", () => {
  const failure = (args: readonly string[], variables: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, [...COMMAND, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...variables },
    }).then(
      () => "nothing",
      ({ stderr }: { stderr: string }) => stderr,
    );

  test("that a port is taken, and starts nothing", async () => {
    const local = await startLocal();
    const said = await failure(local.args);
    expect(said).toContain(`${local.url} is somebody else's already`);
    expect(said).not.toContain("    at ");
  });

  test("every part that it cannot have at once", async () => {
    const said = await failure(["--with", "redis,rediss,postgres,litellm,keycloak"], { PATH: "/nowhere" });
    expect(said).toContain("--with redis: redis-server is not on the path");
    expect(said).toContain(
      "--with rediss: there is no such part (redis, postgres, edge=nginx, edge=haproxy, edge=caddy, keycloak, litellm and prometheus); correct the name to 'redis'",
    );
    expect(said).toContain("--with litellm: litellm is not on the path; install it (pipx install");
    expect(said).toContain("--with keycloak: java is not on the path");
    expect(said).toContain("--with redis,postgres: the fleet has one of them at a time");
    expect(said).not.toContain("    at ");
  });

  test("that there is no fleet to get a token from", async () => {
    const said = await failure(["--port", String(await freePort()), "token", "inventory"]);
    expect(said).toContain("start the fleet with 'npm run local'");
  });
});
