import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { FleetError } from "../../src/problem";
import { buildFleet } from "../../src/stacks/build-fleet";
import { kubernetesEnvironment } from "../support/kubernetes-environment";
import { billing, desk, environment } from "../support/sample-fleet";
import { testApp } from "../support/synth";

const good: Environment = { ...environment, name: "good" };
const bad: Environment = { ...environment, name: "bad", retentionDays: 7 };

interface Stack {
  readonly resource: Record<
    string,
    Record<string, { lifecycle?: { precondition: { error_message: string }[] } }>
  >;
}

async function build(environments: readonly Environment[], agents = [desk, billing]) {
  const app = testApp();
  const refused = await buildFleet(app, { agents, environments });
  app.synth();
  const names = app.node.children.map(({ node }) => node.id).filter((id) => id !== "Tree");
  const stack = (name: string) =>
    JSON.parse(readFileSync(join(app.outdir, "stacks", name, "cdk.tf.json"), "utf8")) as Stack;
  return { refused, names, stack };
}

describe("one environment's mistake", () => {
  test("stops that environment, and says why where its stack is planned", async () => {
    const { refused, names, stack } = await build([good, bad]);
    expect(refused.map(({ subject }) => subject)).toEqual(["environment 'bad'"]);
    expect(names).toEqual(expect.arrayContaining(["good", "bad"]));
    expect(Object.keys(stack("bad").resource)).toEqual(["terraform_data"]);
    const [refusal] = Object.values(stack("bad").resource.terraform_data ?? {});
    expect(refusal?.lifecycle?.precondition[0]?.error_message).toContain(
      "environment 'bad': 1 problem\n  - environment 'bad': retentionDays is 7;",
    );
    const alone = await build([good]);
    expect(stack("good").resource).toEqual(alone.stack("good").resource);
  });

  test("stops the stack inside its cluster as well", async () => {
    const cluster = { ...kubernetesEnvironment, name: "bad", retentionDays: 7 };
    const { names, stack } = await build([good, cluster]);
    expect(names).toContain("bad-cluster");
    expect(Object.keys(stack("bad-cluster").resource)).toEqual(["terraform_data"]);
  });

  test("is told without a stack where its name can't be one's", async () => {
    const { refused, names } = await build([good, { ...good, name: "no/name" }]);
    expect(refused.map(({ subject }) => subject)).toEqual(["environment 'no/name'"]);
    expect(names).not.toContain("no/name");
  });

  test("in all of them builds nothing", async () => {
    await expect(build([bad, { ...bad, name: "worse" }])).rejects.toThrow(
      "the fleet cannot be built: 2 problems",
    );
  });

  test("leaves its text alone: nothing in it is an expression to Terraform", async () => {
    const odd = { ...bad, agents: { "${path.root}": {} } };
    const { stack } = await build([good, odd]);
    expect(JSON.stringify(stack("bad").resource)).toContain("$${path.root}");
    expect(JSON.stringify(stack("bad").resource)).not.toMatch(/[^$]\$\{path/);
  });
});

test("an agent runs in the stages that it names, and a call to it elsewhere is refused in words", async () => {
  const draft = { ...billing, stages: ["development" as const] };
  const { refused, stack } = await build(
    [{ ...good, name: "dev", stage: "development" }, good],
    [desk, draft],
  );
  expect(JSON.stringify(stack("dev").resource)).toContain('"billing"');
  expect(refused.map(({ problems }) => problems.map(({ message }) => message))).toEqual([
    [
      "agent 'desk' calls 'billing', which doesn't run in staging (stages: development); add 'staging' to its stages, " +
        "or leave the call out",
    ],
  ]);
});

describe("lists that are none", () => {
  const messages = async (environments: unknown, agents: unknown = [desk, billing]) => {
    const building = build(environments as Environment[], agents as (typeof desk)[]);
    const error: unknown = await building.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof FleetError ? error.problems.map(({ message }) => message) : error;
  };

  test("are refused, all at once, where nothing would be made without a word", async () => {
    expect(await messages({ good })).toEqual([
      "environments: what is exported is no list (object); export one: [first, second]",
    ]);
    expect(await messages(undefined, { desk })).toEqual([
      "agents: what is exported is no list (object); export one: [first, second]",
      "environments: what is exported is no list (nothing); export one: [first, second]",
    ]);
    expect(await messages([])).toEqual([
      "environments: the list is empty; add one to stacks/environments/index.ts",
    ]);
    expect(await messages([good])).toBeUndefined();
  });
});
