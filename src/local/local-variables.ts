import {
  agentVariables,
  issuerVariables,
  modelGatewayVariables,
  secretVariables,
} from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { type ModelGatewaySettings, modelKeySecret } from "../environment/model-gateway-settings";
import { agentRole } from "../identity/fleet-callers";

/** What one machine gives an agent besides its definition. */
export interface LocalGifts {
  /** Variables of its task store; with the store's secrets where its process gets them. */
  readonly store: Readonly<Record<string, string>>;
  /** Whether it is a client of the issuer: it calls others. */
  readonly isClient: boolean;
  /** What agents with a model ask. */
  readonly modelGateway: Pick<ModelGatewaySettings, "url"> | undefined;
}

/** The variables of an agent on one machine, but for secrets. */
export function localVariables(
  workload: AgentWorkload,
  { store, isClient, modelGateway }: LocalGifts,
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
  const model =
    workload.model === null || modelGateway === undefined ? {} : modelGatewayVariables(modelGateway);
  return { ...variables, ...agentVariables(workload), ...issuer, ...model, ...store };
}

/** Secrets of an agent: the variable that has each, and the name of its file. */
export function localSecretNames(
  { secrets, name, model }: AgentWorkload,
  isClient: boolean,
  modelGateway: ModelGatewaySettings | undefined,
): { readonly variable: string; readonly name: string }[] {
  return [
    ...secrets,
    ...(isClient ? [{ variable: secretVariables.clientSecret, name: clientSecretName(name) }] : []),
    ...(model === null || modelGateway === undefined
      ? []
      : [{ variable: secretVariables.modelGatewayKey, name: modelKeySecret(modelGateway) }]),
  ];
}

/** Name of the secret by which a caller gets tokens. */
export function clientSecretName(client: string): string {
  return `${client}-client-secret`;
}
