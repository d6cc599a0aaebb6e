import { parse } from "yaml";
import { type FinishedPodSpec, findPodSecurityProblems } from "./find-pod-security-problems";

/**
 * Says what a finished stack asks of Kubernetes that its API server, its scheduler or its scalers would turn down after
 * everything else was made, whoever wrote it: our own constructs, resources beside them, or an override.
 *
 * @param stack the stack's Terraform JSON
 */
export function findManifestProblems(stack: object): string[] {
  const finished = readFinished(stack as { readonly resource?: FinishedResources });
  return [
    ...finished.autoscalers.flatMap((scaler) => findAutoscalerProblems(scaler, finished)),
    ...finished.scaledObjects.flatMap(({ metadata, spec }) =>
      findFixedReplicas(`ScaledObject '${metadata.name}'`, spec.scaleTargetRef.name, finished),
    ),
    ...finished.deployments.flatMap(findDeploymentProblems),
    ...finished.claims.flatMap(findClaimProblems),
  ];
}

type FinishedResources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Metadata {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Kubernetes objects of a finished stack, by the provider's names. */
interface Finished {
  readonly deployments: readonly FinishedDeployment[];
  readonly autoscalers: readonly FinishedAutoscaler[];
  readonly scaledObjects: readonly FinishedScaledObject[];
  readonly claims: readonly { readonly metadata: Metadata; readonly wait_until_bound?: boolean }[];
}

interface FinishedDeployment {
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas?: string;
    readonly progress_deadline_seconds?: number;
    readonly template: { readonly metadata?: Partial<Metadata>; readonly spec: FinishedPodSpec };
  };
  readonly timeouts?: { readonly create?: string; readonly update?: string };
}

interface Direction {
  readonly select_policy?: string;
}

interface FinishedAutoscaler {
  readonly metadata: Metadata;
  readonly spec: {
    readonly scale_target_ref: { readonly name: string };
    readonly behavior?: {
      readonly scale_up?: readonly Direction[];
      readonly scale_down?: readonly Direction[];
    };
    readonly metric?: readonly {
      readonly type: string;
      readonly resource?: { readonly name: string };
      readonly pods?: { readonly metric: { readonly name: string } };
    }[];
  };
}

interface FinishedScaledObject {
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec: { readonly scaleTargetRef: { readonly name: string } };
}

function readFinished({ resource = {} }: { readonly resource?: FinishedResources }): Finished {
  const all = <T>(type: string) => Object.values(resource[type] ?? {}) as T[];
  const releases = all<{ readonly chart?: string; readonly values?: readonly string[] }>("helm_release");
  return {
    deployments: all("kubernetes_deployment_v1"),
    autoscalers: all("kubernetes_horizontal_pod_autoscaler_v2"),
    claims: all("kubernetes_persistent_volume_claim_v1"),
    scaledObjects: releases
      .filter(({ chart = "" }) => chart.includes("resources-chart"))
      .flatMap(({ values = [] }) => values)
      .flatMap((text) => (parse(text) as { resources?: FinishedScaledObject[] }).resources ?? [])
      .filter(({ kind }) => kind === "ScaledObject"),
  };
}

function findAutoscalerProblems(scaler: FinishedAutoscaler, finished: Finished): string[] {
  const { metadata, spec } = scaler;
  const who = `HorizontalPodAutoscaler '${metadata.name}'`;
  const target = spec.scale_target_ref.name;
  const problems = findFixedReplicas(who, target, finished);
  const directions = [...(spec.behavior?.scale_up ?? []), ...(spec.behavior?.scale_down ?? [])];
  if (directions.some(({ select_policy }) => (select_policy ?? "") === "")) {
    problems.push(
      `${who} has a behaviour without selectPolicy: the provider sends an empty one, and the API server refuses it; ` +
        "set selectPolicy to 'Max'",
    );
  }
  if (finished.scaledObjects.some(({ spec: scaled }) => scaled.scaleTargetRef.name === target)) {
    problems.push(`${who} and a ScaledObject both scale '${target}'; keep one of them`);
  }
  const deployment = finished.deployments.find((candidate) => candidate.metadata.name === target);
  if (deployment === undefined) return problems;
  for (const { type, resource, pods } of spec.metric ?? []) {
    if (type === "Pods" && !exportsMetrics(deployment)) {
      problems.push(
        `${who} scales '${target}' on ${pods?.metric.name}, and no container of '${target}' has a port named 'metrics'; ` +
          "give it one, or scale on CPU",
      );
    }
    const without = type === "Resource" ? withoutRequest(deployment, resource?.name ?? "") : [];
    if (without.length > 0) {
      problems.push(
        `${who} scales '${target}' on ${resource?.name}, and ${without.join(", ")} in its pods requests none, so that the ` +
          "share cannot be worked out; give it requests, or use a ContainerResource metric",
      );
    }
  }
  return problems;
}

