import * as fc from "fast-check";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { AgentSkill } from "../../src/agent/agent-skill";
import type { AgentOverrides } from "../../src/environment/agent-overrides";
import type { Environment } from "../../src/environment/environment";

/** Definitions and an environment that fit each other: `resolveFleet` finds no problem with them. */
export interface FleetInput {
  readonly definitions: readonly AgentDefinition[];
  readonly environment: Environment;
}

/** What a property about fleets may fix or leave open. */
export interface ArbitraryFleetOptions {
  /** Most definitions. @default 5 */
  readonly maxAgents?: number;
  /**
   * Parts of the environment that are not left to chance; they replace what was generated.
   *
   * @default {}
   */
  readonly environment?: Partial<Environment>;
}

const lower = [..."abcdefghijklmnopqrstuvwxyz"];
const lowerOrDigit = [...lower, ..."0123456789"];

/** A lower case word of 2 to `maxLength` characters. */
const word = (maxLength: number) =>
  fc
    .tuple(
      fc.constantFrom(...lower),
      fc.array(fc.constantFrom(...lowerOrDigit), { minLength: 1, maxLength: maxLength - 1 }),
    )
    .map(([first, rest]) => first + rest.join(""));

/** One or two words with a hyphen between them. */
const hyphenated = fc.array(word(8), { minLength: 1, maxLength: 2 }).map((words) => words.join("-"));

/** Text that breaks careless quoting: Terraform's templates, JSON, YAML, XML, shells, and letters beyond ASCII. */
const awkwardText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: word(8) },
      fc.constantFrom(
        "${azurerm_resource_group.x.name}",
        "%{ if true }",
        '"quoted"',
        "it's",
        "back\\slash",
        "<b>&amp;",
        "{{ .Values }}",
        "$HOME",
        "käse – 貨物 🚚",
        "two\nlines",
        "#",
        ": - ",
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(" "));

/** The same on one line, as names and titles are. */
const awkwardName = awkwardText.map((text) => text.replaceAll("\n", " ").trim());

const digest = fc
  .array(fc.constantFrom(..."0123456789abcdef"), { minLength: 64, maxLength: 64 })
  .map((digits) => `sha256:${digits.join("")}`);

const uuid = fc.uuid();

const skills: fc.Arbitrary<AgentSkill[]> = fc.uniqueArray(
  fc.record(
    {
      id: hyphenated,
      name: awkwardName,
      description: awkwardText,
      tags: fc.array(word(10), { minLength: 1, maxLength: 3 }),
      examples: fc.array(awkwardText, { minLength: 1, maxLength: 2 }),
      requiredRole: hyphenated,
    },
    { requiredKeys: ["id", "name", "description", "tags"] },
  ),
  { minLength: 1, maxLength: 3, selector: ({ id }) => id },
);

const names = (prefix: string) =>
  fc.uniqueArray(
    word(6).map((name) => `${prefix}${name.toUpperCase()}`),
    { maxLength: 3 },
  );

/** Deadline, and what a deadline beyond the hops' limit needs. */
const timing = fc.oneof(
  fc.record({ taskDeadlineSeconds: fc.integer({ min: 1, max: 240 }) }, { requiredKeys: [] }),
  fc.record({
    taskDeadlineSeconds: fc.integer({ min: 241, max: 590 }),
    heartbeatSeconds: fc.integer({ min: 1, max: 60 }),
    resubscribe: fc.constant(true),
  }),
  fc.record({
    taskDeadlineSeconds: fc.integer({ min: 591, max: 3600 }),
    heartbeatSeconds: fc.integer({ min: 1, max: 60 }),
    pushNotifications: fc.constant(true),
    // Where nobody asks, a replica has to look for what another one left behind.
    minReplicas: fc.constant(1),
    resumesTasks: fc.constant(true),
  }),
);

/** CPU with its memory, replicas and workers. */
const size = fc
  .record({
    quarters: fc.integer({ min: 1, max: 8 }),
    minReplicas: fc.integer({ min: 1, max: 6 }),
    more: fc.integer({ min: 0, max: 12 }),
    workers: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ quarters, minReplicas, more, workers }) => ({
    cpu: quarters * 0.25,
    memoryMiB: quarters * 512,
    minReplicas,
    maxReplicas: minReplicas + more,
    workers,
  }));

