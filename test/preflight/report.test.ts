import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import {
  type Check,
  type Finding,
  HostNotFound,
  noAnswer,
  runChecks,
  Unanswered,
} from "../../src/preflight/check";
import { preflightExitCode, preflightReport } from "../../src/preflight/report";

const missing: Finding = {
  what: "the vault lacks 'crm'",
  remedy: "az keyvault secret set",
  weight: "missing",
};
const doubtful: Finding = { what: "nobody reads the mail", remedy: "ask them", weight: "doubtful" };

const finds = (name: string, ...findings: Finding[]): Check => ({ name, run: async () => findings });
const silent = (name: string): Check => ({
  name,
  run: async () => {
    throw new Unanswered("registry.example does not answer");
  },
});

/** What a person reads, and what the command ends with. */
async function told(...checks: Check[]): Promise<[number, ...string[]]> {
  const results = await runChecks(checks);
  const text = stripVTControlCharacters(preflightReport("staging", results));
  return [preflightExitCode(results), ...text.split("\n")];
}

test("what is there is ticked, and says how to deploy", async () => {
  expect(await told(finds("roles"), finds("secrets"))).toEqual([
    0,
    "✓ roles",
    "✓ secrets",
    "",
    "staging can be deployed: npx cdktf deploy staging",
    "",
  ]);
});

test("what may be wrong is told, and keeps nobody from deploying", async () => {
  expect(await told(finds("alerts", doubtful))).toEqual([
    0,
    "! alerts: nobody reads the mail",
    "    ask them",
    "",
    "staging can be deployed: npx cdktf deploy staging",
    "",
  ]);
});

test("what is missing is told with what to do, and counted", async () => {
  expect(await told(finds("secrets", missing), finds("alerts", doubtful))).toEqual([
    1,
    "✗ secrets: the vault lacks 'crm'",
    "    az keyvault secret set",
    "! alerts: nobody reads the mail",
    "    ask them",
    "",
    "staging cannot be deployed yet: 1 thing is missing",
    "",
  ]);
  expect((await told(finds("secrets", missing, missing), silent("images"))).at(-2)).toBe(
    "staging cannot be deployed yet: 2 things are missing",
  );
});

test("what nobody could be asked is told, and keeps no other from being asked", async () => {
  expect(await told(silent("images"), finds("roles"))).toEqual([
    2,
    "? images: registry.example does not answer",
    "✓ roles",
    "",
    "staging: nothing is known to be missing, but not everything could be asked",
    "",
  ]);
  expect(await runChecks([silent("images")])).toEqual([
    { name: "images", findings: [], unanswered: "registry.example does not answer" },
  ]);
  expect((await told(silent("images"), finds("secrets", missing)))[0]).toBe(1);
});

test("a check that fails otherwise is no answer at all", async () => {
  const broken: Check = { name: "roles", run: () => Promise.reject(new TypeError("no such field")) };
  await expect(runChecks([broken, finds("secrets")])).rejects.toThrow("no such field");
});

test.each([
  ["a host whose name leads nowhere", { cause: { code: "ENOTFOUND" } }, "ENOTFOUND", HostNotFound],
  ["one that refuses", { cause: { code: "ECONNREFUSED" } }, "ECONNREFUSED", Unanswered],
  ["one that says nothing", { name: "TimeoutError" }, "no answer within 15 s", Unanswered],
  ["whatever else there is", { message: "terminated" }, "terminated", Unanswered],
])("why there is no answer is told in one line: %s", (_which, thrown, reason, kind) => {
  const said = noAnswer("https://vault.example:8443/keys", thrown, 15_000);
  expect(said.message).toBe(`vault.example:8443 does not answer (${reason})`);
  expect(said.constructor).toBe(kind);
});
