import { z } from "zod";
import type {
  AgentCard,
  CardSkill,
  LegacyAgentCard,
  LegacySecurityScheme,
  SecurityScheme,
} from "./agent-card";
import type { ContractDocument } from "./agent-contract";

const text = z.string();
const texts = z.array(text);
const binding = z.enum(["JSONRPC", "HTTP+JSON"]);
const capabilities = z.strictObject({ streaming: z.boolean(), pushNotifications: z.boolean() });
const flows = z.strictObject({
  clientCredentials: z.strictObject({ tokenUrl: text, scopes: z.record(text, text) }),
});
const bearer = { scheme: z.literal("bearer"), bearerFormat: z.literal("JWT") };

const scheme = z.union([
  z.strictObject({ oauth2SecurityScheme: z.strictObject({ description: text, flows }) }),
  z.strictObject({ openIdConnectSecurityScheme: z.strictObject({ openIdConnectUrl: text }) }),
  z.strictObject({ httpAuthSecurityScheme: z.strictObject(bearer) }),
]) satisfies z.ZodType<SecurityScheme>;

const legacyScheme = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("oauth2"), description: text, flows }),
  z.strictObject({ type: z.literal("openIdConnect"), openIdConnectUrl: text }),
  z.strictObject({ type: z.literal("http"), ...bearer }),
]) satisfies z.ZodType<LegacySecurityScheme>;

const requirement = z.strictObject({ schemes: z.record(text, z.strictObject({ list: texts })) });
const legacyRequirement = z.record(text, texts);

const skill = {
  id: text,
  name: text,
  description: text,
  tags: texts,
  examples: texts.optional(),
};

const skills = z.array(
  z.strictObject({ ...skill, securityRequirements: z.array(requirement).optional() }),
) satisfies z.ZodType<CardSkill[]>;

const named = { name: text, description: text, version: text };
const modes = { defaultInputModes: texts, defaultOutputModes: texts };

const card = z.strictObject({
  ...named,
  supportedInterfaces: z
    .array(z.strictObject({ url: text, protocolBinding: binding, protocolVersion: z.enum(["1.0", "0.3"]) }))
    .min(1),
  capabilities,
  securitySchemes: z.record(text, scheme).optional(),
  securityRequirements: z.array(requirement).optional(),
  ...modes,
  skills,
}) satisfies z.ZodType<AgentCard>;

const legacyCard = z.strictObject({
  ...named,
  protocolVersion: z.literal("0.3.0"),
  url: text,
  preferredTransport: binding,
  additionalInterfaces: z.array(z.strictObject({ url: text, transport: binding })),
  capabilities,
  securitySchemes: z.record(text, legacyScheme).optional(),
  security: z.array(legacyRequirement).optional(),
  ...modes,
  skills: z.array(z.strictObject({ ...skill, security: z.array(legacyRequirement).optional() })),
}) satisfies z.ZodType<LegacyAgentCard>;

/** The documents that variables carry as JSON. */
export const contractDocuments = {
  AgentCard: card,
  LegacyAgentCard: legacyCard,
  AgentSkills: skills,
  AgentRegistry: z.record(text, text),
  AgentScopes: z.record(text, text),
  SkillRoles: z.record(text, text),
} satisfies Record<ContractDocument, z.ZodType>;
