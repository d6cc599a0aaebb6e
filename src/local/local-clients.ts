import type { AgentWorkload } from "../agent/agent-workload";
import { agentRole, type CallerSettings, fleetCallers, skillRoles } from "../identity/fleet-callers";

/** Client of whoever sits at this machine: calls every agent, and every skill. */
export const CONSOLE = "console";

/** Client that may call nobody: what it is told is what every stranger is. */
export const STRANGER = "stranger";

/** Somebody who gets tokens, and the roles in them. */
export interface LocalClient {
  readonly name: string;
  readonly roles: readonly string[];
}

/** Everybody who gets tokens on this machine: the callers of the fleet, who sits at it, and a stranger. */
export function localClients(workloads: readonly AgentWorkload[], settings: CallerSettings): LocalClient[] {
  return [
    ...fleetCallers(workloads, settings).map(({ name, roles }) => ({ name, roles })),
    { name: CONSOLE, roles: workloads.flatMap((workload) => [agentRole(workload), ...skillRoles(workload)]) },
    { name: STRANGER, roles: [] },
  ];
}
