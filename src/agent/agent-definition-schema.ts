import { z } from "zod";
import type { Problem } from "../problem";
import { chosenName, findShapeProblems } from "../shape-problems";
import type { AgentDefinition } from "./agent-definition";

const text = z.string().min(1);
const whole = z.int();
const seconds = z.int().positive();
const port = z.int().min(1).max(65535);
const semanticVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, "is not a semantic version such as 1.2.0");

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
    scaler: text,
    metadata: z.record(text, z.string()),
    authentication: z.record(text, text).optional(),
  }),
]);

const skill = z.strictObject({
  id: text,
  name: text,
  description: text,
  tags: z.array(text).min(1, "needs at least one tag (A2A requires the field)"),
  examples: z.array(text).optional(),
  requiredRole: text.optional(),
});

const path = z.string().startsWith("/", "does not start with '/'");

/** What a definition looks like. */
export const definitionSchema = z.strictObject({
  name: chosenName,
  title: text.optional(),
  description: text,
  version: semanticVersion,
  imageRepository: z
    .string()
    .regex(/^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/, "is not a repository: no server, tag or digest, lower case")
    .optional(),
  audience: z.enum(["customer-facing", "internal"]).optional(),
  stages: z
    .array(z.enum(["development", "staging", "production"]))
    .min(1)
    .optional(),
  perCustomer: z.boolean().optional(),
  port: port.optional(),
  metricsPort: port.nullable().optional(),
  cpu: z.number().positive().optional(),
  memoryMiB: whole.positive().optional(),
  workers: whole.positive().optional(),
  minReplicas: whole.nonnegative().optional(),
  maxReplicas: whole.positive().optional(),
  scaling: scaling.optional(),
  taskStore: z.enum(["shared", "memory"]).optional(),
  taskDeadlineSeconds: seconds.optional(),
  heartbeatSeconds: seconds.optional(),
  resubscribe: z.boolean().optional(),
  resumesTasks: z.boolean().optional(),
  requestTimeoutSeconds: seconds.optional(),
  gracefulTimeoutSeconds: seconds.optional(),
  terminationGraceSeconds: seconds.optional(),
  healthPath: path.optional(),
  readyPath: path.optional(),
  startupSeconds: seconds.optional(),
  skills: z.array(skill).min(1, "needs at least one skill: callers choose agents by them"),
  streaming: z.boolean().optional(),
  pushNotifications: z.boolean().optional(),
  inputModes: z.array(text).min(1).optional(),
  outputModes: z.array(text).min(1).optional(),
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
        url: z.string().startsWith("https://", "is not an https URL"),
        scope: text.nullable(),
      }),
    )
    .optional(),
  egress: z
    .array(
      z.union([z.strictObject({ host: text, port: port.optional() }), z.strictObject({ cidr: text, port })]),
    )
    .optional(),
  model: text.optional(),
  variables: z.record(z.string(), z.string()).optional(),
  secrets: z.record(z.string(), z.string()).optional(),
}) satisfies z.ZodType<AgentDefinition>;

/** Says which properties of a definition are unknown, missing or of the wrong type. `index` is its place in the list. */
export function findDefinitionShapeProblems(definition: AgentDefinition, index: number): Problem[] {
  // A definition can be missing altogether: an import in a circle, or of a name that its file doesn't export.
  const name: unknown = (definition as AgentDefinition | undefined)?.name;
  const who = typeof name === "string" ? `agent '${name}'` : `agent number ${index + 1} of the list`;
  return findShapeProblems(definitionSchema, definition, who, "definition");
}