const scaling: fc.Arbitrary<NonNullable<AgentDefinition["scaling"]>> = fc.oneof(
  fc.record({ kind: fc.constant("http" as const), concurrentRequests: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant("active-tasks" as const), tasksPerReplica: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant("resources" as const), cpuPercent: fc.integer({ min: 10, max: 90 }) }),
);

function definition(name: string, others: readonly string[]): fc.Arbitrary<AgentDefinition> {
  const required = fc.record({
    name: fc.constant(name),
    description: awkwardText,
    version: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)).map((numbers) => numbers.join(".")),
    skills,
  });
  const optional = fc.record(
    {
      title: awkwardName,
      audience: fc.constantFrom("customer-facing" as const, "internal" as const),
      perCustomer: fc.boolean(),
      // Above the ports of a Dapr sidecar, below those of metrics.
      port: fc.integer({ min: 4000, max: 8999 }),
      metricsPort: fc.option(fc.integer({ min: 9100, max: 9999 })),
      scaling,
      gracefulTimeoutSeconds: fc.integer({ min: 1, max: 300 }),
      healthPath: fc.constant("/health"),
      readyPath: fc.constant("/ready"),
      startupSeconds: fc.integer({ min: 1, max: 600 }),
      streaming: fc.boolean(),
      inputModes: fc.constant(["text/plain", "application/json"]),
      protocolVersions: fc.constantFrom(["1.0" as const], ["1.0" as const, "0.3" as const], ["0.3" as const]),
      protocolBindings: fc.constantFrom(["JSONRPC" as const], ["JSONRPC" as const, "HTTP+JSON" as const]),
      calls: fc.oneof(fc.constant("every-internal-agent" as const), fc.subarray([...others])),
      externalAgents: fc.uniqueArray(word(8), { minLength: 1, maxLength: 2 }).chain((externals) =>
        fc.tuple(
          ...externals.map((external) =>
            fc.record({
              name: fc.constant(`outside-${external}`),
              url: fc.constant(`https://${external}.example.org/a2a`),
              scope: fc.option(fc.constant(`api://${external}/.default`)),
            }),
          ),
        ),
      ),
      variables: names("APP_").chain((keys) =>
        fc
          .array(awkwardText, { minLength: keys.length, maxLength: keys.length })
          .map((values) => Object.fromEntries(keys.map((key, index) => [key, values[index] as string]))),
      ),
      secrets: names("SECRET_").chain((keys) =>
        fc
          .array(hyphenated, { minLength: keys.length, maxLength: keys.length })
          .map((values) => Object.fromEntries(keys.map((key, index) => [key, values[index] as string]))),
      ),
    },
    { requiredKeys: [] },
  );
  return fc
    .tuple(required, optional, timing, fc.option(size, { nil: {} }))
    .map((parts) => Object.assign({}, ...parts) as AgentDefinition)
    .map((agent) => ({
      ...agent,
      ...gracefulEnough(agent),
      // A role is one agent's: with its name in front it cannot be another's, or another agent.
      skills: agent.skills.map((skill) =>
        skill.requiredRole === undefined
          ? skill
          : { ...skill, requiredRole: `${name}.${skill.requiredRole}` },
      ),
    }));
}

/** Who hands no task over finishes them all. */
function gracefulEnough(agent: AgentDefinition): Partial<AgentDefinition> {
  const { gracefulTimeoutSeconds, taskDeadlineSeconds = 180, resumesTasks = false } = agent;
  if (gracefulTimeoutSeconds === undefined || resumesTasks) return {};
  return { gracefulTimeoutSeconds: Math.max(gracefulTimeoutSeconds, taskDeadlineSeconds) };
}

const definitions = (maxAgents: number) =>
  fc.uniqueArray(hyphenated, { minLength: 1, maxLength: maxAgents }).chain((all) =>
    fc.tuple(
      ...all.map((name) =>
        definition(
          name,
          all.filter((other) => other !== name),
        ),
      ),
    ),
  );

