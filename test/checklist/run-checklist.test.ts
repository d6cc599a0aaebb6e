import { describe, expect, test } from "vitest";
import type { ChecklistItem, ChecklistSubject, Finding } from "../../src/checklist/checklist-item";
import { readItems } from "../../src/checklist/read-items";
import { heaviest, runChecklist } from "../../src/checklist/run-checklist";
import { readVerifiedFleet } from "../../src/checklist/verified-fleet";
import type { RuleExceptions } from "../../src/environment/rule-exception";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { definitions, environment } from "../support/sample-fleet";

const finding = (agent: string): Finding => ({
  level: "error",
  agent,
  message: `agent '${agent}': has no owner`,
});
const owned: ChecklistItem = {
  id: "acme/owned",
  title: "Every agent has an owner",
  source: "Acme's own",
  evidence: ["definition"],
  find: ({ workloads }) => workloads.map(({ name }) => finding(name)),
};

function subject(exceptions: RuleExceptions = {}, today = "2026-11-21"): ChecklistSubject {
  const changed = { ...environment, exceptions };
  const { workloads, problems, warnings } = resolveFleet(definitions, changed, { today });
  return {
    environment: changed,
    definitions,
    workloads,
    problems,
    warnings,
    stacks: [],
    verified: null,
    today,
  };
}

function resultsOf(asked: readonly ChecklistItem[], of: ChecklistSubject) {
  return runChecklist(asked, of).results.map(({ item, outcome, findings }) => ({
    id: item.id,
    outcome,
    messages: findings.map(({ message }) => message),
    level: heaviest(findings),
  }));
}

const exception = { reason: "a fair", until: "2026-12-31", owner: "acme@acme.example" };

describe("an exception", () => {
  test("lets the agents pass that it is for, by name or definition, and no others", () => {
    const [result] = runChecklist(
      [owned],
      subject({ "acme/owned": { ...exception, agents: ["desk"] } }),
    ).results;
    expect(result?.outcome).toBe("failed");
    expect(result?.findings.map(({ agent, excused }) => [agent, excused?.until])).toEqual([
      ["desk-globex", "2026-12-31"],
      ["billing", undefined],
    ]);
    expect(resultsOf([owned], subject({ "acme/owned": exception })).map(({ outcome }) => outcome)).toEqual([
      "excepted",
      "passed",
    ]);
  });

  test("that ended is said with what it let pass", () => {
    const [result, exceptions] = resultsOf([owned], subject({ "acme/owned": exception }, "2027-01-01"));
    expect(result).toMatchObject({ outcome: "failed", level: "error" });
    expect(result?.messages[0]).toBe(
      "agent 'desk-globex': has no owner; the exception for it ended on 2026-12-31 (a fair)",
    );
    expect(exceptions?.outcome).toBe("passed");
  });

  test.each([
    [
      "lets nothing pass",
      { "acme/owned": exception },
      [{ ...owned, find: () => [] }],
      ["environment 'test': exceptions['acme/owned'] lets nothing pass; remove it"],
    ],
    [
      "names no item",
      { "acme/owner": exception },
      [],
      [
        "environment 'test': exceptions names 'acme/owner', which is no item of the checklist; correct it, or hand in the rules that it is of",
      ],
    ],
    [
      "is nobody's",
      { "acme/owned": { reason: "a fair", until: "2026-12-31" } },
      [owned],
      ["environment 'test': exceptions['acme/owned'] has no owner; name who is asked before it ends"],
    ],
  ])("that %s is said to be one", (_what, exceptions, asked, says) => {
    expect(resultsOf(asked, subject(exceptions)).at(-1)).toMatchObject({
      id: "fleet/exceptions",
      outcome: "failed",
      messages: says,
    });
  });

  test("for an item holds no build up, and one for a rule that doesn't exist does", () => {
    expect(subject({ "acme/owned": exception }).problems).toEqual([]);
    expect(subject({ owned: exception }).problems.map(({ rule }) => rule)).toEqual(["unknown-exception"]);
  });
});

describe("a fleet that is refused", () => {
  const refused: ChecklistSubject = {
    ...subject(),
    problems: [{ rule: "secrets-exist", message: "there is no secret" }],
  };
  const planned: ChecklistItem = { ...owned, evidence: ["plan"], find: () => [] };
  const ruled: ChecklistItem = {
    ...planned,
    id: "acme/ruled",
    find: () => [{ level: "error", message: "there is no secret [secrets-exist]" }],
  };

  test("has no plan to look at, and its refusal is said all the same", () => {
    expect(resultsOf([planned, ruled], refused).map(({ outcome }) => outcome)).toEqual([
      "not-looked-at",
      "failed",
      "passed",
    ]);
  });
});

describe("items of a user's own", () => {
  test("come from a module, whichever way it exports them", () => {
    expect(readItems({ items: [owned] }, "rules.ts", []).map(({ id }) => id)).toEqual(["acme/owned"]);
    expect(readItems({ default: { items: [owned] } }, "rules.ts", [])).toHaveLength(1);
  });

  test.each([
    ["none", {}, "rules.ts exports no items of a checklist"],
    ["one without a list's name", { items: [{ ...owned, id: "owned" }] }, "items.0.id is no id"],
    ["one without a function", { items: [{ ...owned, find: true }] }, "items.0.find is no function"],
  ])("are refused with their file: %s", (_what, module, says) => {
    expect(() => readItems(module, "rules.ts", [])).toThrow(says);
  });

  test("have ids of their own", () => {
    expect(() => readItems({ items: [owned] }, "rules.ts", [owned])).toThrow(
      "rules.ts: acme/owned exist already; choose ids of your own",
    );
  });
});

test.each([
  ["text", "passed", "no JSON"],
  ["something else", '{"passed":[]}', "not what a check of a running fleet writes"],
])("what a running fleet was asked is read, and nothing else: %s", (_what, text, says) => {
  expect(() => readVerifiedFleet(text, "verified.json")).toThrow(says);
});
