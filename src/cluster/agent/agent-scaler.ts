import {
  HorizontalPodAutoscalerV2,
  type HorizontalPodAutoscalerV2SpecMetric,
  type HorizontalPodAutoscalerV2SpecMetricContainerResourceTarget,
} from "@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { CustomResource, ScaledObject, ScaleTrigger } from "../custom-resources";
import type { ClusterLayout } from "../facts/cluster-layout";
import { AGENT_CONTAINER } from "./agent-deployment";
import { agentLabels } from "./agent-labels";
import type { PodSecrets } from "./pod-identity";

/** Where KEDA reads the agents' metrics. */
export interface PrometheusSource {
  readonly url: string;
  /** Name of the TriggerAuthentication, beside the agents, that logs in to it, or null where it asks for none. */
  readonly authentication: string | null;
}

/** The gauge that every agent exports: tasks that it is working on. */
const ACTIVE_TASKS_METRIC = "a2a_active_tasks";

/** Up fast, down slowly: tasks come in bursts, and a pod that goes away takes its farewell. */
const behavior = {
  scaleUp: { stabilizationWindowSeconds: 30, value: 4, periodSeconds: 60 },
  scaleDown: { stabilizationWindowSeconds: 300, value: 2, periodSeconds: 120 },
} as const;

const CPU_PERCENT = 60;
const MEMORY_PERCENT = 70;

/** What decides the number of an agent's pods. */
export type ScalingPlan =
  /** Fewest and most are the same: the Deployment says it. */
  | { readonly kind: "fixed"; readonly replicas: number }
  | { readonly kind: "tasks"; readonly tasksPerReplica: number }
  | {
      readonly kind: "resources";
      /** Of the CPU that a pod is given. */
      readonly cpuPercent: number;
      /** Memory of a pod at which there are more, or null where memory doesn't count. */
      readonly memoryMiB: number | null;
    }
  | { readonly kind: "event" };

/** Decides how an agent is scaled in a cluster: its own rule, or what stands for it where nothing reads its metric. */
export function scalingPlan(workload: AgentWorkload, { autoscaling }: ClusterLayout): ScalingPlan {
  const { scaling: rule } = workload;
  if (fewestPods(workload) === workload.maxReplicas) return { kind: "fixed", replicas: workload.maxReplicas };
  if (rule.kind === "event") return { kind: "event" };
  if (rule.kind === "resources") {
    return {
      kind: "resources",
      cpuPercent: rule.cpuPercent,
      memoryMiB: rule.memoryPercent === undefined ? null : memoryTarget(workload, rule.memoryPercent),
    };
  }
  if (autoscaling === "resources") {
    return { kind: "resources", cpuPercent: CPU_PERCENT, memoryMiB: memoryTarget(workload, MEMORY_PERCENT) };
  }
  return {
    kind: "tasks",
    tasksPerReplica: rule.kind === "active-tasks" ? rule.tasksPerReplica : rule.concurrentRequests,
  };
}

/**
 * A share of what an agent has at hand, as an amount: a share for the scaler would be one of what is reserved, half of it.
 */
function memoryTarget({ memoryMiB }: AgentWorkload, percent: number): number {
  return Math.floor((memoryMiB * percent) / 100);
}

/** Fewest pods: one where a request has to find somebody, or where KEDA's secret exists only while a pod mounts it. */
export function fewestPods({ minReplicas, scaling: rule }: AgentWorkload): number {
  const wakes = rule.kind === "event" && Object.keys(rule.authentication ?? {}).length === 0;
  return wakes ? minReplicas : Math.max(1, minReplicas);
}

/** An autoscaler of the cluster's own: on CPU and memory, or on what the metrics adapter hands over. */
export function horizontalPodAutoscaler(
  scope: Construct,
  id: string,
  props: {
    readonly workload: AgentWorkload;
    readonly namespace: string;
    readonly plan: ScalingPlan;
    readonly dependsOn: readonly ITerraformDependable[];
  },
): HorizontalPodAutoscalerV2 {
  const { workload, namespace, plan, dependsOn } = props;
  return new HorizontalPodAutoscalerV2(scope, id, {
    metadata: { name: workload.name, namespace, labels: agentLabels(workload) },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload.name },
      minReplicas: fewestPods(workload),
      maxReplicas: workload.maxReplicas,
      metric: metrics(plan),
      behavior: {
        scaleUp: [providerDirection(behavior.scaleUp)],
        scaleDown: [providerDirection(behavior.scaleDown)],
      },
    },
    dependsOn: [...dependsOn],
  });
}

