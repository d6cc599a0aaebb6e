import { describe, expect, it } from "vitest";
import { Field, type Json } from "../../../../src/rehearsal/provider/kubernetes/field";
import { judge } from "../../../../src/rehearsal/provider/kubernetes/judge";
import {
  findPodSecurityProblems,
  type PodSecurityLevel,
} from "../../../../src/rehearsal/provider/kubernetes/pod-security";
import {
  isKeptBack,
  type Mutation,
  objectOf,
  type RecordedObjects,
  readVerdicts,
  recordedKinds,
} from "./recorded-verdicts";

const objects = readVerdicts<RecordedObjects>("objects");
const mutations = readVerdicts<readonly Mutation[]>("mutations");
const findKind = recordedKinds();

/** Shares that may only rise: of all cases, of those kept back, and of refusals in the very same words. */
const LEAST = { agreed: 0.998, keptBack: 0.995, words: 0.94 };

const judged = mutations.map((mutation) => {
  const prior = mutation.action === "update" ? objects.stored[mutation.object] : undefined;
  const answer = judge(objectOf(mutation, objects), { prior, findKind, isStrict: true });
  const message = answer.verdict === "refused" ? answer.message : undefined;
  return { mutation, answer, message, agrees: answer.verdict === mutation.verdict };
});

function share(cases: readonly { readonly agrees: boolean }[]): number {
  return cases.filter(({ agrees }) => agrees).length / cases.length;
}

describe("what the rehearsal says of Kubernetes objects", () => {
  it("takes every object as the stacks make it", () => {
    const untouched = judged.filter(({ mutation }) => mutation.change.length === 0);
    expect(untouched).toHaveLength(Object.keys(objects.new).length);
    expect(untouched.filter(({ answer }) => answer.verdict !== "accepted")).toEqual([]);
  });

  it("agrees with a real API server on single mutations of them", () => {
    const others = judged
      .filter(({ agrees }) => !agrees)
      .map(({ mutation: { object, change, verdict, message }, answer }) => ({
        object,
        change,
        verdict,
        message,
        answer,
      }));
    expect(share(judged), JSON.stringify(others, null, 1)).toBeGreaterThanOrEqual(LEAST.agreed);
  });

  it("agrees on the mutations that nobody looked at while the rules were written", () => {
    const keptBack = judged.filter(({ mutation }) => isKeptBack(mutation));
    expect(keptBack.length).toBeGreaterThan(400);
    expect(share(keptBack)).toBeGreaterThanOrEqual(LEAST.keptBack);
  });

  it("would agree on far less if it took everything, or nothing", () => {
    const takesAll = mutations.map(({ verdict }) => ({ agrees: verdict === "accepted" }));
    expect(share(takesAll)).toBeLessThan(0.45);
    expect(1 - share(takesAll)).toBeLessThan(0.65);
  });

  it.each([...new Set(mutations.map(({ object }) => object))])(
    "agrees on nine of ten mutations of a %s",
    (object) => {
      expect(share(judged.filter(({ mutation }) => mutation.object === object))).toBeGreaterThanOrEqual(0.9);
    },
  );

  it("refuses in the API server's own words", () => {
    const refused = judged.filter(
      ({ mutation, message }) =>
        message !== undefined && mutation.message !== undefined && !mutation.message.endsWith("…"),
    );
    expect(refused.length).toBeGreaterThan(1000);
    expect(
      share(refused.map(({ mutation, message }) => ({ agrees: mutation.message === message }))),
    ).toBeGreaterThanOrEqual(LEAST.words);
  });
});

describe("what the rehearsal says of pods in namespaces with a security level", () => {
  const pods =
    readVerdicts<
      readonly {
        readonly level: PodSecurityLevel;
        readonly spec: Json;
        readonly verdict: string;
        readonly message?: string;
      }[]
    >("pods");

  it.each(["privileged", "baseline", "restricted"] as const)(
    "is what a real admission says at %s",
    (level) => {
      const cases = pods.filter((pod) => pod.level === level);
      expect(cases.length).toBeGreaterThan(20);
      const ours = cases.map(
        ({ spec }) => findPodSecurityProblems(level, new Field(spec, "", [])).length === 0,
      );
      expect(ours).toEqual(cases.map(({ verdict }) => verdict === "accepted"));
    },
  );

  it("gives the admission's reasons", () => {
    const [first] = pods.filter(
      ({ level, message }) => level === "restricted" && message?.includes("hostPort"),
    );
    const problems = findPodSecurityProblems("restricted", new Field(first?.spec, "", []));
    expect(first?.message).toBe(
      `pods "p" is forbidden: violates PodSecurity "restricted:latest": ${problems.join(", ")}`,
    );
  });
});
