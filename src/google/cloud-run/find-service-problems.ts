import type { TerraformStack } from "cdktf";

type Json = Readonly<Record<string, unknown>>;

/** Longest request, in seconds. @see https://cloud.google.com/run/docs/configuring/request-timeout */
const LONGEST_REQUEST_SECONDS = 3600;

/** Most characters of a service's name, and of it with a traffic tag. @see https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration#tags */
const SERVICE_NAME_LENGTH = 49;
const TAGGED_NAME_LENGTH = 46;

const checked = new WeakSet<TerraformStack>();

/**
 * Checks the finished stack: what stands in it by hand, by escape hatch or by Aspect is checked like the rest. The
 * provider lets all of it through, and Google refuses it in the middle of a deploy.
 */
export function checkServices(stack: TerraformStack): void {
  if (checked.has(stack)) return;
  checked.add(stack);
  stack.node.addValidation({ validate: () => findServiceProblems(stack.toTerraform() as Json) });
}

/** Says what Google would refuse of the Cloud Run services, and of the backends in front of them, in finished JSON. */
export function findServiceProblems(finished: Json): string[] {
  const services = resources(finished, "google_cloud_run_v2_service");
  return [
    ...services.flatMap(([id, service]) => [
      ...findNames(id, service),
      ...findTemplateProblems(id, service),
      ...findOpenInvokers(id, service, finished),
    ]),
    ...findBackendProblems(finished),
  ];
}

function findNames(id: string, service: Json): string[] {
  const name = String(service.name);
  const tags = blocks(service, "traffic").flatMap(({ tag }) => (typeof tag === "string" ? [tag] : []));
  return [
    ...(name.length > SERVICE_NAME_LENGTH
      ? [`${id}: its name '${name}' has ${name.length} characters; Cloud Run takes ${SERVICE_NAME_LENGTH}`]
      : []),
    ...tags
      .filter((tag) => tag.length + name.length > TAGGED_NAME_LENGTH)
      .map(
        (tag) =>
          `${id}: traffic tag '${tag}' and name '${name}' have ${tag.length + name.length} characters together, and ` +
          `the URL has room for ${TAGGED_NAME_LENGTH}; shorten one of them`,
      ),
  ];
}

function findTemplateProblems(id: string, service: Json): string[] {
  const [template] = blocks(service, "template");
  if (template === undefined) return [];
  const containers = blocks(template, "containers");
  const names = containers.map(({ name }) => name);
  const seconds = Number(String(template.timeout ?? "300s").replace(/s$/, ""));
  return [
    ...(seconds > LONGEST_REQUEST_SECONDS
      ? [`${id}: its timeout of ${seconds} s is above Cloud Run's ${LONGEST_REQUEST_SECONDS} s; lower it`]
      : []),
    ...findSharedCores(id, template, containers),
    ...containers.flatMap((container) => {
      const who = `${id}, container '${container.name}'`;
      return [
        ...["startup_probe", "liveness_probe"].flatMap((probe) => findProbeProblems(who, container, probe)),
        ...list(container.depends_on)
          .filter((wanted) => !names.includes(wanted))
          .map((wanted) => `${who}: it waits for '${wanted}', which is not one of ${names.join(", ")}`),
        ...blocks(container, "env").flatMap((variable) => findSecretProblems(who, variable)),
      ];
    }),
  ];
}

function findProbeProblems(who: string, container: Json, kind: string): string[] {
  return blocks(container, kind).flatMap((probe) => {
    const timeout = Number(probe.timeout_seconds ?? 1);
    const period = Number(probe.period_seconds ?? 10);
    if (timeout <= period) return [];
    return [
      `${who}: the ${kind}'s timeout of ${timeout} s is above its period of ${period} s; lower the first`,
    ];
  });
}

/** @see https://cloud.google.com/run/docs/configuring/services/cpu#cpu-memory */
function findSharedCores(id: string, template: Json, containers: readonly Json[]): string[] {
  const total = containers.reduce((sum, container) => sum + millicoresOf(container), 0);
  const requests = Number(template.max_instance_request_concurrency ?? 80);
  if (containers.length === 0 || total >= 1000 || requests === 1) return [];
  return [
    `${id}: ${total / 1000} cores serve one request at a time, and max_instance_request_concurrency is ${requests}; ` +
      "give it one core, or one request",
  ];
}

function millicoresOf(container: Json): number {
  const [resources] = blocks(container, "resources");
  const cpu = String((resources?.limits as Json | undefined)?.cpu ?? "1");
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}

function findSecretProblems(who: string, variable: Json): string[] {
  return blocks(variable, "value_source")
    .flatMap((source) => blocks(source, "secret_key_ref"))
    .filter(({ version }) => version === undefined || version === "")
    .map(
      ({ secret }) =>
        `${who}: ${variable.name} reads secret '${secret}' without a version; use 'latest', or a number`,
    );
}

/** With the check off its members mean nothing: who reads the policy believes that it is closed. */
function findOpenInvokers(id: string, service: Json, finished: Json): string[] {
  if (service.invoker_iam_disabled !== true) return [];
  const grants = ["google_cloud_run_v2_service_iam_member", "google_cloud_run_v2_service_iam_binding"];
  return grants
    .flatMap((type) => resources(finished, type))
    .filter(
      ([, { name, role }]) =>
        role === "roles/run.invoker" &&
        [service.name, `\${google_cloud_run_v2_service.${id}.name}`].includes(name as string),
    )
    .map(
      ([grant, { member, members }]) =>
        `${id}: ${grant} lets ${[member, ...list(members)].filter(Boolean).join(", ")} through, and invoker_iam_disabled ` +
        "lets everybody; keep one of the two",
    );
}

/** @see https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts#limitations */
function findBackendProblems(finished: Json): string[] {
  const serverless = new Set(
    resources(finished, "google_compute_region_network_endpoint_group")
      .filter(([, group]) => (group.network_endpoint_type ?? "SERVERLESS") === "SERVERLESS")
      .map(([id]) => `\${google_compute_region_network_endpoint_group.${id}.id}`),
  );
  return resources(finished, "google_compute_backend_service").flatMap(([id, service]) => {
    if (!blocks(service, "backend").some(({ group }) => serverless.has(group as string))) return [];
    return [
      ...(list(service.health_checks).length > 0
        ? [`${id}: its backend is serverless, which has no health checks; remove health_checks`]
        : []),
      ...(service.timeout_sec === undefined
        ? []
        : [`${id}: its backend is serverless, which takes no timeout; remove timeout_sec`]),
    ];
  });
}

function resources(finished: Json, type: string): [string, Json][] {
  const all = (finished.resource ?? {}) as Readonly<Record<string, Readonly<Record<string, Json>>>>;
  return Object.entries(all[type] ?? {});
}

/** Nested blocks: cdktf writes a single one as an object, several as a list. */
function blocks(parent: Json, name: string): Json[] {
  const value = parent[name];
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]) as Json[];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
