import { describe, expect, test } from "vitest";
import { findDefinitionShapeProblems } from "../../src/agent/agent-definition-schema";
import { findEnvironmentShapeProblems } from "../../src/choices/environment-schema";
import { homes, patched, put } from "../settings/changed-fleet";
import { settingChanges } from "../settings/setting-changes";
import { settingWords } from "../settings/setting-places";
import type { FleetInput } from "../support/arbitrary-fleet";
import { environment } from "../support/sample-fleet";

const problemsOf = ({ definitions, environment }: FleetInput) => [
  ...findEnvironmentShapeProblems(environment),
  ...definitions.flatMap(findDefinitionShapeProblems),
];

/** Every setting that there is, with right values, each in a fleet that has a place for it. */
const cases = settingChanges.flatMap(({ at, is, with: around = {}, only = Object.keys(homes), to }) => {
  const fleets = only.map((name) => patched(homes[name] ?? environment, around));
  const places = fleets.map((fleet) => (is === undefined ? fleet : put(fleet, at, is)));
  return Object.entries(to).map(([property, value]) => {
    const setting = `${at}.${property}`;
    const standing = places.find((fleet) => problemsOf(put(fleet, setting, value)).length === 0);
    return { setting, value, standing: standing ?? (places[0] as FleetInput) };
  });
});

/** What a number is compared with, by its name: it is as much then. */
const OTHERS: Readonly<Record<string, string>> = {
  minNodes: "maxNodes",
  maxNodes: "minNodes",
  "sidecar.cpu": "sidecar.cpuLimit",
  "sidecar.cpuLimit": "sidecar.cpu",
  memoryMiB: "memoryLimitMiB",
  memoryLimitMiB: "memoryMiB",
};

function isTaken(name: string, value: unknown): boolean {
  const found = cases.find(({ setting }) => setting === name);
  if (found === undefined) throw new Error(`no setting ${name}`);
  const end = Object.keys(OTHERS).find((each) => name.endsWith(`.${each}`));
  const whole = put(found.standing, name, value);
  const other = end === undefined ? undefined : name.slice(0, -end.length) + OTHERS[end];
  const isThere = other !== undefined && cases.some(({ setting }) => setting === other);
  return problemsOf(isThere ? put(whole, other, value) : whole).length === 0;
}

test("every setting is taken as its documentation says, and a name that is none isn't", () => {
  expect(cases.length).toBeGreaterThan(300);
  const unlike: string[] = [];
  for (const { setting, value, standing } of cases) {
    for (const { message } of problemsOf(put(standing, setting, value)))
      unlike.push(`${setting}: ${message}`);
    // Names are whatever somebody calls things by.
    const free = /\.(?:variables|secrets|tags|agents|headers|applications|hosts)\.\w+$/.test(setting);
    const named = problemsOf(put(standing, `${setting}Z`, value)).length > 0;
    if (named === free) unlike.push(`${setting}Z is ${named ? "refused" : "taken"}`);
  }
  expect(unlike).toEqual([]);
});

test("every word that a type allows is taken, and no other", () => {
  const words = settingWords().filter(([name]) => cases.some(({ setting }) => setting === name));
  expect(words.length).toBeGreaterThan(15);
  const unlike = words.flatMap(([setting, allowed]) => [
    ...allowed.filter((word) => !isTaken(setting, word)).map((word) => `${setting} refuses ${word}`),
    ...(isTaken(setting, "anything") ? [`${setting} takes anything`] : []),
  ]);
  expect(unlike).toEqual([]);
});

