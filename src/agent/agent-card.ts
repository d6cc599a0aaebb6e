import type { ProtocolBinding, ProtocolVersion } from "./agent-definition";
import type { AgentSkill } from "./agent-skill";
import type { AgentWorkload } from "./agent-workload";
import { discoveryUrl } from "./token-issuer";

/** Where an agent serves its card. @see https://a2a-protocol.org/latest/specification/ */
export const CARD_PATH = "/.well-known/agent-card.json";

/** Where clients of older versions look for it. */
export const LEGACY_CARD_PATH = "/.well-known/agent.json";

/** A skill of a card, but for what it says about tokens. */
interface CardSkillBase {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: string[];
  readonly examples?: string[];
}

/** A skill of a card in A2A 1.0. */
export interface CardSkill extends CardSkillBase {
  /** What a caller needs for this skill, where that is more than for the agent. */
  readonly securityRequirements?: SecurityRequirement[];
}

/** A skill of a card in A2A 0.3. */
export interface LegacyCardSkill extends CardSkillBase {
  readonly security?: LegacySecurityRequirement[];
}

/** Schemes that a request needs together, each with its scopes, or roles where the scheme knows no scopes. */
export interface SecurityRequirement {
  readonly schemes: Record<string, { readonly list: string[] }>;
}

/** The same in A2A 0.3. */
export type LegacySecurityRequirement = Record<string, string[]>;

/** A way to be let in, in A2A 1.0. */
export type SecurityScheme =
  | {
      readonly oauth2SecurityScheme: {
        readonly description: string;
        readonly flows: { readonly clientCredentials: ClientCredentialsFlow };
      };
    }
  | { readonly openIdConnectSecurityScheme: { readonly openIdConnectUrl: string } }
  | { readonly httpAuthSecurityScheme: { readonly scheme: "bearer"; readonly bearerFormat: "JWT" } };

/** A way to be let in, in A2A 0.3: OpenAPI's own shape. */
export type LegacySecurityScheme =
  | {
      readonly type: "oauth2";
      readonly description: string;
      readonly flows: { readonly clientCredentials: ClientCredentialsFlow };
    }
  | { readonly type: "openIdConnect"; readonly openIdConnectUrl: string }
  | { readonly type: "http"; readonly scheme: "bearer"; readonly bearerFormat: "JWT" };

interface ClientCredentialsFlow {
  readonly tokenUrl: string;
  /** Scope to what it is for. */
  readonly scopes: Record<string, string>;
}

/** The card of an agent in A2A 1.0, as JSON. */
export interface AgentCard {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly supportedInterfaces: {
    readonly url: string;
    readonly protocolBinding: ProtocolBinding;
    readonly protocolVersion: ProtocolVersion;
  }[];
  readonly capabilities: { readonly streaming: boolean; readonly pushNotifications: boolean };
  readonly securitySchemes?: Record<string, SecurityScheme>;
  readonly securityRequirements?: SecurityRequirement[];
  readonly defaultInputModes: string[];
  readonly defaultOutputModes: string[];
  readonly skills: CardSkill[];
}

/** The card of an agent in A2A 0.3, as JSON. */
export interface LegacyAgentCard {
  readonly protocolVersion: "0.3.0";
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly url: string;
  readonly preferredTransport: ProtocolBinding;
  readonly additionalInterfaces: { readonly url: string; readonly transport: ProtocolBinding }[];
  readonly capabilities: { readonly streaming: boolean; readonly pushNotifications: boolean };
  readonly securitySchemes?: Record<string, LegacySecurityScheme>;
  readonly security?: LegacySecurityRequirement[];
  readonly defaultInputModes: string[];
  readonly defaultOutputModes: string[];
  readonly skills: LegacyCardSkill[];
}

/** The card in 1.0 shape: one interface for each binding and version that the agent speaks, all at one URL. */
export function agentCard(workload: AgentWorkload, url = workload.route.publicUrl): AgentCard {
  const { protocolBindings, protocolVersions } = workload;
  const access = cardAccess(workload);
  return {
    name: workload.title,
    description: workload.description,
    version: workload.version,
    supportedInterfaces: protocolVersions.flatMap((protocolVersion) =>
      protocolBindings.map((protocolBinding) => ({ url, protocolBinding, protocolVersion })),
    ),
    ...modesAndCapabilities(workload),
    ...(access === null
      ? {}
      : {
          securitySchemes: Object.fromEntries(
            access.schemes.map(({ name, scheme }) => [name, schemeInVersion1(scheme)]),
          ),
          securityRequirements: [requirement(access.needed)],
        }),
    skills: cardSkills(workload),
  };
}

