import { CARD_PATH } from "../agent/agent-card";
import type { AgentDefinition } from "../agent/agent-definition";
import { findDefinitionShapeProblems } from "../agent/agent-definition-schema";
import { type AgentRoute, baseUrl, type Hop } from "../agent/agent-route";
import type { AgentPeer, AgentProbe, AgentProbes, AgentWorkload } from "../agent/agent-workload";
import { DEADLINE_MARGIN_SECONDS, taskTimeouts } from "../agent/task-timeouts";
import { findEnvironmentShapeProblems } from "../choices/environment-schema";
import { platformTraits } from "../choices/platforms";
import { taskStoreTraits } from "../choices/task-stores";
import { correctTheName } from "../correction";
import type { AgentOverrides } from "../environment/agent-overrides";
import type { Environment } from "../environment/environment";
import { type EnvironmentFacts, LAST_LOOKED_AT } from "../environment/environment-facts";
import { gatewayHost } from "../gateway/gateway-settings";
import { findNameProblems } from "../naming";
import { listOf, type Problem, withoutSecrets } from "../problem";
import { findEnvironmentProblems } from "./find-environment-problems";
import { findPolicyProblems } from "./find-policy-problems";
import type { Fleet } from "./fleet";
import { imageReference } from "./image-reference";
import { taskStoreFor } from "./task-store-for";
import { tokenIssuer } from "./token-issuer";

/** What only a plan knows, printed where there is none. */
export const KNOWN_AFTER_DEPLOY = "<known after deploy>";

/**
 * Meets definitions with an environment: the only place where an agent's defaults are decided.
 *
 * Pure: the same fleet on the same day has the same problems. Never throws for what a user wrote: `problems` lists every mistake of the definitions, the environment,
 * the platforms' limits and the rules at once.
 */
export function resolveFleet(
  ofTheFleet: readonly AgentDefinition[],
  environment: Environment,
  facts: EnvironmentFacts = {},
): Fleet {
  const { today = LAST_LOOKED_AT } = facts;
  const shapeProblems = [
    ...findEnvironmentShapeProblems(environment),
    // A hole in the list is a definition that isn't there.
    ...Array.from(ofTheFleet).flatMap(findDefinitionShapeProblems),
  ];
  // Beyond this point values are used as what their types say they are.
  if (shapeProblems.length > 0) {
    return { workloads: [], problems: withoutSecrets(shapeProblems), warnings: [] };
  }
  const { fleet: definitions = ofTheFleet } = environment;

  const enabled = definitions.filter(
    ({ name, stages = [environment.stage] }) =>
      stages.includes(environment.stage) && environment.agents?.[name]?.enabled !== false,
  );
  const instances = enabled.flatMap((definition) => instancesOf(definition, environment));
  const reachable = new Map(
    instances.map((instance) => [
      instance.name,
      { ...instance, route: resolveRoute(instance, environment, facts) },
    ]),
  );
  const calls = new Map(instances.map((instance) => [instance.name, calledBy(instance, instances)]));
  const callers = callersOf(calls);
  const issuer = tokenIssuer(environment, facts.containerAppsDomain ?? KNOWN_AFTER_DEPLOY);
  const workloads = [...reachable.values()].map((instance) => {
    const peers = (calls.get(instance.name) ?? []).flatMap((name): AgentPeer[] => {
      const peer = reachable.get(name);
      if (peer === undefined) return [];
      // A peer on another platform is another network: it is reached the way everybody outside reaches it.
      const url = peer.platform === instance.platform ? peer.route.peerUrl : peer.route.publicUrl;
      const port = peer.definition.port ?? DEFAULT_PORT;
      return [{ name, url, scope: peer.route.scope, platform: peer.platform, port }];
    });
    return {
      ...resolveWorkload(instance, environment, instance.route, peers, callers.get(instance.name) ?? []),
      tokenIssuer: issuer,
    };
  });

  const policy = findPolicyProblems(workloads, environment, today);
  return {
    workloads,
    problems: withoutSecrets([
      ...findEnvironmentProblems(environment, today),
      ...findReferenceProblems(definitions, enabled, environment),
      ...instances.flatMap(findInstanceNameProblems),
      ...findCollisions(instances),
      ...workloads.flatMap((workload) => findLimitProblems(workload, environment)),
      ...policy.problems,
    ]),
    warnings: withoutSecrets(policy.warnings),
  };
}