function findFixedReplicas(who: string, target: string, { deployments }: Finished): string[] {
  const deployment = deployments.find(({ metadata }) => metadata.name === target);
  if (deployment?.spec.replicas === undefined) return [];
  return [
    `${who} scales Deployment '${target}', which says replicas itself (${deployment.spec.replicas}): every deploy would ` +
      "take it back to them; leave replicas out",
  ];
}

function exportsMetrics({ spec }: FinishedDeployment): boolean {
  return spec.template.spec.container.some(({ port = [] }) => port.some(({ name }) => name === "metrics"));
}

function annotationsOf({ spec }: FinishedDeployment): Readonly<Record<string, string>> {
  return spec.template.metadata?.annotations ?? {};
}

function hasSidecar(deployment: FinishedDeployment): boolean {
  return annotationsOf(deployment)["dapr.io/enabled"] === "true";
}

/** Containers of a Deployment's pods, the sidecar that will be injected among them, that request none of a resource. */
function withoutRequest(deployment: FinishedDeployment, resource: string): string[] {
  const own = deployment.spec.template.spec.container
    .filter(({ resources }) => resources?.requests?.[resource] === undefined)
    .map(({ name }) => `container '${name}'`);
  const sidecar =
    hasSidecar(deployment) && annotationsOf(deployment)[`dapr.io/sidecar-${resource}-request`] === undefined;
  return [...own, ...(sidecar ? ["the Dapr sidecar"] : [])];
}

function findDeploymentProblems(deployment: FinishedDeployment): string[] {
  const who = `Deployment '${deployment.metadata.name}'`;
  return [
    ...findPodSecurityProblems(deployment.spec.template.spec).map((problem) => `${who}: ${problem}`),
    ...findPortProblems(deployment).map((problem) => `${who}: ${problem}`),
    ...findRolloutProblems(deployment).map((problem) => `${who}: ${problem}`),
  ];
}

/** @see https://docs.dapr.io/reference/arguments-annotations-overview/ */
function findPortProblems(deployment: FinishedDeployment): string[] {
  const annotations = annotationsOf(deployment);
  const sidecar = hasSidecar(deployment)
    ? [3500, 3501, 50001, 50002, Number(annotations["dapr.io/metrics-port"] ?? 9090)]
    : [];
  const own = deployment.spec.template.spec.container.flatMap(({ name, port = [] }) =>
    port.map(({ container_port }) => ({ name, number: container_port })),
  );
  return own.flatMap(({ name, number }, index) => {
    const other = own.slice(0, index).find((earlier) => earlier.number === number);
    if (other !== undefined) return [`containers '${other.name}' and '${name}' both listen on ${number}`];
    if (!sidecar.includes(number)) return [];
    return [
      `container '${name}' and the Dapr sidecar both listen on ${number}; give one of them another port`,
    ];
  });
}

function findRolloutProblems({ spec, timeouts }: FinishedDeployment): string[] {
  const deadline = spec.progress_deadline_seconds ?? 600;
  const start = Math.max(
    0,
    ...spec.template.spec.container.map(({ startup_probe: probe }) =>
      probe === undefined
        ? 0
        : (probe.initial_delay_seconds ?? 0) + (probe.period_seconds ?? 10) * (probe.failure_threshold ?? 3),
    ),
  );
  const needed = start + (spec.template.spec.termination_grace_period_seconds ?? 30);
  if (deadline <= needed) {
    return [
      `its rollout fails after ${deadline} s (progressDeadlineSeconds), and start and grace together take up to ` +
        `${needed} s; raise it above that`,
    ];
  }
  const waits = [timeouts?.create, timeouts?.update].map((each) =>
    each === undefined ? 600 : secondsOf(each),
  );
  if (Math.min(...waits) > deadline) return [];
  return [
    `Terraform gives up after ${Math.min(...waits)} s (timeouts), before the rollout's own ${deadline} s are over; ` +
      "raise the timeouts above progressDeadlineSeconds",
  ];
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A duration as Go writes it, such as `1h30m`; units below a millisecond don't count. */
function secondsOf(duration: string): number {
  return [...duration.matchAll(/([\d.]+)([a-z]+)/g)].reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (UNIT_SECONDS[unit] ?? 0),
    0,
  );
}

function findClaimProblems({
  metadata,
  wait_until_bound,
}: {
  readonly metadata: Metadata;
  readonly wait_until_bound?: boolean;
}): string[] {
  if (wait_until_bound === false) return [];
  return [
    `PersistentVolumeClaim '${metadata.name}' is waited for until it is bound, and most storage classes bind when the ` +
      "first pod comes: neither would ever end; set waitUntilBound to false",
  ];
}
