import { type CelInput, CelScalar, celEnv, celFunc, isCelError, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { isJsonObject, type Json } from "../field";
import { familyOf, parseCidr } from "../formats/addresses";
import type { CelRule, CrdSchema } from "./crd-schema";

/** What came out of a definition's own rules. */
export interface RuleFindings {
  readonly problems: string[];
  /** Rules that couldn't be evaluated here: their language has more than the library knows. */
  readonly notJudged: string[];
}

/** What Kubernetes adds to the language, as far as definitions in the wild use it. */
const env = celEnv({
  funcs: [
    ...strings,
    celFunc("isIP", [CelScalar.STRING], CelScalar.BOOL, (text) => familyOf(text) !== undefined),
    celFunc("isCIDR", [CelScalar.STRING], CelScalar.BOOL, (text) => parseCidr(text) !== undefined),
    celFunc("isURL", [CelScalar.STRING], CelScalar.BOOL, (text) => URL.canParse(text)),
  ],
});

type Program = (bindings: Record<string, CelInput>) => unknown;

const programs = new Map<string, Program | undefined>();

/** Undefined where the library can't read the expression. */
function programOf(expression: string): Program | undefined {
  if (!programs.has(expression)) {
    try {
      programs.set(expression, plan(env, parse(expression)) as Program);
    } catch {
      programs.set(expression, undefined);
    }
  }
  return programs.get(expression);
}

/** Evaluates the rules of a definition on an object that fits its schema. */
export function findRuleProblems(object: Json, prior: Json | undefined, schema: CrdSchema): RuleFindings {
  const findings: RuleFindings = { problems: [], notJudged: [] };
  visit({ value: object, prior, schema, path: "", isRoot: true }, findings);
  return findings;
}

/** Whether a definition has rules of its own anywhere. */
export function hasRules(schema: CrdSchema): boolean {
  const known = withRules.get(schema);
  if (known !== undefined) return known;
  const has = JSON.stringify(schema).includes('"x-kubernetes-validations"');
  withRules.set(schema, has);
  return has;
}

const withRules = new WeakMap<CrdSchema, boolean>();

interface Visit {
  readonly value: Json;
  readonly prior: Json | undefined;
  readonly schema: CrdSchema;
  readonly path: string;
  readonly isRoot: boolean;
}

function visit({ value, prior, schema, path, isRoot }: Visit, findings: RuleFindings): void {
  if (value === null) return;
  const rules = schema["x-kubernetes-validations"] ?? [];
  if (rules.length > 0) {
    const self = toCel(value, schema, isRoot);
    const oldSelf = prior === undefined ? undefined : toCel(prior, schema, isRoot);
    for (const rule of rules) evaluate(rule, self, oldSelf, path, schema, findings);
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    (value as readonly Json[]).forEach((child, index) => {
      const before = correlated(child, prior, schema);
      visit(
        { value: child, prior: before, schema: items, path: `${path}[${index}]`, isRoot: false },
        findings,
      );
    });
    return;
  }
  if (!isJsonObject(value)) return;
  const { properties, additionalProperties } = schema;
  for (const [name, child] of Object.entries(value)) {
    const isProperty = properties !== undefined && name in properties;
    const inside = isProperty ? properties[name] : additionalProperties;
    if (typeof inside !== "object" || child === undefined) continue;
    const where = path === "" ? name : isProperty ? `${path}.${name}` : `${path}[${name}]`;
    const before = isJsonObject(prior) ? prior[name] : undefined;
    visit({ value: child, prior: before, schema: inside, path: where, isRoot: false }, findings);
  }
}

/** What stood in place of an element before: elements of lists that are maps are known by their keys, others by nothing. */
function correlated(child: Json, prior: Json | undefined, schema: CrdSchema): Json | undefined {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || keys === undefined || !Array.isArray(prior))
    return undefined;
  return (prior as readonly Json[]).find(
    (other) =>
      isJsonObject(other) &&
      isJsonObject(child) &&
      keys.every((key) => (other[key] ?? null) === (child[key] ?? null)),
  );
}