/** One agent in one environment, before its defaults are decided. */
interface AgentInstance extends Pick<AgentWorkload, "name" | "customer" | "platform" | "reach"> {
  readonly definition: AgentDefinition;
  readonly overrides: AgentOverrides;
}

const DEFAULT_DEADLINE_SECONDS = 180;

const DEFAULT_PORT = 8000;

function instancesOf(definition: AgentDefinition, environment: Environment): AgentInstance[] {
  const open = definition.audience === "customer-facing" ? "internet" : "environment";
  return customersOf(definition, environment).map((customer) => {
    const name = customer === null ? definition.name : `${definition.name}-${customer}`;
    const ofDefinition = environment.agents?.[definition.name];
    const ofInstance = environment.agents?.[name];
    const overrides = {
      ...ofDefinition,
      ...ofInstance,
      variables: { ...ofDefinition?.variables, ...ofInstance?.variables },
    };
    return {
      name,
      customer,
      platform: overrides.platform ?? environment.platform,
      reach: overrides.reach ?? (environment.gateway === undefined ? open : "vnet"),
      definition,
      overrides,
    };
  });
}

/** Whom a definition has an instance for: each customer where it says so and there are any, otherwise everybody. */
function customersOf({ perCustomer }: AgentDefinition, { customers = [] }: Environment): (string | null)[] {
  return perCustomer && customers.length > 0 ? [...new Set(customers)] : [null];
}

/** A customer's name that is wrong is the environment's problem, told once, not again for each agent that carries it. */
function findInstanceNameProblems({ name, customer, definition }: AgentInstance): Problem[] {
  const isCustomersFault = customer !== null && findNameProblems("customer", customer, "").length > 0;
  const kept = isCustomersFault ? definition.name : name;
  return findNameProblems("agent", kept, `agent '${kept}'`);
}

function resolveRoute(
  instance: AgentInstance,
  environment: Environment,
  facts: EnvironmentFacts,
): AgentRoute {
  const { name, reach, platform, definition, overrides } = instance;
  const taskDeadlineSeconds =
    overrides.taskDeadlineSeconds ?? definition.taskDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS;
  const address = platformTraits(platform).address({
    name,
    environment,
    reach,
    port: definition.port ?? DEFAULT_PORT,
    taskDeadlineSeconds,
    containerAppsDomain: facts.containerAppsDomain ?? KNOWN_AFTER_DEPLOY,
  });
  const gateway = gatewayHost(environment);
  const audience = `api://${environment.tenant}/${environment.name}-${name}`;
  const front: Hop = {
    name: "gateway",
    limitSeconds: 240,
    // Above the deadline, so that it is the agent that ends a task and says why.
    timeoutSeconds: taskDeadlineSeconds + DEADLINE_MARGIN_SECONDS,
    buffers: false,
    source: "https://learn.microsoft.com/azure/api-management/forward-request-policy",
  };
  const publicUrl = baseUrl(gateway === null ? address.backendUrl : `https://${gateway}/agents/${name}`);
  const peerUrl = baseUrl(address.peerUrl);
  const tellsPeersApart = gateway === null || (address.keepsForwardedHost ?? true);
  return {
    publicUrl,
    peerUrl,
    backendUrl: address.backendUrl,
    peerCardUrl: peerUrl !== publicUrl && tellsPeersApart ? peerUrl : null,
    audience,
    scope: `${audience}/.default`,
    hops: gateway === null ? address.hops : [front, ...address.hops],
    peerHops: address.peerHops,
  };
}

/** Names of the instances that an instance calls; a customer's own instance where the called agent has one a customer. */
function calledBy(caller: AgentInstance, instances: readonly AgentInstance[]): string[] {
  const wanted = caller.definition.calls ?? [];
  return instances
    .filter(({ name, definition }) => {
      if (name === caller.name) return false;
      if (wanted === "every-internal-agent") return definition.audience !== "customer-facing";
      return wanted.includes(definition.name);
    })
    .filter(({ customer }) => caller.customer === null || customer === null || customer === caller.customer)
    .map(({ name }) => name);
}

function callersOf(calls: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const callers = new Map<string, string[]>();
  for (const [caller, called] of calls) {
    for (const name of called) {
      const known = callers.get(name);
      if (known === undefined) callers.set(name, [caller]);
      else known.push(caller);
    }
  }
  return callers;
}

