import type { ITerraformDependable } from "cdktf";
import { issuerVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { discoveryUrl, type TokenIssuer } from "../agent/token-issuer";
import type { Environment } from "../environment/environment";
import type { ITokenChecks } from "../gateway/token-check";
import type { IAgentDependency } from "../parts/agent-dependency";
import { listOf } from "../problem";
import { isExistingIssuer } from "./existing-issuer";
import { agentRole } from "./fleet-callers";

/** Who signs the tokens of callers: tells every agent how to check them, and the gateway as well. */
export interface IIdentityProvider<in I> extends IAgentDependency<I>, ITokenChecks {
  /** What has to be there before a check is saved: the service reads the issuer's discovery document then. */
  readonly checkableAfter: readonly ITerraformDependable[];
}

/**
 * The issuer that a workload was resolved with.
 *
 * @throws Error when there was none.
 */
export function tokenIssuerOf({ name, tokenIssuer }: AgentWorkload): TokenIssuer {
  if (tokenIssuer !== null) return tokenIssuer;
  throw new Error(
    `agent '${name}' was resolved without an identity provider; set 'identityProvider' in the environment of resolveFleet`,
  );
}

/**
 * An issuer that exists, as the workloads were resolved with it. Its tokens carry the agent's audience, and the names of
 * the agents that the caller may call in a flat `roles` claim.
 */
export const existingIdentityProvider: IIdentityProvider<unknown> = {
  dependencyName: "issuer of tokens",
  checkableAfter: [],
  tokenCheck: (workload) => {
    const tokenIssuer = tokenIssuerOf(workload);
    return {
      kind: "openid",
      discoveryUrl: discoveryUrl(tokenIssuer),
      issuer: tokenIssuer.issuer,
      audience: workload.route.audience,
      role: agentRole(workload),
    };
  },
  bind: (_scope, workload) => {
    const issuer = tokenIssuerOf(workload);
    return {
      variables: issuerVariables(issuer, {
        audience: workload.route.audience,
        requiredRole: agentRole(workload),
      }),
      egress: [{ host: new URL(issuer.jwksUrl).hostname }],
    };
  },
};

/** The issuer that an environment trusts without having set it up, or undefined where it has none such. */
export function trustedIssuer({
  identityProvider,
}: Pick<Environment, "identityProvider">): IIdentityProvider<unknown> | undefined {
  return identityProvider !== undefined && isExistingIssuer(identityProvider)
    ? existingIdentityProvider
    : undefined;
}

/**
 * What an agent checks its callers' tokens by, where its own identity is none that the issuer knows (another cloud's):
 * it gets no client, and asks for no tokens of its own.
 */
export function tokenChecks(provider: ITokenChecks): IAgentDependency<unknown> {
  return {
    dependencyName: "issuer of tokens",
    bind: (_scope, workload) => {
      const issuer = tokenIssuerOf(workload);
      const { audience, role } = provider.tokenCheck(workload);
      return {
        variables: issuerVariables(issuer, { audience, requiredRole: role }),
        egress: [{ host: hostOf(issuer.jwksUrl) }],
      };
    },
  };
}

/** The host of a URL, which can be a reference: the domain of a Container Apps environment is made up by Azure. */
function hostOf(url: string): string {
  return /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? url;
}

/** @throws Error when an agent is not among those that a shared part was made for. */
export function refuseStranger(who: string, known: readonly string[], name: string): void {
  if (known.includes(name)) return;
  throw new Error(
    `agent '${name}' is not one of those that the ${who} was made for (${listOf(known)}); add it to its 'workloads'`,
  );
}