function metrics(plan: ScalingPlan): HorizontalPodAutoscalerV2SpecMetric[] {
  if (plan.kind === "tasks") {
    return [
      {
        type: "Pods",
        pods: {
          metric: { name: ACTIVE_TASKS_METRIC },
          target: { type: "AverageValue", averageValue: String(plan.tasksPerReplica) },
        },
      },
    ];
  }
  if (plan.kind !== "resources") return [];
  // Of the agent's own container: a sidecar's share would blur the figure, or hide it where the sidecar has no requests.
  const { cpuPercent, memoryMiB } = plan;
  const target = (name: string, value: HorizontalPodAutoscalerV2SpecMetricContainerResourceTarget) => ({
    type: "ContainerResource",
    containerResource: { name, container: AGENT_CONTAINER, target: value },
  });
  return [
    target("cpu", { type: "Utilization", averageUtilization: cpuPercent }),
    ...(memoryMiB === null
      ? []
      : [target("memory", { type: "AverageValue", averageValue: `${memoryMiB}Mi` })]),
  ];
}

/** The provider sends an empty policy where none is given, and the API server refuses it. */
function providerDirection(direction: (typeof behavior)[keyof typeof behavior]) {
  const { stabilizationWindowSeconds, value, periodSeconds } = direction;
  return {
    stabilizationWindowSeconds,
    selectPolicy: "Max",
    policy: [{ type: "Pods", value, periodSeconds }],
  };
}

/** KEDA's scaler of one agent, with what logs it in. */
export function scaledObject(props: {
  readonly workload: AgentWorkload;
  readonly layout: ClusterLayout;
  readonly plan: ScalingPlan;
  readonly prometheus: PrometheusSource | undefined;
  readonly secrets: PodSecrets;
}): CustomResource[] {
  const { workload, layout, plan, prometheus, secrets } = props;
  const metadata = { name: workload.name, labels: agentLabels(workload) };
  const authentication = eventAuthentication(workload, secrets);
  const scaler: ScaledObject = {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata,
    spec: {
      scaleTargetRef: { name: workload.name },
      minReplicaCount: fewestPods(workload),
      maxReplicaCount: workload.maxReplicas,
      pollingInterval: 15,
      advanced: {
        horizontalPodAutoscalerConfig: {
          name: workload.name,
          behavior: {
            scaleUp: scaledDirection(behavior.scaleUp),
            scaleDown: scaledDirection(behavior.scaleDown),
          },
        },
      },
      triggers: triggers(workload, layout, plan, prometheus, authentication.length > 0),
    },
  };
  if (authentication.length === 0) return [scaler];
  return [
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "TriggerAuthentication",
      metadata,
      spec: { secretTargetRef: authentication },
    },
    scaler,
  ];
}

function scaledDirection(direction: (typeof behavior)[keyof typeof behavior]) {
  const { stabilizationWindowSeconds, value, periodSeconds } = direction;
  return {
    stabilizationWindowSeconds,
    selectPolicy: "Max" as const,
    policies: [{ type: "Pods" as const, value, periodSeconds }],
  };
}

function triggers(
  workload: AgentWorkload,
  { namespace }: ClusterLayout,
  plan: ScalingPlan,
  prometheus: PrometheusSource | undefined,
  hasAuthentication: boolean,
): ScaleTrigger[] {
  const { name, scaling: rule } = workload;
  if (plan.kind === "tasks") {
    if (prometheus === undefined) {
      throw new Error(
        `agent '${name}' scales on ${ACTIVE_TASKS_METRIC} by KEDA, and the platform was given no Prometheus to read it from; ` +
          "give it one, set kubernetes.prometheusUrl, or set kubernetes.autoscaling to 'resources'",
      );
    }
    return [
      {
        type: "prometheus",
        metricType: "AverageValue",
        metadata: {
          serverAddress: prometheus.url,
          query: `sum(${ACTIVE_TASKS_METRIC}{namespace="${namespace}",pod=~"${name}-[a-z0-9]+-[a-z0-9]+"})`,
          threshold: String(plan.tasksPerReplica),
        },
        ...(prometheus.authentication === null
          ? {}
          : {
              authenticationRef: { name: prometheus.authentication, kind: "TriggerAuthentication" as const },
            }),
      },
    ];
  }
  if (plan.kind === "resources") {
    const { cpuPercent, memoryMiB } = plan;
    const containerName = AGENT_CONTAINER;
    return [
      { type: "cpu", metricType: "Utilization", metadata: { value: String(cpuPercent), containerName } },
      ...(memoryMiB === null
        ? []
        : [
            {
              type: "memory",
              metricType: "AverageValue" as const,
              metadata: { value: `${memoryMiB}Mi`, containerName },
            },
          ]),
    ];
  }
  if (rule.kind !== "event") return [];
  return [
    {
      type: rule.scaler,
      metadata: { ...rule.metadata },
      ...(hasAuthentication ? { authenticationRef: { name, kind: "TriggerAuthentication" as const } } : {}),
    },
  ];
}

/** Scaler parameters that are secrets, as keys of the Secrets that the agent's pods bring with them. */
function eventAuthentication({ scaling: rule, secrets: own }: AgentWorkload, secrets: PodSecrets) {
  if (rule.kind !== "event") return [];
  return Object.entries(rule.authentication ?? {}).flatMap(([parameter, secretName]) => {
    const variable = own.find(({ name }) => name === secretName)?.variable;
    const found = secrets.keys.find((key) => key.variable === variable);
    return found === undefined ? [] : [{ parameter, name: found.secret, key: found.key }];
  });
}
