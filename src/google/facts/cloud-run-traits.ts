import type { Hop } from "../../agent/agent-route";
import type { AgentProbe, AgentWorkload } from "../../agent/agent-workload";
import { callerLimits } from "../../environment/caller-limits";
import type { Environment } from "../../environment/environment";
import {
  type AddressedAgent,
  changed,
  impossible,
  type PlatformAddress,
  type PlatformLimit,
  type PlatformTraits,
} from "../../environment/platform-traits";
import { googleCloud } from "./google-cloud";
import { googleImageServer, googlePushServer } from "./google-images";
import { googleNames } from "./google-names";

/** Seconds between SIGTERM and SIGKILL. @see https://cloud.google.com/run/docs/container-contract#instance-shutdown */
const GRACE_SECONDS = 10;

/** Cloud Run without its constructs. */
export const cloudRunTraits: PlatformTraits<"cloud-run"> = {
  kind: "cloud-run",
  title: "Cloud Run",
  stack: "environment",
  cloud: () => googleCloud,
  idleReplicas: 0,
  wakesForRequests: true,
  insideNetwork: false,
  ownCallerCheck: {
    isOn: ({ cloudRun }) => cloudRun?.invokers?.kind === "callers",
    remedy: "let Cloud Run ask (cloudRun.invokers kind 'callers', with their 'members')",
  },
  readsVault: false,
  imageServer: googleImageServer,
  pushServer: googlePushServer,
  taskStore: ({ cloudRun }) => cloudRun?.taskStore,
  // A store in another cloud has an address that the agent can't reach, and a key that it has no right to read.
  storeOutOfReach: ({ place, title }) =>
    place === "anywhere" || place === googleCloud
      ? undefined
      : `it runs on Cloud Run, and its task store is ${title}, which can't be reached from there; set cloudRun.taskStore to { kind: 'memorystore' }`,
  // Less serves one request at a time, and stands still between requests.
  cpu: 1,
  // The collector beside each agent does.
  scrapesMetrics: () => true,
  graceSeconds: GRACE_SECONDS,
  address,
  limits: (workload, environment) => [
    ...names(workload, environment),
    ...cpuAndMemory(workload),
    ...concurrency(workload),
    ...scaling(workload),
    ...replicas(workload),
    ...reach(workload, environment),
    ...callerLimits(workload, environment, loadBalancerHost(environment) ? [] : ["unlimited", "host"]),
    ...requestTimeout(workload),
    ...startupProbe(workload),
    ...livenessProbe(workload),
    readinessProbe,
    ...grace(workload),
    ...metrics(workload),
    ...egress(workload),
    ...mesh(environment),
  ],
};

/** Longest request. @see https://cloud.google.com/run/docs/configuring/request-timeout */
const LONGEST_REQUEST_SECONDS = 3600;

/** What Cloud Run allows on one CPU setting, in MiB. @see https://cloud.google.com/run/docs/configuring/services/memory-limits */
const memoryByCpu: ReadonlyMap<number, readonly [number, number]> = new Map([
  [1, [512, 4096]],
  [2, [512, 8192]],
  [4, [2048, 16384]],
  [6, [4096, 24576]],
  [8, [4096, 32768]],
]);

/** Host name of the load balancer, where the environment has one in front of Cloud Run. */
export function loadBalancerHost({ cloudRun, domain }: Environment): string | undefined {
  const front = cloudRun?.front;
  return front?.kind === "load-balancer" ? (front.host ?? `run.${domain}`) : undefined;
}

/** Host name that is mapped to an agent, where the environment maps them. */
export function mappedHost({ cloudRun, domain }: Environment, agent: string): string | undefined {
  const front = cloudRun?.front;
  return front?.kind === "domain-mapping" ? (front.hosts?.[agent] ?? `${agent}.${domain}`) : undefined;
}