function resolveWorkload(
  instance: AgentInstance,
  environment: Environment,
  route: AgentRoute,
  peers: readonly AgentPeer[],
  callers: readonly string[],
): Omit<AgentWorkload, "tokenIssuer"> {
  const { definition, overrides } = instance;
  const customerFacing = definition.audience === "customer-facing";
  const taskDeadlineSeconds =
    overrides.taskDeadlineSeconds ?? definition.taskDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS;
  const replicaLimit = environment.replicaLimit ?? Number.POSITIVE_INFINITY;
  const maxReplicas = Math.min(overrides.maxReplicas ?? definition.maxReplicas ?? 10, replicaLimit);
  const scaling = definition.scaling ?? { kind: "http", concurrentRequests: 50 };
  // CPU and memory of no replica start none.
  const scaleToZero =
    (environment.scaleToZero ?? environment.stage !== "production") && scaling.kind !== "resources";
  const idleReplicas = scaleToZero ? platformTraits(instance.platform).idleReplicas : 1;
  const minReplicas = overrides.minReplicas ?? definition.minReplicas ?? (customerFacing ? 1 : idleReplicas);
  return {
    name: instance.name,
    definition: definition.name,
    environment: environment.name,
    customer: instance.customer,
    platform: instance.platform,
    title: definition.title ?? inWordsOf(instance.name),
    description: definition.description,
    version: definition.version,
    image: imageReference(environment, instance.platform, {
      repository: definition.imageRepository ?? `agents/${definition.name}`,
      // A tag has no plus sign; build metadata stands behind an underscore, as Helm writes it.
      tagOrDigest: overrides.image ?? definition.version.replace("+", "_"),
    }),
    customerFacing,
    reach: instance.reach,
    route,
    port: definition.port ?? DEFAULT_PORT,
    metricsPort: definition.metricsPort === undefined ? 9090 : definition.metricsPort,
    metricsAreScraped: platformTraits(instance.platform).scrapesMetrics(environment),
    cpu: overrides.cpu ?? definition.cpu ?? platformTraits(instance.platform).cpu ?? 0.5,
    memoryMiB: overrides.memoryMiB ?? definition.memoryMiB ?? 1024,
    workers: overrides.workers ?? definition.workers ?? 1,
    // A limit for the whole environment lowers what definitions ask for, never raises it.
    minReplicas: Math.min(minReplicas, replicaLimit),
    maxReplicas,
    scaling,
    traffic: overrides.traffic ?? [{ revision: "latest", percent: 100 }],
    taskStore: taskStoreTraits(taskStoreFor(environment, instance.platform)).shared
      ? (definition.taskStore ?? "shared")
      : "memory",
    taskDeadlineSeconds,
    objectives: {
      successShare: definition.objectives?.successShare ?? successShare(environment, customerFacing),
      latencySeconds: definition.objectives?.latencySeconds ?? Math.round(taskDeadlineSeconds * 0.8),
    },
    heartbeatSeconds: definition.heartbeatSeconds ?? null,
    resubscribe: definition.resubscribe ?? false,
    resumesTasks: definition.resumesTasks ?? false,
    ...taskTimeouts(definition, taskDeadlineSeconds, platformTraits(instance.platform).graceSeconds),
    probes: resolveProbes(definition),
    skills: definition.skills,
    streaming: definition.streaming ?? true,
    pushNotifications: definition.pushNotifications ?? false,
    inputModes: definition.inputModes ?? ["text/plain"],
    outputModes: definition.outputModes ?? ["text/plain"],
    protocolVersions: definition.protocolVersions ?? ["1.0", "0.3"],
    protocolBindings: definition.protocolBindings ?? ["JSONRPC"],
    peers,
    callers,
    externalAgents: (definition.externalAgents ?? []).map((agent) => ({ ...agent, url: baseUrl(agent.url) })),
    egress: definition.egress ?? [],
    model: definition.model ?? null,
    logLevel: environment.logLevel ?? "info",
    corsOrigins: environment.corsOrigins ?? [],
    rateLimitPerMinute: environment.rateLimitPerMinute ?? 100,
    variables: { ...definition.variables, ...overrides.variables },
    secrets: Object.entries(definition.secrets ?? {}).map(([variable, name]) => ({ variable, name })),
    tags: environment.tags ?? {},
  };
}

/** Share of tasks that don't fail, where a definition says nothing of it. */
function successShare({ stage }: Environment, customerFacing: boolean): number {
  if (stage !== "production") return 0.95;
  return customerFacing ? 0.99 : 0.98;
}