/** The card in 0.3 shape. */
export function legacyAgentCard(workload: AgentWorkload, url = workload.route.publicUrl): LegacyAgentCard {
  const { protocolBindings, skills } = workload;
  const [preferred = "JSONRPC", ...others] = protocolBindings;
  const access = cardAccess(workload);
  return {
    protocolVersion: "0.3.0",
    name: workload.title,
    description: workload.description,
    version: workload.version,
    url,
    preferredTransport: preferred,
    additionalInterfaces: others.map((transport) => ({ url, transport })),
    ...modesAndCapabilities(workload),
    ...(access === null
      ? {}
      : {
          securitySchemes: Object.fromEntries(access.schemes.map(({ name, scheme }) => [name, scheme])),
          security: [access.needed],
        }),
    skills: skills.map((skill) => {
      const needed = skillNeeds(skill, access);
      return { ...skillBase(skill), ...(needed === null ? {} : { security: [needed] }) };
    }),
  };
}

/** The agent's skills as a 1.0 card has them. */
export function cardSkills(workload: AgentWorkload): CardSkill[] {
  const access = cardAccess(workload);
  return workload.skills.map((skill) => {
    const needed = skillNeeds(skill, access);
    return {
      ...skillBase(skill),
      ...(needed === null ? {} : { securityRequirements: [requirement(needed)] }),
    };
  });
}

/** Where a caller gets its token, and what it asks for. The bearer scheme is there to name roles by. */
interface CardAccess {
  readonly schemes: readonly { readonly name: string; readonly scheme: LegacySecurityScheme }[];
  readonly needed: LegacySecurityRequirement;
}

const BEARER = "bearer";

function cardAccess({ tokenIssuer, route, title, skills }: AgentWorkload): CardAccess | null {
  if (tokenIssuer === null) return null;
  const { issuer, tokenUrl } = tokenIssuer;
  const source: LegacySecurityScheme =
    tokenUrl === null
      ? { type: "openIdConnect", openIdConnectUrl: discoveryUrl({ issuer }) }
      : {
          type: "oauth2",
          description: `A token of ${issuer} by client credentials`,
          flows: { clientCredentials: { tokenUrl, scopes: { [route.scope]: `Call ${title}` } } },
        };
  const withRoles = skills.some(({ requiredRole }) => requiredRole !== undefined);
  return {
    schemes: [
      { name: source.type, scheme: source },
      ...(withRoles
        ? [{ name: BEARER, scheme: { type: "http", scheme: "bearer", bearerFormat: "JWT" } as const }]
        : []),
    ],
    needed: { [source.type]: [route.scope] },
  };
}

/** Roles are named under the bearer scheme: OAuth2's list is for scopes, and a role cannot be asked for. */
function skillNeeds(
  { requiredRole }: AgentSkill,
  access: CardAccess | null,
): LegacySecurityRequirement | null {
  if (requiredRole === undefined || access === null) return null;
  return { ...access.needed, [BEARER]: [requiredRole] };
}

function schemeInVersion1(scheme: LegacySecurityScheme): SecurityScheme {
  switch (scheme.type) {
    case "oauth2":
      return { oauth2SecurityScheme: { description: scheme.description, flows: scheme.flows } };
    case "openIdConnect":
      return { openIdConnectSecurityScheme: { openIdConnectUrl: scheme.openIdConnectUrl } };
    case "http":
      return { httpAuthSecurityScheme: { scheme: scheme.scheme, bearerFormat: scheme.bearerFormat } };
  }
}

function requirement(needed: LegacySecurityRequirement): SecurityRequirement {
  return {
    schemes: Object.fromEntries(Object.entries(needed).map(([name, list]) => [name, { list }])),
  };
}

function skillBase({ id, name, description, tags, examples }: AgentSkill): CardSkillBase {
  return {
    id,
    name,
    description,
    tags: [...tags],
    ...(examples === undefined ? {} : { examples: [...examples] }),
  };
}

function modesAndCapabilities({ streaming, pushNotifications, inputModes, outputModes }: AgentWorkload) {
  return {
    capabilities: { streaming, pushNotifications },
    defaultInputModes: [...inputModes],
    defaultOutputModes: [...outputModes],
  };
}
