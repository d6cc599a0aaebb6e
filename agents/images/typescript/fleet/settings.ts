/** The variables that the fleet gives an agent, read once and checked against the contract's JSON Schema. */
import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";

/** The one major version that this module was written for. A newer minor version only adds variables. */
const CONTRACT_MAJOR = "1";

type Variables = Readonly<Record<string, string | undefined>>;

interface VariableSchema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly contentSchema?: object;
  readonly "x-secret"?: boolean;
}

const schema = JSON.parse(readFileSync(new URL("./contract.schema.json", import.meta.url), "utf8")) as {
  readonly properties: Readonly<Record<string, VariableSchema>>;
  readonly $defs: object;
};
const ajv = new Ajv2020({ allErrors: true, strict: false, formats: { uri: isUrl } });

function isUrl(value: string): boolean {
  return URL.canParse(value) && new URL(value).host !== "";
}

/** Everything that is wrong with an environment's variables. */
export class SettingsProblems extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** All that keeps an agent with these skills from starting. Values of secrets are never repeated. */
export function findProblems(variables: Variables, skills: Iterable<string>): string[] {
  const version = variables.A2A_CONTRACT_VERSION;
  if (version && version.split(".")[0] !== CONTRACT_MAJOR) {
    return [
      `A2A_CONTRACT_VERSION is '${version}', and this image keeps contract ${CONTRACT_MAJOR}.x;` +
        " deploy an image for that version, or this one from a fleet of its own",
    ];
  }
  const validate = ajv.compile(schema);
  validate({ ...variables });
  const documents = readDocuments(variables);
  const problems = [
    ...(validate.errors ?? []).flatMap((error) => sentence(error, variables)),
    ...documents.problems,
    ...portProblems(variables),
  ];
  if (variables.TASK_STORE === "memory" && (variables.WORKERS ?? "1") !== "1") {
    problems.push(
      `WORKERS is '${variables.WORKERS}' and TASK_STORE is 'memory', which one process has to itself;` +
        " set WORKERS to 1 or give the agent a shared task store",
    );
  }
  const known = new Set(skills);
  const onCard = documents.values.get("AGENT_SKILLS");
  for (const { id } of Array.isArray(onCard) ? (onCard as { id?: string }[]) : []) {
    if (id !== undefined && known.has(id)) continue;
    problems.push(
      `AGENT_SKILLS has '${id}', and this image has no code for it (it has ${[...known].sort().join(", ")});` +
        " deploy the image that has it",
    );
  }
  return [...new Set(problems)].sort();
}

function portProblems(variables: Variables): string[] {
  return Object.keys(schema.properties)
    .filter((name) => name === "PORT" || name === "PGPORT" || name.endsWith("_PORT"))
    .filter((name) => /^\d+$/.test(variables[name] ?? "") && Number(variables[name]) > 65535)
    .map((name) => `${name} is '${variables[name]}'; allowed is 1 to 65535`);
}

function sentence(error: ErrorObject, variables: Variables): string[] {
  if (error.keyword === "required") {
    // One that another would replace is told by `anyOf`, which names both.
    if (error.schemaPath.includes("/anyOf/")) return [];
    const name = String(error.params.missingProperty);
    return [`${name} is missing: ${meaning(name)}`];
  }
  if (error.keyword === "anyOf")
    return ["PGPASSWORD or POSTGRES_LOGIN is missing: how the agent logs in to the database"];
  if (error.keyword === "if") return [];
  const name = error.instancePath.slice(1);
  const property = schema.properties[name] ?? {};
  const given = property["x-secret"] ? "has a value (it is a secret)" : `is '${variables[name]}'`;
  return [`${name} ${given}; allowed is ${form(property)}: ${meaning(name)}`];
}

function form(property: VariableSchema): string {
  if (property.enum) return `one of ${property.enum.join(", ")}`;
  if (property.format === "uri") return "a URL";
  return property.pattern ? `what matches ${property.pattern}` : "a text that is not empty";
}

function meaning(name: string): string {
  return schema.properties[name]?.description ?? "see the contract";
}

/** The variables that hold JSON, and what is wrong with them. */
function readDocuments(variables: Variables): { values: Map<string, unknown>; problems: string[] } {
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    const text = variables[name];
    if (!property.contentSchema || text === undefined) continue;
    try {
      values.set(name, JSON.parse(text));
    } catch (error) {
      problems.push(`${name} is not JSON (${(error as Error).message}): ${meaning(name)}`);
      continue;
    }
    const validate = ajv.compile({ $defs: schema.$defs, ...property.contentSchema });
    validate(values.get(name));
    for (const { instancePath, message } of validate.errors ?? []) {
      problems.push(`${name}${instancePath}: ${message}`);
    }
  }
  return { values, problems };
}

/** Checked variables, in the types that code wants. A missing one is undefined: there is no such thing here. */
export class Settings {
  constructor(private readonly variables: Variables) {}

  text(name: string): string | undefined {
    return this.variables[name];
  }

  /** A variable that is always there where it is asked for. */
  given(name: string): string {
    const value = this.variables[name];
    if (value === undefined) throw new Error(`the variable ${name} is missing`);
    return value;
  }

  number(name: string): number | undefined {
    const value = this.variables[name];
    return value === undefined ? undefined : Number(value);
  }

  flag(name: string): boolean {
    return this.variables[name] === "true";
  }

  document<T>(name: string): T | undefined {
    const value = this.variables[name];
    return value === undefined ? undefined : (JSON.parse(value) as T);
  }

  get agentName(): string {
    return this.given("AGENT_NAME");
  }

  /** The first one is meant by a message that names none. */
  get skillIds(): string[] {
    return (this.document<{ id: string }[]>("AGENT_SKILLS") ?? []).map(({ id }) => id);
  }

  get skillRoles(): Record<string, string> {
    return this.document<Record<string, string>>("AGENT_SKILL_ROLES") ?? {};
  }

  get taskStore(): string {
    return this.given("TASK_STORE");
  }

  get taskTimeoutMs(): number {
    return Number(this.given("TASK_TIMEOUT_MS"));
  }

  get leaseMs(): number {
    return (this.number("TASK_LEASE_SECONDS") ?? 30) * 1000;
  }

  /** Whether another replica takes a task over; what a process keeps to itself, nobody can. */
  get resumesTasks(): boolean {
    return this.text("TASK_RECOVERY") === "resume" && this.taskStore !== "memory";
  }

  /** Bindings on the card, each an HTTP one: `JSONRPC`, `HTTP+JSON`. */
  get cardBindings(): Set<string> {
    const card = this.document<{ supportedInterfaces: { protocolBinding: string }[] }>("AGENT_CARD");
    return new Set(card?.supportedInterfaces.map(({ protocolBinding }) => protocolBinding));
  }

  get speaksV03(): boolean {
    return this.text("AGENT_CARD_V03") !== undefined;
  }
}

/**
 * The settings of an agent that has these skills.
 *
 * @throws SettingsProblems with every problem there is.
 */
export function readSettings(skills: Iterable<string>, variables: Variables = process.env): Settings {
  const problems = findProblems(variables, skills);
  if (problems.length > 0) throw new SettingsProblems(problems);
  return new Settings({ ...variables });
}