function evaluate(
  rule: CelRule,
  self: CelInput,
  oldSelf: CelInput | undefined,
  path: string,
  schema: CrdSchema,
  { problems, notJudged }: RuleFindings,
): void {
  const comparesWithPrior = /\boldSelf\b/.test(rule.rule);
  if (comparesWithPrior && rule.optionalOldSelf === true) {
    notJudged.push(rule.rule);
    return;
  }
  if (comparesWithPrior && oldSelf === undefined) return;
  const program = programOf(rule.rule);
  if (program === undefined) {
    notJudged.push(rule.rule);
    return;
  }
  const bindings = { self, ...(oldSelf !== undefined && { oldSelf }) };
  const result = run(program, bindings);
  if (result === true) return;
  const shown = `Invalid value: ${JSON.stringify(schema.type ?? "")}`;
  const where = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath}`.replace(/^\./, "");
  if (result !== false) {
    const error = isCelError(result) ? result.message : String(result);
    // The object lacks what the rule takes for granted: a refusal. Anything else is the library's limit.
    const [, missing] = /^(?:field|key) not found: (.*)$/.exec(error) ?? [];
    const reason =
      missing !== undefined
        ? `no such key: ${missing}`
        : /parse duration/.test(error)
          ? "type conversion error from 'string' to 'google.protobuf.Duration'"
          : undefined;
    if (reason === undefined) notJudged.push(rule.rule);
    else
      problems.push(`${path || "<nil>"}: ${shown}: ${reason} evaluating rule: ${rule.message ?? rule.rule}`);
    return;
  }
  const message = messageOf(rule, bindings);
  const words: Record<string, string> = {
    FieldValueForbidden: `Forbidden: ${message}`,
    FieldValueRequired: `Required value: ${message}`,
    FieldValueDuplicate: `Duplicate value: ${JSON.stringify(schema.type ?? "")}`,
  };
  problems.push(`${where || "<nil>"}: ${words[rule.reason ?? ""] ?? `${shown}: ${message}`}`);
}

function run(program: Program, bindings: Record<string, CelInput>): unknown {
  try {
    return program(bindings);
  } catch (error) {
    return (error as Error).message;
  }
}

function messageOf(rule: CelRule, bindings: Record<string, CelInput>): string {
  const program = rule.messageExpression === undefined ? undefined : programOf(rule.messageExpression);
  const said = program && run(program, bindings);
  if (typeof said === "string") return said.trim();
  return rule.message?.trim() ?? `failed rule: ${rule.rule.trim()}`;
}

/** Words of the language, which rules write with underscores around them. */
const RESERVED = new Set([
  "true",
  "false",
  "null",
  "in",
  "as",
  "break",
  "const",
  "continue",
  "else",
  "for",
  "function",
  "if",
  "import",
  "let",
  "loop",
  "package",
  "namespace",
  "return",
  "var",
  "void",
  "while",
]);

function escapeName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll("__", "__underscores__")
    .replaceAll(".", "__dot__")
    .replaceAll("-", "__dash__")
    .replaceAll("/", "__slash__");
}

/** A value as rules see it: whole numbers, durations and times by the schema, fields by names that can be written. */
function toCel(value: Json, schema: CrdSchema, isRoot = false): CelInput {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => toCel(item, schema.items ?? {})) as unknown as CelInput;
  }
  if (isJsonObject(value)) {
    const { properties = {}, additionalProperties } = schema;
    const entries = Object.entries(value).flatMap(([name, child]): [string, CelInput][] => {
      const property = properties[name] ?? (isRoot && name === "metadata" ? {} : undefined);
      if (child === undefined) return [];
      if (property !== undefined) return [[escapeName(name), toCel(child, property)]];
      return [[name, toCel(child, typeof additionalProperties === "object" ? additionalProperties : {})]];
    });
    return new Map(entries) as unknown as CelInput;
  }
  if (typeof value === "number") {
    return schema.type !== "number" && Number.isInteger(value) ? BigInt(value) : value;
  }
  if (typeof value === "string" && schema.format === "date-time")
    return timestampFromDate(new Date(value)) as CelInput;
  if (typeof value === "string" && schema.format === "duration")
    return durationFromMs(milliseconds(value)) as CelInput;
  return value as string | boolean | null;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function milliseconds(duration: string): number {
  let sum = 0;
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return duration.startsWith("-") ? -sum : sum;
}
