import { isInExistingNetwork, runsApps } from "../azure/facts/azure-facts";
import { clouds } from "../choices/clouds";
import { clusterLayout } from "../choices/clusters";
import { platformTraits } from "../choices/platforms";
import { takesAlerts } from "../cluster/facts/cluster-layout";
import { runsKubernetes } from "../cluster/facts/runs-kubernetes";
import type { Environment } from "../environment/environment";
import { platformsOf, runsOn } from "../environment/platforms-of";
import type { Problem } from "../problem";

/** What alone reads some settings. */
interface Reader {
  /** Who it is, and why an environment has none. */
  readonly lacks: string;
  /** What to do besides removing the setting. */
  readonly remedy: string;
  readonly isIn: (environment: Environment) => boolean;
  /** Settings, from the environment on. */
  readonly reads: readonly string[];
}

const readers: readonly Reader[] = [
  {
    lacks: `nothing runs on ${platformTraits("container-apps").title}`,
    remedy: "run an agent there",
    isIn: runsApps,
    reads: ["containerApps"],
  },
  {
    lacks: "the Container Apps environment is one that exists, which has it or hasn't",
    remedy: "set it where that is made",
    isIn: ({ containerApps }) => containerApps?.existing === undefined,
    reads: ["containerApps.mutualTls"],
  },
  {
    lacks: `no agent runs on ${platformTraits("kubernetes").title}`,
    remedy: "run one there",
    isIn: runsKubernetes,
    reads: ["kubernetes", "mesh.controlPlane", "mesh.trustDomain", "mesh.sidecar"],
  },
  {
    lacks: `no agent runs on ${platformTraits("kubernetes").title} or ${platformTraits("container-apps").title}, where Dapr is`,
    remedy: "run one there",
    isIn: (environment) => runsKubernetes(environment) || runsOn(environment, "container-apps"),
    reads: ["mesh"],
  },
  {
    lacks: `no agent runs on ${platformTraits("kubernetes").title}, whose network policies alone know ranges`,
    remedy: "run one there",
    isIn: runsKubernetes,
    reads: ["taskStore.cidr", "modelGateway.cidr", "telemetry.endpointCidr"],
  },
  {
    lacks: `no agent runs on ${platformTraits("kubernetes").title}, whose network policies alone ask for the range of a network that exists`,
    remedy: "run one there",
    isIn: (environment) => !isInExistingNetwork(environment) || runsKubernetes(environment),
    reads: ["azure.network.cidr"],
  },
  {
    lacks: `no agent runs on ${platformTraits("cloud-run").title}`,
    remedy: "run one there",
    isIn: (environment) => runsOn(environment, "cloud-run"),
    reads: ["google", "cloudRun", "alerts.notificationChannels", "budget.billingAccount"],
  },
  {
    lacks: "agents on Cloud Run have no network policies, which alone know ranges",
    remedy: "leave the way to the store to the network",
    isIn: () => false,
    reads: ["cloudRun.taskStore.cidr"],
  },
  {
    lacks: "none of its platforms leaves an idle agent without a replica",
    remedy: "set minReplicas of agents that scale on events",
    isIn: (environment) =>
      environment.scaleToZero !== true ||
      platformsOf(environment).some((kind) => platformTraits(kind).idleReplicas === 0),
    reads: ["scaleToZero"],
  },
  {
    lacks: "the environment has no Azure side",
    remedy: "set 'azure'",
    isIn: ({ azure }) => azure !== undefined,
    reads: [
      "alerts.actionGroup",
      "telemetry.existingWorkspace",
      "retentionDays",
      "kubernetes.edge.certificates.dnsZone",
    ],
  },
  {
    lacks: "nothing of it is in a cloud that the fleet knows",
    remedy: "see to that where your cluster's owner does",
    isIn: isInCloud,
    reads: ["alerts.email", "budget"],
  },
  {
    lacks: "Google makes a budget for a billing account alone",
    remedy: "set budget.billingAccount",
    isIn: ({ azure, budget }) => azure !== undefined || budget?.billingAccount !== undefined,
    reads: ["budget"],
  },
  {
    lacks: "no agent runs in a cluster without a cloud, which alone keeps nothing itself",
    remedy: "leave what agents tell to their cloud, or set telemetry.existingEndpoint",
    isIn: runsPlainCluster,
    reads: ["telemetry.forwardTo"],
  },
  {
    lacks: "agents send everything to telemetry.existingEndpoint themselves",
    remedy: "remove that",
    isIn: (environment) =>
      environment.telemetry?.existingEndpoint === undefined || !runsPlainCluster(environment),
    reads: ["telemetry.forwardTo"],
  },
  {
    lacks: "the environment has no collector of its own",
    remedy: "leave telemetry.existingEndpoint to a cloud's, or to telemetry.forwardTo where there is none",
    isIn: (environment) =>
      environment.telemetry?.existingEndpoint === undefined &&
      (forwards(environment) || isInCloud(environment)),
    reads: ["telemetry.collectorImage"],
  },
  {
    lacks: "its agents send their traces nowhere",
    remedy: "set telemetry.existingEndpoint, or telemetry.forwardTo",
    isIn: (environment) =>
      environment.telemetry?.existingEndpoint !== undefined ||
      forwards(environment) ||
      isInCloud(environment),
    reads: ["telemetry.sampleRatio"],
  },
  {
    lacks: "nobody makes alerts there that could link to it",
    remedy: "set kubernetes.prometheusOperator to true where the cluster has that",
    isIn: (environment) =>
      isInCloud(environment) || (runsKubernetes(environment) && takesAlerts(clusterLayout(environment))),
    reads: ["alerts.runbookUrl"],
  },
  {
    lacks: `nothing runs on ${platformTraits("local").title}`,
    remedy: "set platform to 'local'",
    isIn: (environment) => runsOn(environment, "local"),
    reads: ["local"],
  },
  {
    lacks: "everything runs on one machine, where nothing is made that would have it",
    remedy: "deploy the environment to a platform",
    isIn: isDeployed,
    reads: [
      "deletionProtection",
      "highAvailability",
      "tags",
      "state.resourceGroup",
      "state.storageAccount",
      "state.container",
      "state.bucket",
      "identityProvider.keyLifetimeDays",
      "identityProvider.optimizedImage",
    ],
  },
];

