import type { Hop } from "../../agent/agent-route";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import {
  type ChosenParts,
  changed,
  impossible,
  type PlatformLimit,
  type PlatformTraits,
  type UnusablePart,
} from "../../environment/platform-traits";
import { listOf } from "../../problem";
import { layOutMachine } from "./local-settings";

/** Seconds of silence that an edge of one's own bears beyond a task's deadline. */
const SPARE_SECONDS = 10;

/** One machine: the agents are its processes, or containers on it. */
export const localTraits: PlatformTraits<"local"> = {
  kind: "local",
  title: "one machine",
  stack: null,
  cloud: () => null,
  idleReplicas: 1,
  wakesForRequests: false,
  scrapesMetrics: () => false,
  insideNetwork: false,
  readsVault: true,
  unusable,
  address: ({ name, environment, reach, port, taskDeadlineSeconds }) => {
    const { frontUrl, publicUrl, edge, runsAs } = layOutMachine(environment);
    const below = (base: string) => `${base}/agents/${name}`;
    const proxy: Hop[] = edge === null ? [] : [edgeHop(edge.program, taskDeadlineSeconds)];
    if (runsAs === "containers") {
      const inside = `http://${name}:${port}`;
      const outside = reach !== "environment";
      return {
        backendUrl: outside ? below(publicUrl) : inside,
        peerUrl: inside,
        hops: outside ? proxy : [],
        peerHops: [],
      };
    }
    const peerUrl = below(frontUrl);
    const throughEdge = edge !== null && reach !== "environment";
    return {
      backendUrl: throughEdge ? below(publicUrl) : peerUrl,
      peerUrl,
      hops: throughEdge ? proxy : [front],
      peerHops: [front],
    };
  },
  limits: (workload, environment) => [
    ...gateway(environment),
    ...stage(environment),
    ...replicas(workload),
    ...scaling(workload),
    ...size(workload),
    ...probes(workload),
    ...egress(workload),
    ...objectives(workload),
    ...traffic(workload),
  ],
};

const front: Hop = {
  name: "local-front",
  limitSeconds: null,
  timeoutSeconds: null,
  buffers: false,
  source: "https://nodejs.org/api/http.html#servertimeout",
};

function edgeHop(program: string, taskDeadlineSeconds: number): Hop {
  return {
    name: program,
    limitSeconds: null,
    timeoutSeconds: taskDeadlineSeconds + SPARE_SECONDS,
    buffers: false,
    source: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html",
  };
}

function unusable(parts: ChosenParts): UnusablePart[] {
  const why = "not on this machine";
  const elsewhere = (part: keyof ChosenParts) =>
    parts[part].place !== "machine" && parts[part].place !== "anywhere";
  // The fleet starts its store with it, and knows no other's passwords.
  const othersStore = parts.taskStore.shared && parts.taskStore.place === "anywhere";
  return [
    ...(elsewhere("vault") ? [{ part: "vault" as const, why: `${why}; use { kind: 'local-files' }` }] : []),
    ...(elsewhere("taskStore") || othersStore
      ? [
          {
            part: "taskStore" as const,
            why: `${why}; use { kind: 'memory' }, or { kind: 'local-redis' } where one is installed`,
          },
        ]
      : []),
    ...(elsewhere("registry")
      ? [{ part: "registry" as const, why: `${why}; use { kind: 'local-images' }` }]
      : []),
  ];
}

function gateway({ gateway }: Environment): PlatformLimit[] {
  if (gateway === undefined) return [];
  return impossible(
    "gateway",
    "the gateway is a cloud's, and reaches no machine's processes; remove 'gateway', and set local.edge to have a real edge in front",
  );
}

function stage({ stage }: Environment): PlatformLimit[] {
  if (stage !== "production") return [];
  return impossible(
    "stage",
    "one machine is nobody's production: nothing keeps an agent there when it goes; set stage to 'development' or 'staging'",
  );
}

function replicas({ minReplicas, maxReplicas }: AgentWorkload): PlatformLimit[] {
  if (minReplicas === 1 && maxReplicas === 1) return [];
  return changed(
    "replicas",
    `${minReplicas} to ${maxReplicas} replicas were asked for: one runs, whatever the load`,
  );
}

function scaling({ scaling: { kind } }: AgentWorkload): PlatformLimit[] {
  return changed("scaling", `it scales on ${kind} elsewhere: nothing scales here`);
}

function size({ cpu, memoryMiB }: AgentWorkload): PlatformLimit[] {
  return changed(
    "CPU and memory",
    `${cpu} cores and ${memoryMiB} MiB are limits of a container alone: a process takes what the machine has`,
  );
}

function probes({ probes: { startup, liveness, readiness } }: AgentWorkload): PlatformLimit[] {
  const patience = startup.initialDelaySeconds + startup.periodSeconds * startup.failureThreshold;
  return changed(
    "probes",
    `nobody asks ${listOf([...new Set([startup, liveness, readiness].map(({ path }) => path))])}, or ends what takes longer ` +
      `than ${patience} s to start: a container is asked as its image says, and a process that ends is started again`,
  );
}

function egress({ egress: destinations }: AgentWorkload): PlatformLimit[] {
  if (destinations.length === 0) return [];
  return changed(
    "egress",
    "nothing keeps agents from any address: what is listed is open, and so is all else",
  );
}

function objectives({ objectives: { successShare, latencySeconds } }: AgentWorkload): PlatformLimit[] {
  return changed(
    "objectives",
    `nobody hears when fewer than ${Number((successShare * 100).toFixed(2))} % of the tasks succeed, or when they take longer than ${latencySeconds} s`,
  );
}

function traffic({ traffic: weights }: AgentWorkload): PlatformLimit[] {
  const named = weights.find(({ revision }) => revision !== "latest");
  if (named === undefined) return [];
  return impossible(
    "traffic",
    `revision '${named.revision}' gets a share, and one revision runs here; remove 'traffic'`,
  );
}
