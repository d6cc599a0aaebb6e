import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { callerGrantsOf } from "./caller-grants";

/** Somebody who calls agents with tokens of their own: an agent, a customer, or an application outside the fleet. */
export interface FleetCaller {
  /** The agent's name, `customer-<customer>`, or the application's name. Its client id at Keycloak. */
  readonly name: string;
  readonly kind: "agent" | "customer" | "application";
  /** Names of the agents that it may call. */
  readonly calls: readonly string[];
  /** Roles that it holds: that of each agent it calls, and those of skills that it was granted. */
  readonly roles: readonly string[];
}

/** What the issuer of tokens has to know of an environment. */
export type CallerSettings = Pick<Environment, "customers" | "identityProvider">;

/** Role that every caller of an agent needs: its name. */
export function agentRole({ name }: Pick<AgentWorkload, "name">): string {
  return name;
}

/** Roles that skills of an agent ask for besides its own. */
export function skillRoles({ skills }: Pick<AgentWorkload, "skills">): string[] {
  return [
    ...new Set(skills.flatMap(({ requiredRole }) => (requiredRole === undefined ? [] : [requiredRole]))),
  ];
}

/**
 * Who calls whom: the one source of clients, roles and grants. `calls` of the definitions gives the agents, the
 * environment its customers and applications. A customer calls the customer-facing agents that are its own or
 * everybody's.
 */
export function fleetCallers(workloads: readonly AgentWorkload[], settings: CallerSettings): FleetCaller[] {
  const { customers = [] } = settings;
  const { applications = {}, skillRoles: granted = {} } = callerGrantsOf(settings);
  const callers = [
    ...workloads.flatMap(({ name, peers }) =>
      peers.length === 0 ? [] : [{ name, kind: "agent" as const, calls: peers.map((peer) => peer.name) }],
    ),
    ...customers.map((customer) => ({
      name: `customer-${customer}`,
      kind: "customer" as const,
      calls: workloads
        .filter((agent) => agent.customerFacing && (agent.customer === null || agent.customer === customer))
        .map(({ name }) => name),
    })),
    ...Object.entries(applications).map(([name, calls]) => ({ name, kind: "application" as const, calls })),
  ];
  return callers.map((caller) => ({ ...caller, roles: [...caller.calls, ...(granted[caller.name] ?? [])] }));
}