/** Whether a stack is made of anything in an environment. */
function isDeployed(environment: Environment): boolean {
  return platformsOf(environment).some((kind) => platformTraits(kind).stack !== null);
}

/** Whether something of an environment is in a cloud, or is to be. */
function isInCloud(environment: Environment): boolean {
  const ofAgents = platformsOf(environment).map((kind) => platformTraits(kind).cloud(environment));
  return ofAgents.some((cloud) => cloud !== null) || clouds.some((cloud) => cloud.isIn(environment));
}

/** Whether the fleet runs a collector in a cluster without a cloud. */
function forwards(environment: Environment): boolean {
  return environment.telemetry?.forwardTo !== undefined && runsPlainCluster(environment);
}

/** Whether agents run in a cluster that keeps nothing of what they tell. */
function runsPlainCluster(environment: Environment): boolean {
  return runsKubernetes(environment) && clusterLayout(environment).traits.cloud === null;
}

/** Settings that nothing of an environment would read: they would vanish without a word. */
export function findUnreadSettings(environment: Environment, who: string): Problem[] {
  return readers
    .filter(({ isIn }) => !isIn(environment))
    .flatMap(({ lacks, remedy, reads }) =>
      reads
        .filter((setting) => saysSomething(valueAt(environment, setting.split("."))))
        .map((setting) => ({
          rule: "unread-setting",
          message: `${who}: '${setting}' is set, and ${lacks}: it would change nothing; remove it, or ${remedy}`,
        })),
    );
}

function valueAt(data: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return data;
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, step)) return undefined;
  return valueAt((data as Readonly<Record<string, unknown>>)[step], rest);
}

function saysSomething(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value !== undefined;
  return Object.values(value).some((each) => each !== undefined);
}
