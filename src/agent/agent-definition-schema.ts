import { z } from "zod";
import type { Problem } from "../problem";
import { findShapeProblems } from "../shape-problems";
import { agentUrl, chosenName, cores, hostName, memoryMiB, port, text, whole } from "../shapes";
import { nameOf } from "../vendor-limits";
import type { AgentDefinition } from "./agent-definition";
import { imageAttestationSchema } from "./image-attestation";

/** Text for people: it may have several lines. */
const prose = z.string().regex(/\S/, "is empty; give it a value").max(4000);

/** Longest that anything is waited for: a day. */
const seconds = z.int().positive().max(86_400);

/** @see https://semver.org/#spec-item-10 */
const semanticVersion = z
  .string()
  .max(100)
  .regex(
    /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/,
    "is not a semantic version such as 1.2.0",
  );

const mediaType = z
  .string()
  .regex(/^[\w.+-]+\/[\w.+*-]+$/, "is not a media type; write one such as application/json");

/** A whole name, or `*.` and one: a network policy knows no names in any case. */
const outsideHost = z.string().refine((host) => hostName.safeParse(host.replace(/^\*\./, "")).success, {
  message: "is not a host name; write it without scheme, port and path, or give an address range in 'cidr'",
});

const scaling = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("http"), concurrentRequests: whole.positive() }),
  z.strictObject({ kind: z.literal("active-tasks"), tasksPerReplica: whole.positive() }),
  z.strictObject({
    kind: z.literal("resources"),
    cpuPercent: whole.min(1).max(100),
    memoryPercent: whole.min(1).max(100).optional(),
  }),
  z.strictObject({
    kind: z.literal("event"),
    scaler: z.string().regex(/^[a-z0-9-]+$/, "is no type of a KEDA scaler; write one such as redis-streams"),
    metadata: z.record(text, z.string()),
    authentication: z.record(text, text).optional(),
  }),
]);

const skill = z.strictObject({
  id: text,
  name: text.max(200),
  description: prose,
  tags: z.array(text).min(1, "needs at least one tag (A2A requires the field)"),
  examples: z.array(prose).optional(),
  requiredRole: nameOf("role at Entra").optional(),
});

const path = z
  .string()
  .startsWith("/", "does not start with '/'")
  .regex(
    /^[\w\-./~!$&'()*+,;=:@%]*$/,
    "holds what no path of a URL does; use letters, digits and -._~!$&'()*+,;=:@%, and none of blanks, '{', '?' and '#'",
  );

/** What a definition looks like. */
export const definitionSchema = z.strictObject({
  name: chosenName,
  title: text.max(200).optional(),
  description: prose,
  version: semanticVersion,
  imageRepository: z
    .string()
    .max(255)
    // @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
    .regex(
      /^[a-z0-9]+(?:(?:\.|_{1,2}|-+|\/)[a-z0-9]+)*$/,
      "is not a repository; write its path alone, in lower case, without server, tag and digest",
    )
    .refine((given) => !/^[^/]*\.[^/]*\//.test(given), {
      message: "begins with a registry's host; write its path alone, without server, tag and digest",
    })
    .optional(),
  audience: z.enum(["customer-facing", "internal"]).optional(),
  stages: z
    .array(z.enum(["development", "staging", "production"]))
    .min(1)
    .optional(),
  perCustomer: z.boolean().optional(),
  port: port.optional(),
  metricsPort: port.nullable().optional(),
  cpu: cores.optional(),
  memoryMiB: memoryMiB.optional(),
  workers: whole.positive().max(256).optional(),
  minReplicas: whole.nonnegative().max(5000).optional(),
  maxReplicas: whole.positive().max(5000).optional(),
  scaling: scaling.optional(),
  taskStore: z.enum(["shared", "memory"]).optional(),
  taskDeadlineSeconds: seconds.optional(),
  objectives: z
    .strictObject({
      successShare: z.number().min(0.5).max(0.9999).optional(),
      latencySeconds: seconds.optional(),
    })
    .optional(),
  heartbeatSeconds: seconds.optional(),
  resubscribe: z.boolean().optional(),
  resumesTasks: z.boolean().optional(),
  requestTimeoutSeconds: seconds.optional(),
  gracefulTimeoutSeconds: seconds.optional(),
  terminationGraceSeconds: seconds.optional(),
  healthPath: path.optional(),
  readyPath: path.optional(),
  startupSeconds: seconds.optional(),
  skills: z.array(skill).min(1, "needs at least one skill, because callers choose agents by them; add one"),
  streaming: z.boolean().optional(),
  pushNotifications: z.boolean().optional(),
  inputModes: z.array(mediaType).min(1).optional(),
  outputModes: z.array(mediaType).min(1).optional(),
  protocolVersions: z
    .array(z.enum(["1.0", "0.3"]))
    .min(1)
    .optional(),
  protocolBindings: z
    .array(z.enum(["JSONRPC", "HTTP+JSON"]))
    .min(1)
    .optional(),
  calls: z.union([z.literal("every-internal-agent"), z.array(text)]).optional(),
  externalAgents: z
    .array(
      z.strictObject({
        name: text,
        url: agentUrl,
        scope: text.nullable(),
      }),
    )
    .optional(),
  egress: z
    .array(
      z.union([
        z.strictObject({ host: outsideHost, port: port.optional() }),
        z.strictObject({ cidr: z.cidrv4(), port }),
      ]),
    )
    .optional(),
  model: text.max(200).optional(),
  variables: z.record(z.string(), z.string()).optional(),
  secrets: z.record(z.string(), chosenName).optional(),
  attested: imageAttestationSchema.optional(),
} satisfies Record<keyof AgentDefinition, z.ZodType>) satisfies z.ZodType<AgentDefinition>;

/** Says which properties of a definition are unknown, missing or of the wrong type. `index` is its place in the list. */
export function findDefinitionShapeProblems(definition: AgentDefinition, index: number): Problem[] {
  // A definition can be missing altogether: an import in a circle, or of a name that its file doesn't export.
  const name: unknown = (definition as AgentDefinition | undefined)?.name;
  const who = typeof name === "string" ? `agent '${name}'` : `agent number ${index + 1} of the list`;
  return findShapeProblems(definitionSchema, definition, who, "definition");
}
