import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Role } from "@a2a-js/sdk";
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from "@a2a-js/sdk/client";
import {
  DefaultAgentCardResolver as LegacyCardResolver,
  ClientFactory as LegacyClientFactory,
  JsonRpcTransportFactory as LegacyTransportFactory,
} from "a2a-sdk-0.3/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/local/free-port";
import { type DeployedAgent, deployedAgents, processVariables } from "../support/deployed-agents";
import { billing, desk, environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

const root = join(__dirname, "../..");
const behindGateway = {
  ...environment,
  azure: environment.azure && { ...environment.azure, network: { kind: "created" as const } },
  gateway: {},
  identityProvider: { kind: "entra" as const },
};

let agent: DeployedAgent;
let server: ChildProcess;

/** The desk's process, started with what the finished stack gives its container. */
beforeAll(async () => {
  const port = await freePort();
  const fleet = [{ ...desk, port, metricsPort: null }, billing];
  const agents = deployedAgents(synthEnvironment(behindGateway, fleet));
  agent = agents.find(({ name }) => name === "desk-globex") as DeployedAgent;
  server = start(processVariables(agent));
  await ready(server);
});

afterAll(async () => {
  server?.kill("SIGTERM");
  if (server?.exitCode === null) await once(server, "exit");
});

/** What stands in front of the agent: the gateway's host leads to it, and its path is cut off. */
const throughGateway: typeof fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : String(input));
  const published = new URL(agent.variables.AGENT_URL as string);
  expect(`${url.origin}${url.pathname}`.startsWith(published.href)).toBe(true);
  const rest = url.pathname.slice(published.pathname.length);
  return fetch(`http://127.0.0.1:${agent.targetPort}/${rest}`, init);
};

const local = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${agent.targetPort}${path}`, { headers });

describe("a process with the variables of a synthesized agent", () => {
  test("serves that card, letter by letter, at that path", async () => {
    const response = await local("/.well-known/agent-card.json", { "A2A-Version": "1.0" });
    expect(await response.text()).toBe(agent.variables.AGENT_CARD);
    expect(response.headers.get("cache-control")).toContain("max-age");
    expect(response.headers.get("etag")).not.toBeNull();
  });

  test("serves the card of 0.3 to who names no version, and under the old path", async () => {
    for (const path of ["/.well-known/agent-card.json", "/.well-known/agent.json"]) {
      expect(await (await local(path)).text()).toBe(agent.variables.AGENT_CARD_V03);
    }
  });

  test("answers the paths of its probes", async () => {
    expect(agent.probePaths.length).toBe(3);
    for (const path of agent.probePaths) expect((await local(path)).status).toBe(200);
  });

  test("is found by its published URL and answers a client of 1.0", async () => {
    const factory = new ClientFactory({
      transports: [new JsonRpcTransportFactory({ fetchImpl: throughGateway })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl: throughGateway }),
    });
    const client = await factory.createFromUrl(agent.variables.AGENT_URL as string);
    const result = await client.sendMessage({
      tenant: "",
      configuration: undefined,
      metadata: undefined,
      message: {
        messageId: "1",
        contextId: "",
        taskId: "",
        role: Role.ROLE_USER,
        parts: [
          { content: { $case: "text", value: "hello" }, metadata: undefined, filename: "", mediaType: "" },
        ],
        metadata: undefined,
        extensions: [],
        referenceTaskIds: [],
      },
    });
    const [part] = "parts" in result ? result.parts : [];
    expect(part?.content?.$case).toBe("text");
    const answer = JSON.parse(String(part?.content?.value));
    expect(answer).toEqual({
      agent: "desk-globex",
      asked: "hello",
      peers: { billing: expect.stringMatching(/^https:\/\/billing\./) },
      scopes: { [answer.peers.billing]: "api://11111111-1111-4111-8111-111111111111/test-billing/.default" },
    });
  });

  test("answers a client of 0.3, built with the SDK of that time", async () => {
    const factory = new LegacyClientFactory({
      transports: [new LegacyTransportFactory({ fetchImpl: throughGateway })],
      cardResolver: new LegacyCardResolver({ fetchImpl: throughGateway }),
    });
    const client = await factory.createFromUrl(agent.variables.AGENT_URL as string);
    const result = await client.sendMessage({
      message: { kind: "message", messageId: "2", role: "user", parts: [{ kind: "text", text: "hello" }] },
    });
    const [part] = result.kind === "message" ? result.parts : [];
    expect(part?.kind).toBe("text");
    expect(JSON.parse(part?.kind === "text" ? part.text : "{}")).toMatchObject({
      agent: "desk-globex",
      asked: "hello",
    });
  });

  test("logs JSON on stdout, and ends on SIGTERM", async () => {
    const variables = { ...processVariables(agent), A2A_PORT: String(await freePort()) };
    const other = start(variables);
    const line = await ready(other);
    expect(JSON.parse(line)).toMatchObject({ service: "desk-globex", msg: "listening" });
    other.kill("SIGTERM");
    expect((await once(other, "exit"))[0]).toBe(0);
  });

  test.each(["AGENT_CARD", "AGENT_REGISTRY", "A2A_PORT"])("does not start without %s", async (missing) => {
    const { [missing]: _, ...rest } = processVariables(agent);
    const other = start(rest);
    let said = "";
    other.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    expect((await once(other, "exit"))[0]).not.toBe(0);
    expect(said).toContain(`the variable ${missing} is missing`);
  });
});

function start(variables: Record<string, string>): ChildProcess {
  // Nothing of the test's own environment: what the agent knows, it knows from the contract.
  return spawn(process.execPath, ["--import", "tsx", join(root, "test/support/sdk-agent.ts")], {
    cwd: root,
    env: { PATH: process.env.PATH, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The first line that a process logs. @throws when it ends before it has said anything */
async function ready(child: ChildProcess): Promise<string> {
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const ended = once(child, "exit").then(() => {
    throw new Error(`the agent did not start: ${errors}`);
  });
  const [line] = await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), ended]);
  // From here on its end is no failure.
  ended.catch(() => {});
  return String(line);
}