function address({ name, environment, reach, taskDeadlineSeconds }: AddressedAgent): PlatformAddress {
  const { google, cloudRun } = environment;
  // Known before the service is there: it has no hash in it, but the number of the project.
  const serviceUrl = `https://${googleNames(environment).service(name)}-${google?.projectNumber}.${google?.region}.run.app`;
  const seconds =
    cloudRun?.timeoutSeconds ?? Math.min(LONGEST_REQUEST_SECONDS, Math.max(300, taskDeadlineSeconds + 10));
  const service: Hop = {
    name: "cloud-run",
    limitSeconds: seconds,
    timeoutSeconds: seconds,
    buffers: false,
    source: "https://cloud.google.com/run/docs/configuring/request-timeout",
  };
  const balancer = loadBalancerHost(environment);
  const mapped = mappedHost(environment, name);
  const outside = reach !== "environment";
  const front: Hop[] =
    outside && balancer !== undefined
      ? [
          {
            name: "google-load-balancer",
            limitSeconds: LONGEST_REQUEST_SECONDS,
            // Serverless backends take no timeout: the service's own is what counts.
            timeoutSeconds: null,
            buffers: false,
            source: "https://cloud.google.com/load-balancing/docs/https#timeouts_and_retries",
          },
        ]
      : [];
  return {
    backendUrl: backendUrl(),
    peerUrl: serviceUrl,
    hops: [...front, service],
    peerHops: [service],
  };

  function backendUrl(): string {
    if (outside && balancer !== undefined) return `https://${balancer}/agents/${name}`;
    if (reach === "internet" && mapped !== undefined) return `https://${mapped}`;
    return serviceUrl;
  }
}

/** A revision's own part of its name: the version for people, the hash because a revision never changes. */
export function revisionStem(version: string): string {
  return `v${version.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

/** Digits of the hash at the end of a revision's name. */
export const REVISION_HASH_LENGTH = 8;

/** @see https://cloud.google.com/run/docs/triggering/https-request#url */
function names({ name, version, traffic }: AgentWorkload, environment: Environment): PlatformLimit[] {
  const service = googleNames(environment).service(name);
  const revision = `${service}-${revisionStem(version)}-`.length + REVISION_HASH_LENGTH;
  const label = `${service}-${environment.google?.projectNumber}`;
  return [
    ...(revision > 63
      ? impossible(
          "name",
          `its revisions' names would have ${revision} characters (service, version, hash), and 63 fit; ` +
            "shorten the agent's name or its version",
        )
      : []),
    ...traffic.flatMap(({ tag }) => {
      if (tag === undefined) return [];
      if (!/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(tag)) {
        return impossible(
          "traffic tag",
          `'${tag}' is no traffic tag; use lower case letters, digits and hyphens, starting with a letter`,
        );
      }
      const together = tag.length + service.length;
      const tagged = `${tag}---${label}`;
      if (together <= 46 && tagged.length <= 63) return [];
      return impossible(
        "traffic tag",
        `'${tagged}', the first part of the tagged URL, is too long: tag and service may have 46 characters together ` +
          `(they have ${together}) and the whole 63 (it has ${tagged.length}); shorten the tag`,
      );
    }),
  ];
}

/** @see https://cloud.google.com/run/docs/configuring/services/cpu */
function cpuAndMemory({ cpu, memoryMiB }: AgentWorkload): PlatformLimit[] {
  if (cpu < 1) {
    if (cpu < 0.08) return impossible("CPU and memory", `cpu is ${cpu}, and the least is 0.08; raise it`);
    const most = cpu < 0.5 ? 512 : 1024;
    if (memoryMiB < 128 || memoryMiB > most) {
      return impossible(
        "CPU and memory",
        `${cpu} cores take 128 to ${most} MiB, and memoryMiB is ${memoryMiB}; change it, or set cpu to 1`,
      );
    }
    return changed(
      "CPU and memory",
      `with less than one core it only gets CPU while a request is open: work after the response stands still; set cpu to 1 where it must not`,
    );
  }
  const range = memoryByCpu.get(cpu);
  if (range === undefined) {
    return impossible(
      "CPU and memory",
      `cpu is ${cpu}; set one that Cloud Run has: ${[...memoryByCpu.keys()].join(", ")}, or less than 1 with one request at a time`,
    );
  }
  const [least, most] = range;
  if (memoryMiB >= least && memoryMiB <= most) return [];
  return impossible(
    "CPU and memory",
    `${cpu} cores take ${least} to ${most} MiB, and memoryMiB is ${memoryMiB}; change one of them`,
  );
}

/** Requests that one instance serves at a time. @see https://cloud.google.com/run/docs/about-concurrency */
export function requestsPerInstance({ scaling: rule, cpu }: AgentWorkload): number {
  if (rule.kind === "http") return rule.concurrentRequests;
  if (rule.kind === "active-tasks") return rule.tasksPerReplica;
  return cpu < 1 ? 1 : 80;
}

function concurrency(workload: AgentWorkload): PlatformLimit[] {
  const requests = requestsPerInstance(workload);
  if (requests > 1000) {
    return impossible(
      "concurrency",
      `${requests} requests at a time, and an instance takes 1000; lower scaling.concurrentRequests`,
    );
  }
  if (workload.cpu >= 1 || requests === 1) return [];
  return impossible(
    "concurrency",
    `${workload.cpu} cores serve one request at a time, and its scaling asks for ${requests}; set cpu to 1, or ` +
      "scaling to { kind: 'http', concurrentRequests: 1 }",
  );
}