/** The least and the most of every setting that is a number; decimals go in steps of a hundredth. */
const limits: readonly [setting: string, least: number, most: number | null, step?: number][] = [
  ["definition.port", 1, 65_535],
  ["definition.metricsPort", 1, 65_535],
  ["definition.cpu", 0.01, 416, 0.01],
  ["definition.memoryMiB", 32, 11_960_320],
  ["definition.workers", 1, 256],
  ["definition.minReplicas", 0, 5000],
  ["definition.maxReplicas", 1, 5000],
  ["definition.taskDeadlineSeconds", 1, 86_400],
  ["definition.heartbeatSeconds", 1, 86_400],
  ["definition.requestTimeoutSeconds", 1, 86_400],
  ["definition.gracefulTimeoutSeconds", 1, 86_400],
  ["definition.terminationGraceSeconds", 1, 86_400],
  ["definition.startupSeconds", 1, 86_400],
  ["definition.scaling(http).concurrentRequests", 1, null],
  ["definition.scaling(active-tasks).tasksPerReplica", 1, null],
  ["definition.scaling(resources).cpuPercent", 1, 100],
  ["definition.scaling(resources).memoryPercent", 1, 100],
  ["definition.objectives.successShare", 0.5, 0.9999, 0.0001],
  ["definition.objectives.latencySeconds", 1, 86_400],
  ["definition.egress[](host).port", 1, 65_535],
  ["definition.egress[](cidr).port", 1, 65_535],
  ["environment.rateLimitPerMinute", 1, 1_000_000],
  ["environment.replicaLimit", 1, 5000],
  ["environment.agents.<name>.cpu", 0.01, 416, 0.01],
  ["environment.agents.<name>.memoryMiB", 32, 11_960_320],
  ["environment.agents.<name>.workers", 1, 256],
  ["environment.agents.<name>.minReplicas", 0, 5000],
  ["environment.agents.<name>.maxReplicas", 1, 5000],
  ["environment.agents.<name>.taskDeadlineSeconds", 1, 86_400],
  ["environment.agents.<name>.traffic[].percent", 0, 100],
  ["environment.taskStore(redis-cache).capacity", 0, 6],
  ["environment.taskStore(azure-postgres).backupRetentionDays", 7, 35],
  ["environment.taskStore(existing).port", 1, 65_535],
  ["environment.taskStore(existing-postgres).port", 1, 65_535],
  ["environment.taskStore(memorystore).memorySizeGiB", 1, 300],
  ["environment.taskStore(cloud-sql).backupRetentionDays", 7, 365],
  ["environment.taskStore(cluster-redis).storageGiB", 1, 16_384],
  ["environment.identityProvider(keycloak).accessTokenSeconds", 60, 900],
  ["environment.identityProvider(keycloak).keyLifetimeDays", 1, 365],
  ["environment.identityProvider(keycloak).backupRetentionDays", 7, 35],
  ["environment.identityProvider(keycloak).database.address.port", 1, 65_535],
  ["environment.telemetry.sampleRatio", 0, 1, 0.01],
  ["environment.budget.monthly", 1, null],
  ["environment.cloudRun.timeoutSeconds", 1, 3600],
  ["environment.cloudRun.taskStore(existing).port", 1, 65_535],
  ["environment.cloudRun.taskStore(existing-postgres).port", 1, 65_535],
  ["environment.cloudRun.taskStore(memorystore).memorySizeGiB", 1, 300],
  ["environment.cloudRun.taskStore(cloud-sql).backupRetentionDays", 7, 365],
  ["environment.kubernetes.runAsUser", 1, 2_147_483_647],
  ["environment.kubernetes.apiServer.port", 1, 65_535],
  ["environment.kubernetes.cluster(aks).systemNodes.minNodes", 1, 1000],
  ["environment.kubernetes.cluster(aks).systemNodes.maxNodes", 1, 1000],
  ["environment.kubernetes.cluster(aks).agentNodes.minNodes", 1, 1000],
  ["environment.kubernetes.cluster(aks).agentNodes.maxNodes", 1, 1000],
  ["environment.kubernetes.backups.retentionDays", 1, 3650],
  ["environment.kubernetes.backups.scratchGiB", 1, 16_384],
  ["environment.kubernetes.backups.storage(s3).address.port", 1, 65_535],
  ["environment.mesh.sidecar.metricsPort", 1, 65_535],
  ["environment.mesh.sidecar.cpu", 0.01, 64, 0.01],
  ["environment.mesh.sidecar.cpuLimit", 0.01, 64, 0.01],
  ["environment.mesh.sidecar.memoryMiB", 32, 65_536],
  ["environment.mesh.sidecar.memoryLimitMiB", 32, 65_536],
  ["environment.mesh.sidecar.maxBodyMiB", 1, 1024],
  ["environment.mesh.sidecar.readBufferKiB", 4, 1024],
  ["environment.local.port", 1, 65_535],
  ["environment.local.edge.port", 1, 65_535],
];

describe("a number", () => {
  test("is one of these", () => {
    const numbers = cases.filter(({ value }) => typeof value === "number").map(({ setting }) => setting);
    // How long Log Analytics keeps what it is told is a rule of Azure's.
    numbers.splice(numbers.indexOf("environment.retentionDays"), 1);
    expect([...new Set(numbers)].toSorted()).toEqual(limits.map(([setting]) => setting).toSorted());
  });

  test.each(limits)("%s is %d at least and %d at most", (setting, least, most, step = 1) => {
    const tried = [least - step, least, most ?? least, (most ?? least) + step, least + step / 2];
    const between = step < 1;
    expect(tried.map((value) => isTaken(setting, value))).toEqual([
      false,
      true,
      true,
      most === null,
      between,
    ]);
  });
});
