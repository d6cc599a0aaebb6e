import type { Environment } from "../environment/environment";
import { names } from "../shapes";
import { isExistingIssuer } from "./existing-issuer";

/** Who may call besides the agents themselves and the environment's customers. */
export interface CallerGrants {
  /**
   * Applications outside the fleet, by name, and the agents that each may call.
   *
   * @default {}
   */
  readonly applications?: Readonly<Record<string, readonly string[]>>;

  /**
   * Roles of skills (`AgentSkill.requiredRole`) that callers hold besides those of the agents they call, by the name
   * of the caller: an agent's, an application's, or `customer-<customer>`.
   *
   * @default {}
   */
  readonly skillRoles?: Readonly<Record<string, readonly string[]>>;
}

export const callerGrants = { applications: names.optional(), skillRoles: names.optional() };

/** Who may call, as an environment says: nobody where its issuer takes no clients of the fleet's. */
export function callerGrantsOf({ identityProvider }: Pick<Environment, "identityProvider">): CallerGrants {
  return identityProvider === undefined || isExistingIssuer(identityProvider) ? {} : identityProvider;
}
