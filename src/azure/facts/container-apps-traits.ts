import type { Hop } from "../../agent/agent-route";
import type { AgentWorkload } from "../../agent/agent-workload";
import { callerLimits } from "../../environment/caller-limits";
import type { Place } from "../../environment/cloud-traits";
import type {
  ChosenParts,
  PlatformLimit,
  PlatformTraits,
  UnusablePart,
} from "../../environment/platform-traits";
import { CONTAINER_APP_SCALERS } from "../../vendor-limits";
import { azureCloud } from "./azure-cloud";

const ingress: Hop = {
  name: "container-apps-ingress",
  limitSeconds: 240,
  timeoutSeconds: null,
  buffers: false,
  source: "https://learn.microsoft.com/azure/container-apps/ingress-overview",
};

/** Container Apps without its constructs. */
export const containerAppsTraits: PlatformTraits<"container-apps"> = {
  kind: "container-apps",
  title: "Container Apps",
  stack: "environment",
  cloud: () => azureCloud,
  idleReplicas: 0,
  wakesForRequests: false,
  // An app has one port for callers, and its collector only listens.
  scrapesMetrics: () => false,
  insideNetwork: true,
  readsVault: true,
  unusable,
  openBesideGateway: ({ containerApps }) =>
    containerApps?.internal === false
      ? { why: "its Container Apps environment is not internal", remedy: "remove containerApps.internal" }
      : undefined,
  address: ({ name, environment, reach, containerAppsDomain }) => {
    const backendUrl =
      reach === "environment"
        ? `https://${name}.internal.${containerAppsDomain}`
        : `https://${name}.${containerAppsDomain}`;
    // The sidecar listens on the loopback address and finds the app by its id. Without the slash at the end it takes
    // the URL itself for no call at all.
    const peerUrl =
      environment.mesh === undefined ? backendUrl : `http://127.0.0.1:3500/v1.0/invoke/${name}/method/`;
    return {
      backendUrl,
      peerUrl,
      hops: [ingress],
      peerHops: environment.mesh === undefined ? [ingress] : [],
    };
  },
  limits: (workload, environment) => [
    ...cpuAndMemory(workload),
    ...grace(workload),
    ...probes(workload),
    ...replicas(workload),
    ...scaling(workload),
    ...trafficTags(workload),
    ...egress(workload),
    ...callerLimits(workload, environment, ["unlimited", "host"]),
  ],
};

/** @see https://learn.microsoft.com/azure/container-apps/containers#allocations */
function cpuAndMemory({ cpu, memoryMiB }: AgentWorkload): PlatformLimit[] {
  const steps = cpu / 0.25;
  const sized = Number.isInteger(steps) && cpu >= 0.25 && cpu <= 2 && memoryMiB === cpu * 2048;
  if (sized) return [];
  const nearest = Math.min(2, Math.max(0.25, Math.ceil(Math.max(cpu / 0.25, memoryMiB / 512)) * 0.25));
  return [
    {
      aspect: "CPU and memory",
      outcome: "impossible",
      why:
        `${cpu} cores with ${memoryMiB} MiB is no size of the Consumption profile; it has 0.25 to 2 cores in steps of ` +
        `0.25, each with 2048 MiB per core; set cpu ${nearest} with memoryMiB ${nearest * 2048}, the nearest`,
    },
  ];
}

/** @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/container_app */
function grace({ terminationGraceSeconds }: AgentWorkload): PlatformLimit[] {
  if (terminationGraceSeconds <= 600) return [];
  return [
    {
      aspect: "termination grace",
      outcome: "impossible",
      why:
        `terminationGraceSeconds is ${terminationGraceSeconds}, and the platform waits 600 s at most; ` +
        "shorten taskDeadlineSeconds, or set resumesTasks if another replica takes up a stopped task",
    },
  ];
}

