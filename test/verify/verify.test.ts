import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { XMLParser } from "fast-xml-parser";
import { afterEach, describe, expect, test } from "vitest";
import { agentCard, legacyAgentCard } from "../../src/agent/agent-card";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { lists } from "../../src/checklist/items";
import { joinVerifiedFleets, readVerifiedFleet } from "../../src/checklist/verified-fleet";
import { broken, kept, type Outcome, unseen, type Verified } from "../../src/verify/check";
import { checklistEvidence, evidence } from "../../src/verify/evidence";
import { verifyExitCode, verifyJson, verifyJUnit, verifyTable } from "../../src/verify/report";
import { verifyAgent } from "../../src/verify/verify-agent";
import { workloadOf } from "../support/sample-fleet";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Serves the cards of one workload, and answers a message with these events, each after its pause. */
async function serve(
  of: AgentWorkload,
  events: readonly { readonly pause: number; readonly data: object }[] = [],
) {
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      const card = request.headers["a2a-version"] === "1.0" ? agentCard : legacyAgentCard;
      response.setHeader("Content-Type", "application/json").end(JSON.stringify(card(at(of))));
      return;
    }
    response.setHeader("Content-Type", "text/event-stream");
    for (const { pause, data } of events) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      response.write(`data: ${JSON.stringify(data)}\n\n`);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/agents/billing`;
  const at = (workload: AgentWorkload) => ({ ...workload, route: { ...workload.route, publicUrl: url } });
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, at };
}

const billing = workloadOf("billing");
const status = (timestamp: string) => ({ result: { statusUpdate: { status: { timestamp } } } });

describe("the card", () => {
  test("that the definition makes is told from one that differs in one word", async () => {
    const same = await serve(billing);
    const other = await serve({ ...billing, version: "1.0.1" });
    const verdictOf = async ({ url, at }: typeof same) =>
      (await verifyAgent(url, { workload: at(billing) })).find(
        ({ check }) => check === "card-as-synthesized",
      );
    expect(await verdictOf(same)).toMatchObject({ verdict: "kept" });
    expect(await verdictOf(other)).toMatchObject({
      verdict: "broken",
      saw: "other than synthesized: version",
    });
  });

  test("at another path is another agent's", async () => {
    const { url } = await serve(billing);
    const results = await verifyAgent(url.replace("billing", "desk"));
    expect(results.find(({ check }) => check === "card-url")).toMatchObject({ verdict: "broken" });
  });
});

describe("events", () => {
  const verdictOf = async (events: Parameters<typeof serve>[1]) => {
    const { url } = await serve(billing, events);
    return (await verifyAgent(url)).find(({ check }) => check === "events");
  };

  test("that come as they are sent are kept, with their figures", async () => {
    const sent = await verdictOf([
      { pause: 0, data: {} },
      { pause: 400, data: {} },
    ]);
    expect(sent).toMatchObject({ verdict: "kept" });
    expect(sent?.figures?.largestGap).toBeGreaterThan(300);
  });

  test("that were sent apart and come together are held back", async () => {
    const data = ["2026-11-21T12:00:00.000Z", "2026-11-21T12:00:02.000Z"].map(status);
    expect(await verdictOf(data.map((each) => ({ pause: 0, data: each })))).toMatchObject({
      verdict: "broken",
      saw: expect.stringContaining("sent over 2000 ms: something holds them back"),
    });
  });

  test("are followed beyond the deadline, so that a task that ends late is told from a stream that is cut", async () => {
    const { url } = await serve(billing, [
      { pause: 0, data: {} },
      { pause: 1600, data: {} },
    ]);
    const results = await verifyAgent(url, { workload: { ...billing, taskDeadlineSeconds: 0.5 } });
    expect(results.find(({ check }) => check === "end")?.saw).toBe("it answered without a task");
  });

  test("that are over at once tell nothing", async () => {
    expect(await verdictOf([{ pause: 0, data: {} }])).toMatchObject({ verdict: "unseen" });
  });
});

test("heartbeats that no definition promises are not asked for by name", async () => {
  const { url, at } = await serve(billing, [{ pause: 0, data: {} }]);
  const sawOf = async (settings: Parameters<typeof verifyAgent>[1]) =>
    (await verifyAgent(url, settings)).find(({ check }) => check === "heartbeat")?.saw;
  expect(await sawOf({ workload: at(billing) })).toBe("its definition doesn't promise any");
  expect(await sawOf({})).toContain("--heartbeat <seconds>");
});

test("an agent that is not there is one finding, without a stack trace", async () => {
  const results = await verifyAgent("http://127.0.0.1:1/");
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ check: "card", verdict: "broken" });
  expect(results[0]?.saw).toContain("no answer");
});

test("nobody at an address is told apart from an agent that answers wrongly", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const [{ saw = "" } = {}] = await verifyAgent(`http://127.0.0.1:${port}/`);
  expect(saw).toBe(`no answer: nobody listens at 127.0.0.1:${port}; start it, or correct the URL`);
});

