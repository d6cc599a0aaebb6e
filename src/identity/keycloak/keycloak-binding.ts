import type { Construct } from "constructs";
import { issuerVariables } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { AgentBinding } from "../../parts/agent-dependency";
import { agentRole, type CallerSettings, fleetCallers } from "../fleet-callers";
import { type IIdentityProvider, refuseStranger, tokenIssuerOf } from "../identity-provider";
import { issuerOf, type KeycloakIssuer, publicPathsOf } from "./keycloak-issuer";

/**
 * What Keycloak tells agents and gateway, whoever runs it.
 *
 * @param props.bindSecret how an agent that calls others gets the secret of its client; undefined where it has none
 */
export function keycloakForAgents<I>(props: {
  readonly issuer: KeycloakIssuer;
  readonly workloads: readonly AgentWorkload[];
  readonly settings: CallerSettings;
  readonly bindSecret: (
    scope: Construct,
    client: string,
    identity: I,
  ) => Omit<AgentBinding, "variables"> | undefined;
}): IIdentityProvider<I> {
  const { issuer, workloads, settings } = props;
  const { internalUrl } = issuer;
  const paths = publicPathsOf(issuer);
  const agents = workloads.map(({ name }) => name);
  const clients = fleetCallers(workloads, settings).map(({ name }) => name);
  return {
    dependencyName: "Keycloak",
    checkableAfter: [],
    tokenCheck: (workload) => {
      refuseStranger("identity provider", agents, workload.name);
      return {
        kind: "openid",
        discoveryUrl: `${internalUrl}${paths.discovery}`,
        issuer: issuerOf(issuer),
        audience: workload.route.audience,
        role: agentRole(workload),
      };
    },
    bind: (scope, workload, identity) => {
      refuseStranger("identity provider", agents, workload.name);
      const { name } = workload;
      const secret = clients.includes(name) ? props.bindSecret(scope, name, identity) : undefined;
      return {
        ...secret,
        variables: issuerVariables(
          {
            ...tokenIssuerOf(workload),
            // From the inside: the public paths are limited by address, and all agents leave by the same one.
            jwksUrl: `${internalUrl}${paths.keys}`,
            tokenUrl: `${internalUrl}${paths.token}`,
          },
          {
            audience: workload.route.audience,
            requiredRole: agentRole(workload),
            clientId: secret === undefined ? undefined : name,
          },
        ),
      };
    },
  };
}
