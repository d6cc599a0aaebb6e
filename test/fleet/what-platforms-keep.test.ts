import { expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { findPortability } from "../../src/fleet/portability";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing, desk, environment } from "../support/sample-fleet";

// What every platform makes of an agent, in the words that people read: what it can't keep of an ordinary one, and what
// more of one that asks for something. `npx vitest run test/fleet/what-platforms-keep.test.ts -u` takes what changed.

const google: Environment["google"] = {
  projectId: "acme-agents",
  projectNumber: "123456789012",
  region: "europe-west4",
};
const edge = aksEnvironment.kubernetes?.edge;
const whole: Environment = {
  ...environment,
  google,
  kubernetes: { edge },
  cloudRun: { taskStore: { kind: "memorystore" } },
};

function said(agent: Partial<AgentDefinition>, given: Partial<Environment> = {}): string[] {
  const rows = findPortability([desk, { ...billing, cpu: 1, memoryMiB: 2048, ...agent }], {
    ...whole,
    ...given,
  });
  return rows.flatMap(({ agent: name, platform, limits }) =>
    limits.map(({ aspect, outcome, why }) => `${name} on ${platform}: ${aspect}, ${outcome}: ${why}`),
  );
}

const event = (scaler: string) => ({ scaling: { kind: "event", scaler, metadata: {} } }) as const;
const tagged = (tag: string, platform = "cloud-run") => ({
  agents: {
    billing: {
      platform,
      traffic: [
        { revision: "latest", percent: 90 },
        { revision: "blue", percent: 10, tag },
      ],
    },
  },
});
const nginx = { kind: "nginx", controller: "ingress-nginx", certificates: edge?.certificates } as const;

const asked: [what: string, agent: Partial<AgentDefinition>, environment?: object][] = [
  ["half a core", { cpu: 0.5, memoryMiB: 1024 }],
  ["too little memory for its cores", { cpu: 2, memoryMiB: 256 }],
  ["a core and a half", { cpu: 1.5, memoryMiB: 3072 }],
  ["hardly any core", { cpu: 0.05, memoryMiB: 64 }],
  ["less than a core with too much memory", { cpu: 0.25, memoryMiB: 1024 }],
  ["more than a node", { cpu: 16, memoryMiB: 65_536 }],
  ["many replicas", { maxReplicas: 1200 }],
  ["a long grace", { taskDeadlineSeconds: 5000 }],
  ["a long start", { startupSeconds: 8000 }],
  ["many requests at once", { scaling: { kind: "http", concurrentRequests: 2000 } }],
  ["tasks to scale on", { scaling: { kind: "active-tasks", tasksPerReplica: 5 } }],
  ["its processor to scale on", { scaling: { kind: "resources", cpuPercent: 60, memoryPercent: 70 } }],
  ["events to scale on", event("azure-servicebus")],
  ["events that nobody knows", event("horoscope")],
  ["a place outside", { egress: [{ host: "erp.acme.example" }, { cidr: "192.0.2.0/24", port: 5432 }] }],
  ["no metrics", { metricsPort: null }],
  ["what it works on taken up by others", { resumesTasks: true }],
  ["revisions side by side", {}, tagged("canary")],
  ["revisions side by side in a cluster", {}, tagged("canary", "kubernetes")],
  ["a tag that is none", {}, tagged("Canary!")],
  ["a long tag", {}, tagged("a".repeat(44))],
  ["a mesh", {}, { mesh: { kind: "dapr" } }],
  ["callers from outside, through nginx", {}, { kubernetes: { edge: nginx } }],
  ["callers from outside, and no way in", {}, { kubernetes: {} }],
  ["callers of a load balancer", {}, { cloudRun: { ...whole.cloudRun, front: { kind: "load-balancer" } } }],
  ["callers of a gateway", {}, { gateway: {}, identityProvider: { kind: "entra" } }],
  ["callers of a gateway, through nginx", {}, { gateway: {}, kubernetes: { edge: nginx } }],
  ["a login of its own", {}, { taskStore: { kind: "cluster-redis" } }],
  [
    "to outlast its requests",
    { heartbeatSeconds: 400 },
    { cloudRun: { ...whole.cloudRun, timeoutSeconds: 90 } },
  ],
];

test("an agent that asks for something is told what each platform makes of it", async () => {
  const usual = said({});
  const told = asked.flatMap(([what, agent, given]) => {
    const now = said(agent, given);
    const more = now.filter((line) => !usual.includes(line));
    const less = usual.filter((line) => !now.includes(line));
    return [`${what}:`, ...more.map((line) => `  + ${line}`), ...less.map((line) => `  - ${line}`)];
  });
  const all = ["nothing in particular:", ...usual.map((line) => `  ${line}`), ...told];
  await expect(all.join("\n")).toMatchFileSnapshot("__snapshots__/what-platforms-keep.txt");
});
