import { agentVariables, issuerVariables, secretVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { agentRole } from "../identity/fleet-callers";

/** What one machine gives an agent besides its definition. */
export interface LocalGifts {
  /** Variables of its task store; with the store's secrets where its process gets them. */
  readonly store: Readonly<Record<string, string>>;
  /** Whether it is a client of the issuer: it calls others. */
  readonly isClient: boolean;
}

/** The variables of an agent on one machine, but for secrets. */
export function localVariables(
  workload: AgentWorkload,
  { store, isClient }: LocalGifts,
): Record<string, string> {
  const { tokenIssuer, route, variables } = workload;
  const issuer =
    tokenIssuer === null
      ? {}
      : issuerVariables(tokenIssuer, {
          audience: route.audience,
          requiredRole: agentRole(workload),
          ...(isClient ? { clientId: workload.name } : {}),
        });
  return { ...variables, ...agentVariables(workload), ...issuer, ...store };
}

/** Secrets of an agent: the variable that has each, and the name of its file. */
export function localSecretNames(
  { secrets, name }: AgentWorkload,
  isClient: boolean,
): { readonly variable: string; readonly name: string }[] {
  return [
    ...secrets,
    ...(isClient ? [{ variable: secretVariables.clientSecret, name: clientSecretName(name) }] : []),
  ];
}

/** Name of the secret by which a caller gets tokens. */
export function clientSecretName(client: string): string {
  return `${client}-client-secret`;
}
