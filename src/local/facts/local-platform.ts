import type { Hop } from "../../agent/agent-route";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import type {
  ChosenParts,
  PlatformLimit,
  PlatformTraits,
  UnusablePart,
} from "../../environment/platform-traits";
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
    ...replicas(workload),
    ...scaling(workload),
    ...size(workload),
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
  return [
    ...(elsewhere("vault") ? [{ part: "vault" as const, why: `${why}; use { kind: 'local-files' }` }] : []),
    ...(elsewhere("taskStore")
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
  return [
    {
      aspect: "gateway",
      outcome: "impossible",
      why: "the gateway is a cloud's, and reaches no machine's processes; remove 'gateway', and set local.edge to have a real edge in front",
    },
  ];
}

function replicas({ minReplicas, maxReplicas }: AgentWorkload): PlatformLimit[] {
  const kept = Math.max(1, minReplicas);
  if (minReplicas === kept && maxReplicas === kept) return [];
  return [
    {
      aspect: "replicas",
      outcome: "changed",
      why: `${minReplicas} to ${maxReplicas} replicas were asked for: ${kept} run, whatever the load`,
    },
  ];
}

function scaling({ scaling: { kind } }: AgentWorkload): PlatformLimit[] {
  if (kind !== "event") return [];
  return [{ aspect: "scaling", outcome: "changed", why: "nothing scales here, on events or otherwise" }];
}

function size({ cpu, memoryMiB }: AgentWorkload): PlatformLimit[] {
  return [
    {
      aspect: "CPU and memory",
      outcome: "changed",
      why: `${cpu} cores and ${memoryMiB} MiB are no limit for a process: it takes what the machine has`,
    },
  ];
}
