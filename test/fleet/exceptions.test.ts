import { describe, expect, it } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { helper, onGoogle } from "../support/fleet-on-google";
import { definitions, environment } from "../support/sample-fleet";

const warningsOf = (change: Partial<Environment>, today = "2026-11-21") =>
  resolveFleet(definitions, { ...environment, ...change }, { today }).warnings;
const known: Partial<Environment> = {
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
};
const exceptionFor = (agents?: readonly string[]): Partial<Environment> => ({
  exceptions: {
    "callers-are-authenticated": { reason: "a fair", until: "2026-12-31", ...(agents ? { agents } : {}) },
  },
});

describe("outside production, who is open is said and built all the same", () => {
  it("once for all of an environment's agents", () => {
    expect(warningsOf({ customers: ["globex", "acme"] })).toEqual([
      {
        rule: "callers-are-authenticated",
        message: expect.stringMatching(
          /^environment 'test': whoever reaches desk-globex \(internet\) and desk-acme \(internet\) may call/,
        ),
      },
    ]);
  });

  it("about agents that something outside of the environment reaches, and no others", () => {
    expect(warningsOf(known)).toEqual([]);
    expect(warningsOf({ agents: { desk: { reach: "environment" } } })).toEqual([]);
  });

  it("not where Cloud Run asks callers who they are", () => {
    const front = { ...helper, audience: "customer-facing" } as const;
    const rules = (invokers: NonNullable<Environment["cloudRun"]>["invokers"]) =>
      resolveFleet([front], {
        ...onGoogle,
        stage: "staging",
        alerts: { email: ["on-call@acme.test"] },
        cloudRun: { invokers },
      }).warnings.map(({ rule }) => rule);
    expect(rules({ kind: "everyone" })).toEqual(["callers-are-authenticated"]);
    expect(rules({ kind: "callers", membersOf: { helper: ["group:acme@acme.test"] } })).toEqual([]);
  });
});

describe("an exception", () => {
  it("is said with its reason and its end, as long as it holds", () => {
    expect(warningsOf(exceptionFor()).map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^let pass until 2026-12-31 \(a fair\): environment 'test': whoever reaches desk-globex/,
      ),
    ]);
    const late = resolveFleet(definitions, { ...environment, ...exceptionFor() }, { today: "2027-01-01" });
    expect(late.problems.map(({ rule }) => rule)).toEqual(["callers-are-authenticated"]);
  });

  it("is for the agents that it names: the others stay what they are", () => {
    const open = { customers: ["globex", "acme"], stage: "production" } as const;
    const problems = (agents: readonly string[]) =>
      resolveFleet(definitions, { ...environment, ...open, ...exceptionFor(agents) })
        .problems.filter(({ rule }) => rule === "callers-are-authenticated")
        .map(({ message }) => message);
    expect(problems(["desk"])).toEqual([]);
    expect(problems(["desk-globex"])).toEqual([
      expect.stringMatching(/whoever reaches desk-acme \(internet\) may/),
    ]);
  });

  it("that lets nothing pass any more is said to be one", () => {
    expect(warningsOf({ ...known, ...exceptionFor() }).map(({ message }) => message)).toEqual([
      "environment 'test': exceptions['callers-are-authenticated'] lets nothing pass any more; remove it",
    ]);
  });
});
