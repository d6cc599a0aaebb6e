import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agents } from "../support/fleet/agents";
import { startProcess } from "./support/agent-process";
import { variablesOf } from "./support/environment";
import { buildImage, LANGUAGES, type Language } from "./support/image";

const AGENT: Record<Language, string> = { python: "anomaly", typescript: "inventory" };
const SECRET = "rediss://:a-key-that-nobody-may-see@";

/** Starts an image, and what it said by the time that it ended. */
async function startWrong(language: Language, change: Record<string, string | undefined>) {
  const variables = Object.entries({ ...variablesOf({ agent: AGENT[language], port: 18_000 }), ...change });
  const started = Date.now();
  const process = startProcess(
    language,
    Object.fromEntries(variables.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  );
  const code = await process.ended;
  return { code, ms: Date.now() - started, lines: process.errors().trim().split("\n") };
}

describe.each(LANGUAGES)("a %s agent in a wrong environment", (language) => {
  it("ends within a second and names every problem", async () => {
    buildImage(language);
    const wrong = {
      AGENT_NAME: undefined,
      A2A_PORT: "99999",
      WORKERS: "two",
      TASK_STORE: "redis",
      REDIS_URL: SECRET,
      LOG_LEVEL: "loud",
      AGENT_REGISTRY: "{",
      AGENT_CARD: JSON.stringify({ name: "x" }),
      A2A_AUTH_ENABLED: "true",
      AGENT_SKILLS: JSON.stringify([{ id: "fly", name: "Fly", description: "Flies", tags: [] }]),
    };
    const runs = [
      await startWrong(language, wrong),
      await startWrong(language, wrong),
      await startWrong(language, wrong),
    ];
    // Whatever else the machine is doing, the fastest says how long it takes.
    expect(Math.min(...runs.map(({ ms }) => ms))).toBeLessThan(1000);
    const [{ code, lines }] = runs as [(typeof runs)[number]];
    expect(code).toBe(78);
    const said = lines.join("\n");
    for (const problem of [
      "AGENT_NAME is missing",
      "A2A_PORT is '99999'; allowed is 1 to 65535",
      "WORKERS is 'two'",
      "REDIS_URL has a value (it is a secret); allowed is a URL",
      "REDIS_KEY_PREFIX is missing",
      "LOG_LEVEL is 'loud'; allowed is one of debug, info, warning, error",
      "AGENT_REGISTRY is not JSON",
      "AGENT_CARD",
      "OIDC_ISSUER is missing",
      "AGENT_SKILLS has 'fly', and this image has no code for it",
    ]) {
      expect(said).toContain(`- ${problem}`);
    }
    expect(said).not.toContain("a-key-that-nobody-may-see");
    expect(said).not.toMatch(/Traceback|at .*:\d+:\d+/);
  });

  it("refuses another major version of the contract, and nothing of a newer minor one", async () => {
    const { code, lines } = await startWrong(language, {
      A2A_CONTRACT_VERSION: "2.0",
      AGENT_NAME: undefined,
    });
    expect(code).toBe(78);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("A2A_CONTRACT_VERSION is '2.0', and this image keeps contract 1.x");

    const newer = startProcess(language, {
      ...variablesOf({ agent: AGENT[language], port: 18_001 }),
      A2A_CONTRACT_VERSION: "1.9",
      A_VARIABLE_OF_1_9: "yes",
    });
    await expect
      .poll(() => newer.logs().some((line) => typeof line === "object" && line.message === "ready"), {
        timeout: 20_000,
      })
      .toBe(true);
    await newer.stop();
  });

  it("refuses several workers on a store in memory", async () => {
    const { lines } = await startWrong(language, { WORKERS: "2" });
    expect(lines).toEqual([
      "The agent can't start:",
      "- WORKERS is '2' and TASK_STORE is 'memory', which one process has to itself;" +
        " set WORKERS to 1 or give the agent a shared task store",
    ]);
  });
});

describe("the two images", () => {
  const read = (path: string) => readFileSync(join(__dirname, "../../agents/images", path), "utf8");

  it("hold the same contract and write the same keys", () => {
    expect(read("python/a2a_fleet/contract.schema.json")).toBe(read("typescript/fleet/contract.schema.json"));
    for (const name of ["save-task", "claim-lease", "renew-leases", "take-expired"]) {
      expect(read(`python/a2a_fleet/redis_scripts/${name}.lua`)).toBe(
        read(`typescript/fleet/redis-scripts/${name}.lua`),
      );
    }
  });

  it("have between them the skills of the whole sample fleet", () => {
    const skills = LANGUAGES.flatMap((language) =>
      (buildImage(language).labels["a2a-fleet.skills"] ?? "").split(" "),
    );
    const wanted = agents.flatMap((agent) => agent.skills.map(({ id }) => id));
    expect(wanted.filter((id) => !skills.includes(id))).toEqual([]);
  });
});
