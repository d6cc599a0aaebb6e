import { AGENT_CONTAINER } from "./agent-deployment";

/** A Deployment as `kubectl get deployment -o json` prints it, as far as a job of its pods' kind needs it. */
export interface AgentDeploymentObject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly template: {
      readonly metadata?: {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: { readonly containers: readonly AgentContainer[] };
    };
  };
}

interface AgentContainer {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly object[];
  readonly [field: string]: unknown;
}

export interface CallerJobOptions {
  /** Image that has the program; the agent's own otherwise. */
  readonly image?: string;
  readonly command: readonly string[];
  /** Besides those that the agent has. */
  readonly variables: Readonly<Record<string, string>>;
  /** When it was asked for: names the job. */
  readonly now: Date;
}

/** Name of the job's one container. */
export const CALLER_JOB_CONTAINER = "verify";

/** Seconds that the job may take, and for which it can be looked at afterwards. */
const LONGEST_SECONDS = 300;
const KEPT_SECONDS = 3600;

/** Annotations that lead somebody to a pod: who scrapes it, and what its sidecar takes for its application. */
const LEADS_TO_IT = /^(?:prometheus\.io\/|dapr\.io\/app-(?!id$)|checksum\/)/;

/**
 * A job whose pod is what an agent's pods are to everybody else in the cluster: their labels, so their network policy,
 * their service account, variables, secrets and sidecar. It is no replica: it has no port and is never ready, so no Service
 * sends anybody there.
 */
export function callerJob(
  { metadata, spec: { template } }: AgentDeploymentObject,
  { image, command, variables, now }: CallerJobOptions,
) {
  const agent = template.spec.containers.find(({ name }) => name === AGENT_CONTAINER);
  if (agent === undefined)
    throw new Error(`deployment '${metadata.name}' has no container '${AGENT_CONTAINER}'`);
  const { ports: _, startupProbe: __, livenessProbe: ___, lifecycle: ____, args: _____, ...kept } = agent;
  const annotations = Object.entries(template.metadata?.annotations ?? {});
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${metadata.name.slice(0, 40)}-verify-${Math.floor(now.getTime() / 1000)}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: LONGEST_SECONDS,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: {
          labels: { ...template.metadata?.labels },
          annotations: Object.fromEntries(annotations.filter(([name]) => !LEADS_TO_IT.test(name))),
        },
        spec: {
          ...template.spec,
          restartPolicy: "Never",
          containers: [
            {
              ...kept,
              name: CALLER_JOB_CONTAINER,
              image: image ?? agent.image,
              command: command.map(unexpanded),
              env: [
                ...(agent.env ?? []),
                ...Object.entries(variables).map(([name, value]) => ({ name, value: unexpanded(value) })),
              ],
              readinessProbe: { exec: { command: ["false"] }, periodSeconds: LONGEST_SECONDS },
            },
          ],
        },
      },
    },
  };
}

/** Kubernetes puts variables in for `$(NAME)`, unless it is told that none is meant. */
function unexpanded(text: string): string {
  return text.replaceAll("$(", "$$$$(");
}