const environment: fc.Arbitrary<Environment> = fc
  .record({
    name: word(10),
    stage: fc.constantFrom("development" as const, "staging" as const, "production" as const),
    prefix: word(6),
    host: word(10),
    tenant: uuid,
    subscriptionId: uuid,
    deployers: fc.uniqueArray(uuid, { minLength: 1, maxLength: 2 }),
    customers: fc.uniqueArray(word(8), { maxLength: 3 }),
    shared: fc.boolean(),
    optional: fc.record(
      {
        gateway: fc.constantFrom({}, { host: "agents.example.net" }),
        logLevel: fc.constantFrom("debug" as const, "info" as const, "warning" as const, "error" as const),
        corsOrigins: fc.constant(["https://app.example.com", "https://admin.example.com"]),
        rateLimitPerMinute: fc.integer({ min: 1, max: 1000 }),
        scaleToZero: fc.boolean(),
        retentionDays: fc.constantFrom(30, 90, 730),
        deletionProtection: fc.boolean(),
        identityProvider: fc.constantFrom(
          { kind: "entra" as const },
          { kind: "keycloak" as const },
          {
            kind: "existing" as const,
            issuer: "https://id.example.org",
            jwksUrl: "https://id.example.org/keys",
          },
        ),
        telemetry: fc.record({ sampleRatio: fc.constantFrom(0, 0.1, 1) }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ host, subscriptionId, deployers, shared, optional, ...rest }) => ({
    ...rest,
    ...optional,
    // A gateway without an issuer lets nobody in, and Keycloak without a gateway shows its console: both are refused.
    ...((optional.gateway === undefined && optional.identityProvider?.kind === "keycloak") ||
    (optional.gateway !== undefined && optional.identityProvider === undefined)
      ? { identityProvider: { kind: "entra" as const } }
      : {}),
    domain: `${host}.example.com`,
    azure: {
      subscriptionId,
      location: "westeurope",
      deployerObjectIds: deployers,
      network: { kind: "created" as const },
    },
    platform: "container-apps" as const,
    registry: { kind: "azure" as const, name: "fleetimages", resourceGroup: "rg-images" },
    state: { kind: "local" as const },
    vault: { kind: "key-vault" as const },
    // Without a store every agent stays at one replica; workers are taken back below.
    ...(shared
      ? { taskStore: { kind: "managed-redis" as const } }
      : { taskStore: { kind: "memory" as const }, replicaLimit: 1 }),
  }));

/** Fleets without a problem, from one agent without options to several with most of them. */
export function arbitraryFleet(options: ArbitraryFleetOptions = {}): fc.Arbitrary<FleetInput> {
  return fc
    .tuple(definitions(options.maxAgents ?? 5), environment, digest)
    .map(([agents, generated, image]) => {
      const guarded = agents.some(({ skills }) =>
        skills.some(({ requiredRole }) => requiredRole !== undefined),
      );
      const base = knownCallers({
        ...(guarded && generated.stage !== "development"
          ? { identityProvider: { kind: "entra" as const } }
          : {}),
        ...generated,
        ...options.environment,
      });
      const overrides: Record<string, AgentOverrides> = Object.fromEntries(
        agents.map(({ name }) => [
          name,
          {
            ...(base.stage === "production" ? { image } : {}),
            ...(base.taskStore.kind === "memory" ? { workers: 1 } : {}),
          },
        ]),
      );
      return { definitions: agents, environment: { ...base, agents: { ...overrides, ...base.agents } } };
    })
    .filter(hasDistinctInstances);
}

/** In production callers are known; what Entra's tokens are longer by, and tasks in memory, are accepted. */
function knownCallers(environment: Environment): Environment {
  if (environment.stage !== "production") return environment;
  const { identityProvider = { kind: "entra" } } = environment;
  const accepted = { reason: "it is as it is", until: "2030-12-31" };
  const exceptions = {
    ...(identityProvider.kind === "entra" ? { "tokens-are-short": accepted } : {}),
    ...(environment.taskStore.kind === "memory" ? { "production-keeps-tasks": accepted } : {}),
  };
  return { ...environment, identityProvider, exceptions: { ...exceptions, ...environment.exceptions } };
}

/** A customer's instance must not be called like another agent: `a` for `b`, and `a-b`. */
function hasDistinctInstances({ definitions: agents, environment: { customers = [] } }: FleetInput): boolean {
  const instances = agents.flatMap(({ name, perCustomer }) =>
    perCustomer && customers.length > 0 ? customers.map((customer) => `${name}-${customer}`) : [name],
  );
  return new Set(instances).size === instances.length;
}
