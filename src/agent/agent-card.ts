import type { ProtocolBinding } from "./agent-definition";
import type { AgentWorkload } from "./agent-workload";

/** Where an agent serves its card. @see https://a2a-protocol.org/latest/specification/ */
export const CARD_PATH = "/.well-known/agent-card.json";

/** Where clients of older versions look for it. */
export const LEGACY_CARD_PATH = "/.well-known/agent.json";

/** A skill as both versions of the card have it. */
export interface CardSkill {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: string[];
  readonly examples?: string[];
}

/** The card of an agent in A2A 1.0. */
export interface AgentCard {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly supportedInterfaces: {
    readonly url: string;
    readonly protocolBinding: ProtocolBinding;
    readonly protocolVersion: string;
  }[];
  readonly capabilities: { readonly streaming: boolean; readonly pushNotifications: boolean };
  readonly defaultInputModes: string[];
  readonly defaultOutputModes: string[];
  readonly skills: CardSkill[];
}

/** The card of an agent in A2A 0.3. */
export interface LegacyAgentCard {
  readonly protocolVersion: "0.3.0";
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly url: string;
  readonly preferredTransport: ProtocolBinding;
  readonly additionalInterfaces: { readonly url: string; readonly transport: ProtocolBinding }[];
  readonly capabilities: { readonly streaming: boolean; readonly pushNotifications: boolean };
  readonly defaultInputModes: string[];
  readonly defaultOutputModes: string[];
  readonly skills: CardSkill[];
}

/** The card in 1.0 shape: one interface for each binding and version that the agent speaks, all at its public URL. */
export function agentCard(workload: AgentWorkload): AgentCard {
  const { route, protocolBindings, protocolVersions } = workload;
  return {
    name: workload.title,
    description: workload.description,
    version: workload.version,
    supportedInterfaces: protocolVersions.flatMap((protocolVersion) =>
      protocolBindings.map((protocolBinding) => ({ url: route.publicUrl, protocolBinding, protocolVersion })),
    ),
    ...common(workload),
  };
}

/** The card in 0.3 shape. */
export function legacyAgentCard(workload: AgentWorkload): LegacyAgentCard {
  const [preferred, ...others] = workload.protocolBindings;
  return {
    protocolVersion: "0.3.0",
    name: workload.title,
    description: workload.description,
    version: workload.version,
    url: workload.route.publicUrl,
    preferredTransport: preferred ?? "JSONRPC",
    additionalInterfaces: others.map((transport) => ({ url: workload.route.publicUrl, transport })),
    ...common(workload),
  };
}

/** The agent's skills as a card has them. */
export function cardSkills({ skills }: AgentWorkload): CardSkill[] {
  return skills.map(({ id, name, description, tags, examples }) => ({
    id,
    name,
    description,
    tags: [...tags],
    ...(examples === undefined ? {} : { examples: [...examples] }),
  }));
}

function common(workload: AgentWorkload) {
  return {
    capabilities: { streaming: workload.streaming, pushNotifications: workload.pushNotifications },
    defaultInputModes: [...workload.inputModes],
    defaultOutputModes: [...workload.outputModes],
    skills: cardSkills(workload),
  };
}