function scaling({ scaling: rule }: AgentWorkload): PlatformLimit[] {
  switch (rule.kind) {
    case "http":
      return [];
    case "active-tasks":
      return changed(
        "scaling",
        `the platform reads no metric of the agent's; it scales on open requests instead, ${rule.tasksPerReplica} per instance`,
      );
    case "resources":
      return changed(
        "scaling",
        "the platform aims at 60 percent CPU and 80 open requests per instance, whatever the percentages say",
      );
    case "event":
      return impossible(
        "scaling",
        `it scales on '${rule.scaler}', and a service scales on requests only; use another scaling, or Container Apps or Kubernetes`,
      );
  }
}

/** @see https://cloud.google.com/run/docs/configuring/max-instances-limits */
function replicas({ maxReplicas }: AgentWorkload): PlatformLimit[] {
  if (maxReplicas <= 1000) return [];
  return impossible(
    "replicas",
    `maxReplicas is ${maxReplicas}, and a service has 1000 instances at most; lower it`,
  );
}

function reach({ reach: from }: AgentWorkload, { cloudRun }: Environment): PlatformLimit[] {
  if (from !== "vnet" || cloudRun?.front?.kind === "load-balancer") return [];
  return impossible(
    "reach",
    "its reach is 'vnet', which nothing outside of Google's network is part of; set cloudRun.front to " +
      "{ kind: 'load-balancer' }, or its reach to 'internet' or 'environment'",
  );
}

function requestTimeout({ taskDeadlineSeconds }: AgentWorkload): PlatformLimit[] {
  if (taskDeadlineSeconds <= LONGEST_REQUEST_SECONDS) return [];
  return changed(
    "task deadline",
    `a request ends after ${LONGEST_REQUEST_SECONDS} s and its task may take ${taskDeadlineSeconds} s: clients take the stream up again`,
  );
}

/** @see https://cloud.google.com/run/docs/configuring/healthchecks */
function startupProbe({ probes: { startup } }: AgentWorkload): PlatformLimit[] {
  const seconds = startup.failureThreshold * startup.periodSeconds;
  if (seconds > 240) {
    return impossible(
      "startup probe",
      `it may take ${seconds} s to start, and Cloud Run waits 240; shorten startupSeconds`,
    );
  }
  return timeoutWithinPeriod("startup probe", startup);
}

function livenessProbe({ probes: { liveness } }: AgentWorkload): PlatformLimit[] {
  return timeoutWithinPeriod("liveness probe", liveness);
}

function timeoutWithinPeriod(aspect: string, { timeoutSeconds, periodSeconds }: AgentProbe): PlatformLimit[] {
  if (timeoutSeconds <= periodSeconds) return [];
  return impossible(
    aspect,
    `its timeout of ${timeoutSeconds} s is above its period of ${periodSeconds} s; lower the first`,
  );
}

const readinessProbe: PlatformLimit = {
  aspect: "readiness probe",
  outcome: "changed",
  why: "there is none: an instance gets requests once it has started, until it is stopped",
};

function grace({ terminationGraceSeconds, resumesTasks, taskStore }: AgentWorkload): PlatformLimit[] {
  if (terminationGraceSeconds <= GRACE_SECONDS) return [];
  const left =
    taskStore === "memory"
      ? "; what it doesn't finish is failed, and lost with its memory"
      : "; work that outlives its request is failed by the next instance unless the agent resumes tasks";
  return changed(
    "termination grace",
    `open requests end first, and then it gets ${GRACE_SECONDS} s and not ${terminationGraceSeconds}` +
      (resumesTasks ? "" : left),
  );
}

function metrics({ metricsPort }: AgentWorkload): PlatformLimit[] {
  if (metricsPort === null) return [];
  return changed(
    "metrics port",
    `only the agent's port is reachable; the collector beside it reads port ${metricsPort}`,
  );
}

function egress({ egress: destinations }: AgentWorkload): PlatformLimit[] {
  if (destinations.length === 0) return [];
  return changed("egress", "there are no network policies: more than the listed destinations is reachable");
}

function mesh({ mesh: kind }: Environment): PlatformLimit[] {
  if (kind === undefined) return [];
  return changed(
    "mesh",
    "there is no Dapr: peers on Cloud Run are called over HTTPS, others through the gateway",
  );
}