function probes({ probes: { startup, liveness, readiness } }: AgentWorkload): PlatformLimit[] {
  return Object.entries({ startup, liveness, readiness }).flatMap(([name, probe]) => {
    if (probe.failureThreshold <= 30 && probe.initialDelaySeconds <= 60 && probe.periodSeconds <= 240)
      return [];
    return [
      {
        aspect: `${name} probe`,
        outcome: "impossible" as const,
        why:
          `${probe.failureThreshold} failures, ${probe.periodSeconds} s apart after ${probe.initialDelaySeconds} s, are beyond ` +
          "the platform's limits of 30 failures, 240 s apart after 60 s; shorten startupSeconds",
      },
    ];
  });
}

function replicas({ maxReplicas }: AgentWorkload): PlatformLimit[] {
  if (maxReplicas <= 300) return [];
  return [
    {
      aspect: "replicas",
      outcome: "impossible",
      why: `maxReplicas is ${maxReplicas}, and an app has 300 at most; lower it`,
    },
  ];
}

/**
 * A label of a revision stands in its host: `https://<app>---<label>.…`.
 *
 * @see https://learn.microsoft.com/azure/container-apps/revisions#labels
 */
function trafficTags({ name, traffic }: AgentWorkload): PlatformLimit[] {
  return traffic.flatMap(({ tag }) => {
    if (tag === undefined) return [];
    const label = `${name}---${tag}`;
    if (/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(tag) && label.length <= 63) return [];
    return [
      {
        aspect: "traffic tag",
        outcome: "impossible" as const,
        why:
          `'${tag}' is no label of a revision here; use lower case letters, digits and hyphens, starting with a letter, ` +
          `at most ${63 - name.length - 3} of them behind this agent's name`,
      },
    ];
  });
}

/** @see https://learn.microsoft.com/azure/container-apps/scale-app#custom */
function scaling({ scaling: rule }: AgentWorkload): PlatformLimit[] {
  if (rule.kind === "active-tasks") {
    return [
      {
        aspect: "scaling",
        outcome: "changed",
        why:
          "the platform reads no metric of the agent's; it scales on open requests instead, one for each active task " +
          `(${rule.tasksPerReplica} per replica)`,
      },
    ];
  }
  if (rule.kind === "event" && !CONTAINER_APP_SCALERS.names.some((name) => name === rule.scaler)) {
    return [
      {
        aspect: "scaling",
        outcome: "impossible",
        why:
          `'${rule.scaler}' is no scaler that Container Apps knows; use one of KEDA's as it is called there ` +
          "(azure-servicebus, redis-streams, cron …), or scale on 'http'",
      },
    ];
  }
  return [];
}

function egress({ egress: destinations }: AgentWorkload): PlatformLimit[] {
  if (destinations.length === 0) return [];
  return [
    {
      aspect: "egress",
      outcome: "changed",
      why: "there are no network policies: more than the listed destinations is reachable",
    },
  ];
}

/** A part of another cloud, or of a cluster, is an error somewhere in the middle of a deploy. */
function unusable({ vault, taskStore, registry }: ChosenParts): UnusablePart[] {
  const noIdentity = "which apps on Azure have no identity for";
  return [
    ...elsewhere("vault", vault, {
      cloud: `${noIdentity}; use 'key-vault'`,
      cluster: "use 'key-vault' or 'existing-key-vault'",
    }),
    ...elsewhere("taskStore", taskStore, {
      cloud: `which only ${networkOf(taskStore.place)} reaches; use 'managed-redis'`,
      cluster: "use 'managed-redis' or 'existing'",
    }),
    ...elsewhere("registry", registry, {
      cloud: `${noIdentity}; use 'fleet' or 'azure', or 'other' with a pull secret`,
      cluster: "use 'fleet' or 'azure'",
    }),
  ];
}

function elsewhere(
  part: keyof ChosenParts,
  { place, title }: { readonly place: Place; readonly title: string },
  why: { readonly cloud: string; readonly cluster: string },
): UnusablePart[] {
  if (place === "anywhere" || place === azureCloud) return [];
  return [
    {
      part,
      why: `${title}, ${place === "cluster" ? `and Container Apps has none; ${why.cluster}` : why.cloud}`,
    },
  ];
}

function networkOf(place: Place): string {
  if (typeof place !== "string") return place.network;
  return place === "machine" ? "that machine" : place;
}
