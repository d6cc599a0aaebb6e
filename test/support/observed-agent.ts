import { type Manifest, readManifests, withNames } from "./kubernetes-manifests";
import { readCustomResources } from "./kubernetes-resources";
import type { FinishedStack } from "./synth";

/** One agent as a finished stack runs it, in words that are no platform's: what a reader found, and nothing else. */
export interface ObservedAgent {
  readonly image: string;
  readonly port: number;
  readonly cpuLimit: number;
  readonly memoryMiB: number;
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that carry secrets, with the secret's name in its vault. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Seconds after which each probe gives up for good, where it looks, and how often. */
  readonly probes: Readonly<Record<"startup" | "liveness" | "readiness", ObservedProbe>>;
  readonly graceSeconds: number;
  readonly fewest: number;
  readonly most: number;
  /** Address of the identity's resource. */
  readonly identity: string;
  /** Addresses of everything that is there before the agent starts. */
  readonly startsAfter: readonly string[];
}

export interface ObservedProbe {
  readonly path: string;
  readonly everySeconds: number;
  readonly failures: number;
}

/** How one platform's finished JSON is read. A platform joins the contract by adding one of these. */
export type AgentReader = (stack: FinishedStack, agent: string) => ObservedAgent;

/** Reads a Container App. */
export const readContainerApp: AgentReader = (stack, agent) => {
  const app = stack.at(`${agent}/resource`).arguments;
  const template = app.template;
  const container = template.container.find(({ name }: { name: string }) => name === agent);
  const env = container.env as { name: string; value?: string; secret_name?: string }[];
  const vaultIds = new Map<string, string>(
    app.secret.map((secret: { name: string; key_vault_secret_id: string }) => [
      secret.name,
      secret.key_vault_secret_id,
    ]),
  );
  const probe = ([each]: { path: string; interval_seconds: number; failure_count_threshold: number }[]) => {
    if (each === undefined) throw new Error(`${agent} lacks a probe`);
    return {
      path: each.path,
      everySeconds: each.interval_seconds,
      failures: each.failure_count_threshold,
    };
  };
  return {
    image: container.image,
    port: app.ingress.target_port,
    cpuLimit: container.cpu,
    memoryMiB: Number.parseFloat(container.memory) * 1024,
    variables: Object.fromEntries(
      env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ),
    secrets: Object.fromEntries(
      env.flatMap(({ name, secret_name: secret }) => {
        if (secret === undefined) return [];
        if (!vaultIds.has(secret))
          throw new Error(`${agent}: ${name} names the secret '${secret}', which the app lacks`);
        return [[name, secret]];
      }),
    ),
    probes: {
      startup: probe(container.startup_probe),
      liveness: probe(container.liveness_probe),
      readiness: probe(container.readiness_probe),
    },
    graceSeconds: template.termination_grace_period_seconds,
    fewest: template.min_replicas,
    most: template.max_replicas,
    identity: addressIn(app.identity.identity_ids[0]),
    startsAfter: app.depends_on ?? [],
  };
};

/** Reads a Deployment with everything around it. */
export const readDeployment: AgentReader = (stack, agent) => {
  const manifests = readManifests(stack.json);
  const named = (kind: string) =>
    manifests.filter((each) => each.kind === kind && each.metadata.name === agent);
  const only = (kind: string): Manifest => {
    const [found] = named(kind);
    if (found === undefined) throw new Error(`${agent} has no ${kind}`);
    return found;
  };
  const deployment = only("Deployment");
  const pod = deployment.spec.template.spec;
  const container = pod.containers.find(({ name }: { name: string }) => name === "agent");
  const custom = readCustomResources(withNames(stack.json)).filter(({ metadata }) => metadata.name === agent);
  const provided = custom.find(({ kind }) => kind === "SecretProviderClass")?.spec;
  const objects = new Map<string, string>(
    (provided?.secretObjects ?? []).flatMap(
      ({ secretName, data }: { secretName: string; data: { key: string; objectName: string }[] }) =>
        data.map(({ key, objectName }) => [`${secretName}/${key}`, objectName]),
    ),
  );
  const probe = (each: { httpGet: { path: string }; periodSeconds: number; failureThreshold: number }) => ({
    path: each.httpGet.path,
    everySeconds: each.periodSeconds,
    failures: each.failureThreshold,
  });
  const scaled = custom.find(({ kind }) => kind === "ScaledObject")?.spec;
  const autoscaler = named("HorizontalPodAutoscaler")[0]?.spec;
  const fixed = deployment.spec.replicas;
  const account = only("ServiceAccount");
  return {
    image: container.image,
    port: container.ports.find(({ name }: { name: string }) => name === "a2a").containerPort,
    cpuLimit: Number.parseInt(container.resources.limits.cpu, 10) / 1000,
    memoryMiB: Number.parseInt(container.resources.limits.memory, 10),
    variables: only("ConfigMap").data,
    secrets: Object.fromEntries(
      (container.env ?? []).map(
        ({
          name,
          valueFrom,
        }: {
          name: string;
          valueFrom: { secretKeyRef: { name: string; key: string } };
        }) => {
          const { name: secret, key } = valueFrom.secretKeyRef;
          const object = objects.get(`${secret}/${key}`);
          if (object === undefined)
            throw new Error(`${agent}: ${name} reads ${secret}/${key}, which nothing makes`);
          return [name, object];
        },
      ),
    ),
    probes: {
      startup: probe(container.startupProbe),
      liveness: probe(container.livenessProbe),
      readiness: probe(container.readinessProbe),
    },
    graceSeconds: pod.terminationGracePeriodSeconds,
    fewest: scaled?.minReplicaCount ?? autoscaler?.minReplicas ?? fixed,
    most: scaled?.maxReplicaCount ?? autoscaler?.maxReplicas ?? fixed,
    identity: addressIn(account.metadata.annotations?.["azure.workload.identity/client-id"] ?? ""),
    startsAfter:
      stack.json.resource.kubernetes_deployment_v1[deployment.address.split(".")[1] as string].depends_on,
  };
};

function addressIn(reference: string): string {
  const [, address] = /^\$\{([\w-]+\.[\w-]+)\.\w+\}$/.exec(reference) ?? [];
  if (address === undefined) throw new Error(`'${reference}' refers to no resource`);
  return address;
}
