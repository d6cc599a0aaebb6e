import { expect, it } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { findFleetProblems } from "../../src/fleet/find-fleet-problems";
import { billing, desk, environment } from "../support/sample-fleet";

const first: Environment = { ...environment, name: "one" };
const second: Environment = { ...environment, name: "two" };
const messages = (agents: readonly (typeof billing)[], environments: readonly Environment[]) =>
  findFleetProblems(agents, environments).map(({ message }) => message);

it("says nothing of a fleet that fits all of its environments", () => {
  expect(messages([desk, billing], [first, second])).toEqual([]);
});

it("says a mistake of a definition once, however many environments run it", () => {
  expect(messages([desk, { ...billing, minReplicas: 9 }], [first, second])).toEqual([
    "agent 'billing': minReplicas is 9 and maxReplicas is 5; lower the first or raise the second",
  ]);
});

it("says in which environments a mistake is, when it isn't in all of them", () => {
  const agents = { billing: { minReplicas: 9 } };
  const third = { ...environment, name: "three" };
  expect(messages([desk, billing], [first, { ...second, agents }, { ...third, agents }])).toEqual([
    "agent 'billing': minReplicas is 9 and maxReplicas is 5; lower the first or raise the second (in 'two' and 'three')",
  ]);
});

it("doesn't say it twice when the message already does", () => {
  expect(messages([desk, billing], [first, { ...second, retentionDays: 7 }])).toEqual([
    "environment 'two': retentionDays is 7; Log Analytics keeps 30 to 730 days, choose one of these",
  ]);
});

it("finds environments that are in each other's way", () => {
  expect(messages([desk, billing], [first, first])).toEqual([
    "environment 'one' exists twice, and its stack is named after it; rename one of them",
  ]);
});

it("says of a platform that Terraform makes nothing of how agents are started there", () => {
  const local: Environment = {
    ...first,
    azure: undefined,
    alerts: undefined,
    platform: "local",
    registry: { kind: "local-images" },
    vault: { kind: "local-files" },
    taskStore: { kind: "local-redis" },
  };
  expect(messages([desk, billing], [local])).toEqual([
    "environment 'one' has agents on 'local', which is no place to deploy to; start them with 'npm run local', and take " +
      "the environment out of stacks/environments/index.ts, or choose another platform",
  ]);
});
