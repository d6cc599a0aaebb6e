import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { helper, onGoogle } from "../support/fleet-on-google";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing, environment } from "../support/sample-fleet";

/** What the platforms themselves allow: the last value that is taken, and the first that is refused, of every limit. */
function problemsOf(
  of: Environment,
  agent: AgentDefinition,
): { readonly rule: string; readonly message: string }[] {
  return resolveFleet([agent], of).problems.map(({ rule, message }) => ({ rule, message }));
}

const onContainerApps = (change: Partial<AgentDefinition>) =>
  problemsOf(environment, { ...billing, ...change });
const onCloudRun = (change: Partial<AgentDefinition>) => problemsOf(onGoogle, { ...helper, ...change });

const rulesOf = (problems: readonly { readonly rule: string }[]) => problems.map(({ rule }) => rule);

describe("Container Apps", () => {
  test.each([
    [0.25, 512],
    [0.5, 1024],
    [0.75, 1536],
    [1, 2048],
    [1.25, 2560],
    [1.5, 3072],
    [1.75, 3584],
    [2, 4096],
  ])("has a size of %d cores with %i MiB", (cpu, memoryMiB) => {
    expect(onContainerApps({ cpu, memoryMiB })).toEqual([]);
  });

  test.each([
    [0.125, 256, "cpu 0.25 with memoryMiB 512"],
    [2.25, 4608, "cpu 2 with memoryMiB 4096"],
    [4, 8192, "cpu 2 with memoryMiB 4096"],
    [1.1, 2048, "cpu 1.25 with memoryMiB 2560"],
    [1, 1024, "cpu 1 with memoryMiB 2048"],
    [1, 2049, "cpu 1.25 with memoryMiB 2560"],
  ])("has none of %d cores with %i MiB, and says what is nearest: %s", (cpu, memoryMiB, nearest) => {
    const [problem, ...others] = onContainerApps({ cpu, memoryMiB });
    expect(others).toEqual([]);
    expect(problem?.rule).toBe("platform-limit:CPU and memory");
    expect(problem?.message).toContain(`set ${nearest}, the nearest`);
  });

  const patient = (terminationGraceSeconds: number) => ({
    taskDeadlineSeconds: 200,
    gracefulTimeoutSeconds: 300,
    terminationGraceSeconds,
  });
  test.each<[string, Partial<AgentDefinition>, Partial<AgentDefinition>]>([
    ["termination grace", patient(600), patient(601)],
    ["replicas", { maxReplicas: 300 }, { maxReplicas: 301 }],
    ["startup probe", { startupSeconds: 7200 }, { startupSeconds: 7201 }],
  ])("has a limit of %s", (aspect, taken, refused) => {
    expect(onContainerApps(taken)).toEqual([]);
    expect(rulesOf(onContainerApps(refused))).toContain(`platform-limit:${aspect}`);
  });
});

describe("Cloud Run", () => {
  const one = { kind: "http", concurrentRequests: 1 } as const;

  test.each([
    [1, 512, 4096],
    [2, 512, 8192],
    [4, 2048, 16384],
    [6, 4096, 24576],
    [8, 4096, 32768],
  ])("gives %i cores %i to %i MiB", (cpu, least, most) => {
    for (const memoryMiB of [least, most]) expect(onCloudRun({ cpu, memoryMiB })).toEqual([]);
    for (const memoryMiB of [least - 1, most + 1]) {
      const [problem] = onCloudRun({ cpu, memoryMiB });
      expect(problem?.rule).toBe("platform-limit:CPU and memory");
      expect(problem?.message).toContain(`${cpu} cores take ${least} to ${most} MiB`);
    }
  });

  test.each([
    [0.08, 128, 512],
    [0.49, 128, 512],
    [0.5, 128, 1024],
    [0.99, 128, 1024],
  ])("gives %d cores %i to %i MiB, for one request at a time", (cpu, least, most) => {
    const sized = (memoryMiB: number) => onCloudRun({ cpu, memoryMiB, scaling: one });
    for (const memoryMiB of [least, most]) expect(sized(memoryMiB)).toEqual([]);
    for (const memoryMiB of [least - 1, most + 1]) {
      expect(rulesOf(sized(memoryMiB))).toEqual(["platform-limit:CPU and memory"]);
    }
  });

  test("has less than 0.08 cores for nobody, and odd numbers of them above one for nobody either", () => {
    const small = (cpu: number) => rulesOf(onCloudRun({ cpu, memoryMiB: 128, scaling: one }));
    expect(small(0.08)).toEqual([]);
    expect(small(0.07)).toEqual(["platform-limit:CPU and memory"]);
    for (const cpu of [1.5, 3, 5, 7, 9]) {
      expect(rulesOf(onCloudRun({ cpu, memoryMiB: 4096 }))).toEqual(["platform-limit:CPU and memory"]);
    }
  });

  test.each<[string, Partial<AgentDefinition>, Partial<AgentDefinition>]>([
    ["replicas", { maxReplicas: 1000 }, { maxReplicas: 1001 }],
    [
      "concurrency",
      { scaling: { kind: "active-tasks", tasksPerReplica: 1000 } },
      { scaling: { kind: "active-tasks", tasksPerReplica: 1001 } },
    ],
    ["startup probe", { startupSeconds: 240 }, { startupSeconds: 241 }],
  ])("has a limit of %s", (aspect, taken, refused) => {
    expect(onCloudRun(taken)).toEqual([]);
    expect(rulesOf(onCloudRun(refused))).toEqual([`platform-limit:${aspect}`]);
  });
});

describe("Kubernetes", () => {
  const onKubernetes = (change: Partial<Environment>, agent: Partial<AgentDefinition> = {}) =>
    problemsOf({ ...aksEnvironment, ...change }, { ...billing, ...agent });
  const kubernetes = (change: Partial<NonNullable<Environment["kubernetes"]>>) => ({
    kubernetes: { ...aksEnvironment.kubernetes, ...change },
  });
  const event = { scaling: { kind: "event", scaler: "cron", metadata: {} } } as const;

  test("wakes nobody by events but with KEDA", () => {
    expect(onKubernetes(kubernetes({ autoscaling: "keda" }), event)).toEqual([]);
    for (const autoscaling of ["resources", "metrics-adapter"] as const) {
      expect(rulesOf(onKubernetes(kubernetes({ autoscaling }), event))).toEqual(["platform-limit:scaling"]);
    }
  });

  test("scales on tasks only where an agent counts them", () => {
    const silent = { metricsPort: null };
    const told = onKubernetes({}, silent);
    expect(rulesOf(told)).toContain("platform-limit:scaling");
    expect(onKubernetes(kubernetes({ autoscaling: "resources" }), silent)).toEqual([]);
    expect(onKubernetes({})).toEqual([]);
  });

  test("lets people in only where there is a way in", () => {
    const open = { audience: "customer-facing" } as const;
    expect(onKubernetes({}, open)).toEqual([]);
    expect(rulesOf(onKubernetes(kubernetes({ edge: undefined }), open))).toContain("platform-limit:reach");
    expect(onKubernetes(kubernetes({ edge: undefined }))).toEqual([]);
  });

  test("runs one revision", () => {
    const traffic = (revision: string) => ({
      agents: { billing: { traffic: [{ revision, percent: 100 }] } },
    });
    expect(onKubernetes(traffic("latest"))).toEqual([]);
    expect(rulesOf(onKubernetes(traffic("v1-0-0")))).toContain("platform-limit:traffic");
  });
});