/** The articles' figures: startup 30 × 2 s, liveness after 10 s every 30 s, readiness after 5 s every 10 s. */
function resolveProbes(definition: AgentDefinition): AgentProbes {
  const startupSeconds = definition.startupSeconds ?? 60;
  const startupPeriod = Math.max(2, Math.ceil(startupSeconds / 30));
  const probe = (path: string, initialDelaySeconds: number, periodSeconds: number): AgentProbe => ({
    path,
    initialDelaySeconds,
    periodSeconds,
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  const live = definition.healthPath ?? CARD_PATH;
  return {
    startup: {
      ...probe(live, 0, startupPeriod),
      timeoutSeconds: Math.min(5, startupPeriod),
      failureThreshold: Math.ceil(startupSeconds / startupPeriod),
    },
    liveness: probe(live, 10, 30),
    readiness: probe(definition.readyPath ?? CARD_PATH, 5, 10),
  };
}

function inWordsOf(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

function findReferenceProblems(
  definitions: readonly AgentDefinition[],
  enabled: readonly AgentDefinition[],
  environment: Environment,
): Problem[] {
  const names = definitions.map(({ name }) => name);
  const running = new Set(enabled.map(({ name }) => name));
  return [
    ...Object.keys(environment.agents ?? {}).flatMap(findOverrideProblem),
    ...enabled.flatMap(({ name, calls }) =>
      calls === "every-internal-agent" ? [] : (calls ?? []).flatMap((peer) => findPeerProblem(name, peer)),
    ),
  ];

  function findOverrideProblem(name: string): Problem[] {
    const owner = definitions.find(
      (definition) =>
        definition.perCustomer && name.startsWith(`${definition.name}-`) && !names.includes(name),
    );
    const customers = environment.customers ?? [];
    const customer = owner === undefined ? "" : name.slice(owner.name.length + 1);
    if (names.includes(name) || (owner !== undefined && customers.includes(customer))) return [];
    const why =
      owner === undefined
        ? `which is not in the fleet (${listOf(names)}); add agents/${name}.ts to agents/index.ts or ${correctTheName(name, names)}`
        : `and '${customer}' is not one of its customers (${listOf(customers)}); add it to 'customers' or ${correctTheName(customer, customers)}`;
    return [
      {
        rule: owner === undefined ? "unknown-agent" : "unknown-customer",
        message: `environment '${environment.name}': 'agents' names '${name}', ${why}`,
      },
    ];
  }

  function findPeerProblem(name: string, peer: string): Problem[] {
    if (peer === name) {
      return [{ rule: "calls-itself", message: `agent '${name}' lists itself in 'calls'; remove it` }];
    }
    if (running.has(peer)) return [];
    const { stages } = definitions.find((definition) => definition.name === peer) ?? {};
    const why =
      stages?.includes(environment.stage) === false
        ? `which doesn't run in ${environment.stage} (stages: ${listOf(stages)}); add '${environment.stage}' to its stages, or leave the call out`
        : names.includes(peer)
          ? `which environment '${environment.name}' disables; enable it there, or disable '${name}' as well`
          : `which is not in the fleet (${listOf(names)}); add agents/${peer}.ts to agents/index.ts or ${correctTheName(peer, names)}`;
    return [{ rule: "unknown-peer", message: `agent '${name}' calls '${peer}', ${why}` }];
  }
}

function findCollisions(instances: readonly AgentInstance[]): Problem[] {
  const owners = new Map<string, AgentInstance>();
  return instances.flatMap((instance) => {
    const other = owners.get(instance.name);
    owners.set(instance.name, instance);
    if (other === undefined) return [];
    const who = [other, instance].map(({ definition, customer }) =>
      customer === null ? `agents/${definition.name}.ts` : `'${definition.name}' for customer '${customer}'`,
    );
    const where = who[0] === who[1] ? "two definitions have that name" : listOf(who);
    return [
      {
        rule: "name-collision",
        message: `agent '${instance.name}' exists twice (${where}); rename one of them`,
      },
    ];
  });
}

function findLimitProblems(workload: AgentWorkload, environment: Environment): Problem[] {
  const { limits, title } = platformTraits(workload.platform);
  return limits(workload, environment)
    .filter(({ outcome }) => outcome === "impossible")
    .map(({ aspect, why }) => ({
      rule: `platform-limit:${aspect}`,
      message: `agent '${workload.name}' on ${title}: ${aspect}: ${why}`,
    }));
}
