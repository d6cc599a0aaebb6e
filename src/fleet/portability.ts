import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { platforms, platformTraits } from "../choices/platforms";
import { taskStoreTraits } from "../choices/task-stores";
import type { AgentOverrides } from "../environment/agent-overrides";
import type { Environment, PlatformKind } from "../environment/environment";
import type { PlatformLimit } from "../environment/platform-traits";
import { resolveFleet } from "./resolve-fleet";
import { taskStoreFor } from "./task-store-for";

/** What becomes of one agent on one platform. */
export interface AgentPortability {
  /** Name of the instance. */
  readonly agent: string;
  readonly platform: PlatformKind;
  /** Whether the environment runs it there. */
  readonly here: boolean;
  /** `kept`: it runs as its definition says. */
  readonly outcome: "kept" | "changed" | "impossible";
  readonly limits: readonly PlatformLimit[];
}

// What an environment would get with its first agent on a platform: limits are the platform's, not those of an
// environment that has nothing there yet. Which project or subscription it is, they don't ask.
const somewhere = {
  cloudRun: { front: { kind: "load-balancer" } },
  kubernetes: { edge: { kind: "gateway-api", certificates: { kind: "issuer", name: "some-issuer" } } },
  google: {
    projectId: "some-project",
    projectNumber: "000000000000",
    region: "us-central1",
    images: { kind: "google" },
  },
  azure: {
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    location: "eastus",
    deployerObjectIds: ["00000000-0000-0000-0000-000000000000"],
  },
} satisfies Partial<Environment>;

/**
 * Says what every platform that agents are deployed to would make of every agent, whether the environment runs it there
 * or not; for an environment of one machine, what that makes of them. What the environment changes about an agent's size
 * or reach counts on the platform that it was changed for.
 */
export function findPortability(
  definitions: readonly AgentDefinition[],
  environment: Environment,
): AgentPortability[] {
  const home = new Map(
    resolveFleet(definitions, environment).workloads.map(({ name, platform }) => [name, platform]),
  );
  // What runs on one machine has the parts of one machine, and no agent of a deployed environment can be there.
  const onMachine = platformTraits(environment.platform).stack === null;
  const looked = onMachine
    ? platforms.filter(({ kind }) => kind === environment.platform)
    : platforms.filter(({ stack }) => stack !== null);
  return looked.flatMap(({ kind: platform }) => {
    const moved = onMachine ? environment : move(environment, platform);
    return resolveFleet(definitions, moved).workloads.map((workload) => {
      const limits = [...platformTraits(platform).limits(workload, moved), ...storeLimits(workload, moved)];
      const impossible = limits.some(({ outcome }) => outcome === "impossible");
      return {
        agent: workload.name,
        platform,
        here: home.get(workload.name) === platform,
        outcome: impossible ? "impossible" : limits.length > 0 ? "changed" : "kept",
        limits,
      };
    });
  });
}

/** A customer's own instance asks to be kept apart from other customers', and not every store can do it all. */
function storeLimits(
  { customer, taskStore, platform }: AgentWorkload,
  environment: Environment,
): PlatformLimit[] {
  const { apart, title } = taskStoreTraits(taskStoreFor(environment, platform));
  if (customer === null || taskStore === "memory" || apart === "login") return [];
  return [
    {
      aspect: "customers apart",
      outcome: "changed",
      why:
        `${title} has one login for all agents, so that the names of keys keep customers apart; where an agent that is taken ` +
        "over must not reach the others' tasks, use a store with a login for each (postgres, cluster-redis)",
    },
  ];
}

/** The environment as if everything in it ran on one platform. */
function move(environment: Environment, platform: PlatformKind): Environment {
  const agents = Object.entries(environment.agents ?? {}).map(([name, overrides]) => {
    const there = (overrides.platform ?? environment.platform) === platform;
    const { enabled, image } = overrides;
    const kept: AgentOverrides = there ? { ...overrides, platform } : { enabled, image };
    return [name, kept];
  });
  const google = { ...somewhere.google, ...environment.google };
  return { ...somewhere, ...environment, google, platform, agents: Object.fromEntries(agents) };
}
