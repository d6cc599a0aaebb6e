import type { FinishedStack } from "./checklist-item";

/** Arguments of a resource, or a part of them. */
export type Json = Readonly<Record<string, unknown>>;

/** One resource of finished stacks. */
export interface FinishedResource {
  readonly stack: string;
  readonly type: string;
  /** `azurerm_container_app.inventory_resource_2834481A` */
  readonly address: string;
  readonly arguments: Json;
}

/** What finished stacks make an agent's container of, on whatever platform. */
export interface FinishedAgent {
  readonly name: string;
  readonly address: string;
  /** Variables with a plain value. */
  readonly variables: ReadonlyMap<string, string>;
  /** Names of the variables that come from a secret. */
  readonly secrets: readonly string[];
  /** Paths that are probed, by what for. */
  readonly probes: Readonly<Record<"liveness" | "readiness" | "startup", string | undefined>>;
  /** Whether the platform refuses to run it as root. */
  readonly refusesRoot: boolean;
  /** Whether plain HTTP gets to it from beyond its own host or mesh. */
  readonly takesPlainHttp: boolean;
}

/** Resources of a type, in the order of their stacks. */
export function resourcesOf(stacks: readonly FinishedStack[], type: string): FinishedResource[] {
  return stacks.flatMap(({ name: stack, json }) =>
    Object.entries(objectAt(objectAt(json, "resource"), type)).map(([name, body]) => ({
      stack,
      type,
      address: `${type}.${name}`,
      arguments: isObject(body) ? body : {},
    })),
  );
}

/** Every container of finished stacks that an agent could be; those of shared parts are among them. */
export function findFinishedAgents(stacks: readonly FinishedStack[]): FinishedAgent[] {
  return [
    ...resourcesOf(stacks, "azurerm_container_app").map(readContainerApp),
    ...resourcesOf(stacks, "kubernetes_deployment_v1").map((each) => readDeployment(each, stacks)),
    ...resourcesOf(stacks, "google_cloud_run_v2_service").map(readCloudRun),
  ];
}

function readContainerApp({ address, arguments: app }: FinishedResource): FinishedAgent {
  const [container = {}] = listAt(objectAt(app, "template"), "container");
  const path = (probe: string) => textAt(listAt(container, probe)[0], "path");
  return {
    name: textAt(app, "name") ?? "",
    address,
    ...readVariables(listAt(container, "env"), "secret_name"),
    probes: {
      liveness: path("liveness_probe"),
      readiness: path("readiness_probe"),
      startup: path("startup_probe"),
    },
    refusesRoot: false,
    takesPlainHttp: objectAt(app, "ingress").allow_insecure_connections === true,
  };
}

function readDeployment(
  { address, arguments: deployment }: FinishedResource,
  stacks: readonly FinishedStack[],
): FinishedAgent {
  const pod = objectAt(objectAt(objectAt(deployment, "spec"), "template"), "spec");
  const [container = {}] = listAt(pod, "container");
  const own = readVariables(listAt(container, "env"), "value_from");
  const maps = listAt(container, "env_from").map((source) =>
    textAt(objectAt(source, "config_map_ref"), "name"),
  );
  const settings = resourcesOf(stacks, "kubernetes_config_map_v1").filter(({ address: map }) =>
    maps.some((reference) => reference?.includes(`${map}.`)),
  );
  const fromMaps = settings.flatMap(({ arguments: { data } }) =>
    Object.entries(isObject(data) ? data : {}).map(([name, value]) => [name, String(value)] as const),
  );
  const path = (probe: string) => textAt(objectAt(objectAt(container, probe), "http_get"), "path");
  return {
    name: textAt(objectAt(deployment, "metadata"), "name") ?? "",
    address,
    variables: new Map([...fromMaps, ...own.variables]),
    secrets: own.secrets,
    probes: {
      liveness: path("liveness_probe"),
      readiness: path("readiness_probe"),
      startup: path("startup_probe"),
    },
    refusesRoot: [objectAt(pod, "security_context"), objectAt(container, "security_context")].some(
      ({ run_as_non_root }) => run_as_non_root === true,
    ),
    takesPlainHttp: false,
  };
}

function readCloudRun({ address, arguments: service }: FinishedResource): FinishedAgent {
  const [container = {}] = listAt(objectAt(service, "template"), "containers");
  const path = (probe: string) => textAt(objectAt(objectAt(container, probe), "http_get"), "path");
  return {
    name: textAt(objectAt(service, "labels"), "app") ?? textAt(service, "name") ?? "",
    address,
    ...readVariables(listAt(container, "env"), "value_source"),
    // Cloud Run restarts what doesn't live, and sends nothing to what hasn't started: it takes these two.
    probes: {
      liveness: path("liveness_probe"),
      readiness: path("readiness_probe") ?? path("startup_probe"),
      startup: path("startup_probe"),
    },
    refusesRoot: false,
    takesPlainHttp: false,
  };
}

function readVariables(
  env: readonly Json[],
  secretKey: string,
): Pick<FinishedAgent, "variables" | "secrets"> {
  const named = env.map((each) => ({ name: textAt(each, "name") ?? "", each }));
  return {
    variables: new Map(
      named.flatMap(({ name, each }) =>
        typeof each.value === "string" ? [[name, each.value] as const] : [],
      ),
    ),
    secrets: named.flatMap(({ name, each }) => (each[secretKey] === undefined ? [] : [name])),
  };
}

/** The object under a key; a block that is a list of one is that one, and what isn't there is empty. */
export function objectAt(value: unknown, key: string): Json {
  const found = isObject(value) ? value[key] : undefined;
  const one = Array.isArray(found) ? found[0] : found;
  return isObject(one) ? one : {};
}

/** The blocks under a key, of which there may be one without a list around it. */
export function listAt(value: unknown, key: string): readonly Json[] {
  const found = isObject(value) ? value[key] : undefined;
  if (Array.isArray(found)) return found.filter(isObject);
  return isObject(found) ? [found] : [];
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === "string" ? found : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