test("what was seen from outside and from inside is one evidence, and what one of them saw fail failed", () => {
  const from = { environment: "staging", failed: {} };
  const outside = { ...from, on: "2026-11-22", passed: ["agent/card-url", "agent/callers-known"] };
  const failed = { "agent/callers-known": "it is let in" };
  const inside = { ...from, on: "2026-11-21", passed: ["agent/health"], failed };
  expect(joinVerifiedFleets([outside, inside])).toEqual({
    environment: "staging",
    on: "2026-11-21",
    passed: ["agent/card-url", "agent/health"],
    failed,
  });
  expect(joinVerifiedFleets([])).toBeNull();
  expect(() => joinVerifiedFleets([outside, { ...inside, environment: "dev" }])).toThrow(/staging, dev/);
});

describe("a report", () => {
  const about = { url: "https://a.example", check: "card", promise: "the card is <public>" };
  const all = [
    { ...about, ...kept("200") },
    { ...about, ...broken('404, "not" 200') },
    { ...about, ...unseen("put a token there") },
  ];

  test("for people has every promise, and what was seen", () => {
    const table = verifyTable(all);
    for (const { saw } of all) expect(table).toContain(saw);
    // Coloured where a pipeline shows colours.
    const marks = [...stripVTControlCharacters(table).matchAll(/│ (.) │ the card/g)].map(([, mark]) => mark);
    expect(marks).toEqual(["✓", "✗", "?"]);
    expect(table).toContain("1 kept, 1 broken, 1 not seen");
  });

  test("of several agents ends with what is broken", () => {
    const lastLines = (results: Verified[]) => verifyTable(results).trimEnd().split("\n").slice(-2);
    const other = { ...about, url: "https://b.example", ...kept("200") };
    expect(lastLines([...all, other])).toEqual([
      expect.stringMatching(/^\S* https:\/\/a\.example: the card is <public>: 404, "not" 200$/),
      "2 kept, 1 broken, 1 not seen",
    ]);
    expect(lastLines([other])).toEqual(["", "1 kept, 0 broken, 0 not seen"]);
  });

  test("for continuous integration is what JUnit's readers take", () => {
    const { testsuite } = new XMLParser({ ignoreAttributes: false }).parse(verifyJUnit(all));
    expect(testsuite["@_failures"]).toBe("1");
    expect(testsuite["@_skipped"]).toBe("1");
    expect(testsuite.testcase[1].failure["@_message"]).toBe('404, "not" 200');
    expect(testsuite.testcase[0]["@_name"]).toBe("card: the card is <public>");
  });

  test("names the items of the checklist that each check is evidence for", () => {
    const about = (check: string, outcome: Outcome, url = "https://a.example") => ({
      url,
      check,
      promise: "promised",
      ...outcome,
    });
    const seen = [
      about("card-url", kept("as it is")),
      about("events", kept("one by one")),
      about("events", broken("held back"), "https://b.example"),
      about("beside", unseen("not asked")),
    ];
    expect(JSON.parse(verifyJson(seen))[0]).toMatchObject({ evidenceFor: ["agent/card-url"] });
    expect(verifyJUnit(seen)).toContain('<property name="evidence-for" value="agent/card-url"/>');
    expect(verifyTable(seen)).toContain("agent/card-url");

    const handedIn = JSON.stringify(checklistEvidence(seen, "staging", "2026-11-22"));
    expect(readVerifiedFleet(handedIn, "verified.json")).toEqual({
      environment: "staging",
      on: "2026-11-22",
      passed: ["agent/card-url"],
      failed: {
        "agent/streams-unbuffered": "https://b.example: held back",
        "azure/streams-unbuffered": "https://b.example: held back",
      },
    });
    const known = lists.map(({ id }) => id);
    expect(
      Object.values(evidence)
        .flat()
        .filter((item) => !known.includes(item)),
    ).toEqual([]);
  });

  test.each([
    [0, all.filter(({ verdict }) => verdict !== "broken")],
    [1, all],
    [2, all.filter(({ verdict }) => verdict === "unseen")],
  ])("ends with %i", (code, results) => {
    expect(verifyExitCode(results)).toBe(code);
  });
});
