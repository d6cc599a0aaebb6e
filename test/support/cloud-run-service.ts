import type { FinishedStack } from "./synth";

/** A Cloud Run service as it stands in finished JSON, in the words of the platform. */
export interface CloudRunService {
  readonly address: string;
  readonly name: string;
  readonly ingress: string;
  /** Whether Cloud Run lets everybody through that its ingress lets in. */
  readonly open: boolean;
  readonly timeoutSeconds: number;
  readonly concurrency: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly deletionProtection: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly revision: string;
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON
  readonly traffic: readonly any[];
  readonly dependsOn: readonly string[];
  readonly agent: CloudRunContainer;
  readonly sidecars: readonly CloudRunContainer[];
}

export interface CloudRunContainer {
  readonly name: string;
  readonly image: string;
  readonly port: number | undefined;
  readonly cpu: string;
  readonly memory: string;
  readonly cpuIdle: boolean;
  readonly startupBoost: boolean;
  /** Plain variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that come from Secret Manager. */
  readonly secrets: Readonly<Record<string, { readonly secret: string; readonly version: string }>>;
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON
  readonly startupProbe: any;
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON
  readonly livenessProbe: any;
  readonly waitsFor: readonly string[];
  readonly folders: readonly string[];
}

/** Reads the service of one agent back. It knows nothing of the code that wrote it. @throws when there is none */
export function cloudRunService(stack: FinishedStack, agent: string): CloudRunService {
  const found = stack
    .resources("google_cloud_run_v2_service")
    .find(({ arguments: { labels } }) => labels?.app === agent);
  if (found === undefined) throw new Error(`no Cloud Run service is labelled app=${agent}`);
  const { address, arguments: service } = found;
  const { template } = service;
  const containers: CloudRunContainer[] = template.containers.map(readContainer);
  return {
    address,
    name: service.name,
    ingress: service.ingress,
    open: service.invoker_iam_disabled === true,
    timeoutSeconds: Number(/^(\d+)s$/.exec(template.timeout)?.[1]),
    concurrency: template.max_instance_request_concurrency,
    minInstances: service.scaling?.min_instance_count ?? 0,
    maxInstances: template.scaling.max_instance_count,
    deletionProtection: service.deletion_protection,
    labels: service.labels,
    revision: template.revision,
    traffic: service.traffic,
    dependsOn: service.depends_on,
    agent: containers.find(({ port }) => port !== undefined) as CloudRunContainer,
    sidecars: containers.filter(({ port }) => port === undefined),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: finished JSON
function readContainer(container: any): CloudRunContainer {
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON
  const env: any[] = container.env ?? [];
  return {
    name: container.name,
    image: container.image,
    port: container.ports?.container_port,
    cpu: container.resources.limits.cpu,
    memory: container.resources.limits.memory,
    cpuIdle: container.resources.cpu_idle,
    startupBoost: container.resources.startup_cpu_boost,
    variables: Object.fromEntries(
      env.filter(({ value }) => value !== undefined).map(({ name, value }) => [name, value]),
    ),
    secrets: Object.fromEntries(
      env
        .filter(({ value_source }) => value_source !== undefined)
        .map(({ name, value_source }) => [name, value_source.secret_key_ref]),
    ),
    startupProbe: container.startup_probe,
    livenessProbe: container.liveness_probe,
    waitsFor: container.depends_on ?? [],
    folders: (container.volume_mounts ?? []).map(({ mount_path }: { mount_path: string }) => mount_path),
  };
}
