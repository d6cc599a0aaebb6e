import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger, LedgerEntry } from "../ledger";
import { readScenario } from "../scenario";
import type { Behaviour, Change, Fill } from "./behaviour";
import { Cloud } from "./cloud";
import { CloudError } from "./cloud-error";
import { findDataMatch } from "./data-match";
import { type Diagnostic, diagnosticOf } from "./diagnostic";
import { coerce, complete, fillComputed, inventOfType, typeOf } from "./fill";
import { nameOf } from "./name-of";
import type { Path } from "./path";
import { equalBlocks, equivalentBlocks } from "./planning/equal-blocks";
import { isReadOnly } from "./planning/fields";
import { type Plan, planChange } from "./planning/plan-change";
import { PlannedChange } from "./planning/planned-change";
import { findTimeoutProblem } from "./planning/timeouts";
import { withZeros } from "./planning/zero-values";
import type { AttributeSchema, BlockSchema, TypeSchema } from "./schema/schema";
import type { SchemaKind, SchemaStore } from "./schema/schema-store";
import { serviceRulesOf } from "./service-rules";
import {
  findInvalid,
  findReplacements,
  ownSamenesses,
  ownSetKeys,
  refuseCreation,
  refusePlan,
  settle,
  valueChecks,
} from "./service-rules/judge-change";
import type { ServiceRules } from "./service-rules/service-rules";
import type { ProviderSettings, SimulatedProvider, Subject } from "./simulated-provider";
import { findPlacesOf } from "./validation/config-values";
import { validateConfig } from "./validation/validate-config";
import {
  at,
  canonical,
  fromJson,
  hasUnknown,
  isList,
  isObject,
  isUnknown,
  type ObjectValue,
  textAt,
  UNKNOWN,
  type Value,
} from "./value";

/** What Terraform is told after an apply: the new state (null when there is nothing) and what went wrong. */
export interface Applied {
  readonly state: ObjectValue | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * One configuration of a provider, as Terraform talks to it over one connection of its own: two aliases are two
 * connections. Knows the protocol's semantics and no type by name.
 */
export class ProviderConnection {
  private settings: ProviderSettings | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly folder: string,
    private readonly ledger: Ledger,
    private readonly provider: SimulatedProvider,
    private readonly schemas: SchemaStore,
    private readonly behaviours: (type: string) => readonly Behaviour[],
  ) {}

  configure(config: ObjectValue): void {
    this.settings = this.provider.configure(config, process.env);
    if (this.provider.inCloud) this.makeExisting(this.cloud());
  }

  /** Terraform is on its way out (Ctrl-C, or its process is gone): what is still being made won't be. */
  stop(): void {
    this.stopping.abort();
  }

  validate(type: string, config: ObjectValue, acceptsWriteOnly: boolean): Diagnostic[] {
    const schema = this.schema("resource", type);
    const rules = this.rulesOf(type);
    return [
      ...validateConfig(schema, config, acceptsWriteOnly, valueChecks(rules)),
      ...findInvalid(rules, this.change(schema, null, config, config)),
    ];
  }

  /** What is wrong with the provider's own block, or with what a data source or an ephemeral resource is asked. */
  validateQuestion(kind: Exclude<SchemaKind, "resource">, type: string, config: ObjectValue): Diagnostic[] {
    const schema = this.schemas.find(kind, type);
    return schema && this.schemas.isHeld ? validateConfig(schema, config, true) : [];
  }

  read(type: string, current: ObjectValue): ObjectValue | null {
    if (!this.provider.inCloud) return current;
    const schema = this.schema("resource", type);
    const entry = this.entryOf(type, current);
    if (!entry) return null;
    this.settle(type, current);
    const seen = withoutWriteOnly(schema, complete(schema.block, entry.attributes));
    return equalBlocks(schema.block, current, seen) ? current : seen;
  }

  plan(
    type: string,
    prior: ObjectValue | null,
    proposed: ObjectValue | null,
    config: ObjectValue,
  ): { planned: ObjectValue | null; requiresReplace: readonly Path[] } {
    if (!proposed) return { planned: null, requiresReplace: [] };
    const schema = this.schema("resource", type);
    if (prior && this.provider.inCloud) this.settle(type, prior);
    const timeoutProblem = this.provider.isLegacy ? findTimeoutProblem(config) : undefined;
    if (timeoutProblem !== undefined) throw new CloudError(timeoutProblem);
    const behaviours = this.behaviours(type);
    const rules = this.rulesOf(type);
    const { plan, change, planned } = this.draft(schema, type, prior, proposed, config);
    refusePlan(rules, change);
    if (!prior) return { planned, requiresReplace: [] };
    const replacing = [
      ...plan.requiresReplace,
      ...findReadOnlyReplacements(schema, prior, planned),
      ...findReplacements(rules, change),
    ];
    // A default takes the place of what the cloud has filled in when that is a reason to replace the thing.
    const settled = replacing.reduce(
      (value, path) => withValueAt(value, path, change.after.get(path.join("."))),
      planned,
    );
    const isSame = this.provider.isLegacy && !plan.isAlwaysNew ? equivalentBlocks : equalBlocks;
    if (isSame(schema.block, prior, settled)) return { planned: prior, requiresReplace: [] };
    const reopened = [this.provider, ...behaviours].flatMap(
      ({ unknownOnUpdate }) => unknownOnUpdate?.(prior, settled) ?? [],
    );
    return { planned: reopen(settled, reopened), requiresReplace: replacing };
  }

  /** What a change comes to, before anybody asks whether it is refused. */
  private draft(
    schema: TypeSchema,
    type: string,
    prior: ObjectValue | null,
    proposed: ObjectValue,
    config: ObjectValue,
  ): { plan: Plan; change: PlannedChange; planned: ObjectValue } {
    const rules = this.rulesOf(type);
    const plan = planChange(schema, prior, proposed, {
      isLegacy: this.provider.isLegacy,
      defaults: Object.assign({}, ...this.behaviours(type).map(({ planDefaults }) => planDefaults)),
      config,
      same: ownSamenesses(rules),
      setKeys: ownSetKeys(rules),
    });
    const drafted = this.change(schema, prior, plan.planned, config);
    const planned = { ...plan.planned, ...settle(rules, drafted) };
    return { plan, change: this.change(schema, prior, planned, config), planned };
  }

  private change(
    schema: TypeSchema,
    prior: ObjectValue | null,
    planned: ObjectValue,
    config: ObjectValue,
  ): PlannedChange {
    return new PlannedChange(prior, planned, config, this.settings?.config ?? {}, schema);
  }

  async apply(
    type: string,
    prior: ObjectValue | null,
    planned: ObjectValue | null,
    config: ObjectValue | null,
  ): Promise<Applied> {
    try {
      const cloud = this.cloud();
      const state = planned
        ? await (prior
            ? this.update(cloud, type, prior, planned, config)
            : this.create(cloud, type, planned, config))
        : await this.delete(cloud, type, prior ?? {});
      await this.ledger.flush();
      return { state, diagnostics: [] };
    } catch (error) {
      return { state: await this.rescued(error, prior), diagnostics: [diagnosticOf(error)] };
    }
  }

  /** Only the id is known of what is imported; Terraform reads the rest. */
  importState(type: string, id: string): ObjectValue {
    const schema = this.schema("resource", type);
    return complete(schema.block, { id: this.entryOf(type, { id })?.id ?? id });
  }

  readData(type: string, config: ObjectValue): ObjectValue {
    const schema = this.schema("data", type);
    const cloud = this.cloud();
    const reading = { cloud, type, config };
    for (const behaviour of this.behaviours(type)) {
      const fills = behaviour.readData?.(reading);
      if (fills) return this.fillData(schema, config, fills, type);
    }
    const match = findDataMatch(type, config, cloud);
    if (!match && this.provider.notFound) throw this.provider.notFound(type, config, cloud);
    return this.fillData(schema, config, match?.attributes ?? {}, type);
  }

  openEphemeral(type: string, config: ObjectValue): ObjectValue {
    const schema = this.schema("ephemeral", type);
    const reading = { cloud: this.cloud(), type, config };
    for (const behaviour of this.behaviours(type)) {
      const fills = behaviour.openEphemeral?.(reading);
      if (fills) return this.fillData(schema, config, fills, type);
    }
    return this.fillData(schema, config, {}, type);
  }

  flush(): Promise<void> {
    return this.ledger.flush();
  }

  /** Puts into the cloud, once, what the scenario says was there before. */
  private makeExisting(cloud: Cloud): void {
    for (const { type, scope: given, attributes: raw } of cloud.scenario.existing) {
      const schema = this.schemas.find("resource", type);
      if (!schema) continue;
      const said = fromJson(raw) as ObjectValue;
      const scope = given ?? this.provider.scopeOf?.(said) ?? cloud.scope;
      if (scope !== cloud.scope) continue;
      const attributes = this.draft(schema, type, null, complete(schema.block, said), said).planned;
      const subject = this.subject(type, attributes);
      const behaviours = this.behaviours(type);
      const known = typeof said.id === "string" ? this.identityOf(type, attributes) : "";
      const id = known || this.newId(subject, cloud, behaviours);
      const key = cloud.key(type, id);
      if (this.ledger.find(key) || this.ledger.countAttempt(`existing ${key}`) > 1) continue;
      const writeOnly = writeOnlyOf(schema, said);
      this.finish(
        { cloud, type, name: subject.name, id, attributes, writeOnly, prior: null },
        schema,
        behaviours,
      );
      const entry = this.ledger.find(key);
      if (entry) this.ledger.put(key, { ...entry, addedBy: entry.id, settled: true });
    }
  }

  private async create(
    cloud: Cloud,
    type: string,
    attributes: ObjectValue,
    config: ObjectValue | null,
  ): Promise<ObjectValue> {
    this.ledger.noteType(type);
    const subject = this.subject(type, attributes);
    const { name } = subject;
    const schema = this.schema("resource", type);
    const behaviours = this.behaviours(type);
    const id = this.provider.inCloud ? this.newId(subject, cloud, behaviours) : "";
    const key = cloud.key(type, id);
    const writeOnly = writeOnlyOf(schema, config);
    const change: Change = { cloud, type, name, id, attributes, writeOnly, prior: null };
    refuseCreation(this.rulesOf(type), this.change(schema, null, attributes, config ?? {}));
    const isTaken = this.provider.inCloud && Boolean(this.ledger.find(key));
    if (isTaken && !behaviours.some(({ takesOver }) => takesOver)) {
      throw this.provider.alreadyExists(subject, id);
    }
    await this.strike("create", subject, id, () => this.finish(change, schema, behaviours));
    let refusal: CloudError | undefined;
    try {
      for (const behaviour of behaviours) behaviour.beforeCreate?.(change);
    } catch (error) {
      if (!(error instanceof CloudError) || error.remains === "nothing") throw error;
      refusal = error;
    }
    const state = this.finish(change, schema, behaviours);
    if (refusal?.remains === "orphan") throw refusal;
    if (refusal) throw new TaintedError(refusal, state);
    return state;
  }

  private async update(
    cloud: Cloud,
    type: string,
    before: ObjectValue,
    attributes: ObjectValue,
    config: ObjectValue | null,
  ): Promise<ObjectValue> {
    const subject = this.subject(type, attributes);
    const { name } = subject;
    const schema = this.schema("resource", type);
    const behaviours = this.behaviours(type);
    const id = this.identityOf(type, before);
    const entry = this.entryOf(type, before);
    if (this.provider.inCloud && !entry) throw this.provider.notFound?.(type, before, cloud);
    const writeOnly = {
      ...entry?.writeOnly,
      ...changedWriteOnly(writeOnlyOf(schema, config), before, attributes),
    };
    const change: Change = {
      cloud,
      type,
      name,
      id,
      attributes,
      writeOnly,
      prior: entry?.attributes ?? before,
    };
    await this.strike("update", subject, id);
    for (const behaviour of behaviours) behaviour.beforeUpdate?.(change);
    return this.finish(change, schema, behaviours);
  }

  private async delete(cloud: Cloud, type: string, before: ObjectValue): Promise<null> {
    const subject = this.subject(type, before);
    const id = this.identityOf(type, before);
    const entry = this.entryOf(type, before);
    if (this.provider.inCloud && !entry) return null;
    const attributes = entry?.attributes ?? before;
    const writeOnly = entry?.writeOnly ?? {};
    const change: Change = { cloud, type, name: subject.name, id, attributes, writeOnly, prior: attributes };
    const behaviours = this.behaviours(type);
    await this.strike("delete", subject, id);
    for (const behaviour of behaviours) behaviour.beforeDelete?.(change);
    if (this.provider.inCloud) {
      const key = cloud.key(type, id);
      if (behaviours.some(({ softDelete }) => softDelete?.(change))) this.ledger.softDelete(key);
      else this.ledger.remove(key);
    }
    for (const behaviour of behaviours) behaviour.afterDelete?.(change);
    return null;
  }

  /** Writes the thing into the cloud and says what Terraform's state is to hold. */
  private finish(change: Change, schema: TypeSchema, behaviours: readonly Behaviour[]): ObjectValue {
    const { cloud, type, name, id, attributes, writeOnly } = change;
    const subject = { type, name, attributes };
    const fills: Record<string, Fill | undefined> = this.provider.inCloud ? { id } : {};
    for (const behaviour of behaviours) Object.assign(fills, behaviour.computed?.(change));
    const filledIn = fillComputed(schema.block, attributes, fills, this.inventor(schema, subject, cloud, id));
    const isRebuilt = this.provider.isLegacy && Object.keys(writeOnly).length > 0;
    const state = isRebuilt ? withZeros(schema.block, filledIn) : filledIn;
    const done: Change = { ...change, attributes: state };
    if (this.provider.inCloud) {
      const filled: ObjectValue = Object.assign(
        {},
        ...behaviours.map(({ filledByCloud }) => filledByCloud?.(done)),
      );
      const asked = Object.fromEntries(Object.keys(filled).map((name) => [name, state[name] ?? null]));
      const key = cloud.key(type, id);
      this.ledger.put(key, {
        type,
        id: textAt(state, "id") ?? id,
        scope: cloud.scope,
        attributes: { ...state, ...filled },
        ...(Object.keys(asked).length > 0 && { asked }),
        ...(Object.keys(writeOnly).length > 0 && { writeOnly }),
        ...(this.ledger.find(key)?.settled && { settled: true }),
      });
    }
    for (const behaviour of behaviours) behaviour.afterApply?.(done);
    return state;
  }

  /** What a failed apply leaves in Terraform's state. What it changed in the cloud is kept. */
  private async rescued(error: unknown, prior: ObjectValue | null): Promise<ObjectValue | null> {
    await this.ledger.flush().catch(() => {});
    return error instanceof TaintedError ? error.state : prior;
  }

  /** Lets the faults of the scenario happen. */
  private async strike(
    action: "create" | "update" | "delete",
    subject: Subject,
    id: string,
    make?: () => ObjectValue,
  ): Promise<void> {
    const { faults } = this.cloud().scenario;
    const matching = faults.filter(
      (fault) =>
        fault.type === subject.type &&
        (fault.action ?? "create") === action &&
        (fault.name === undefined || fault.name === subject.name || fault.name === id),
    );
    if (matching.length === 0) return;
    const attempt = this.ledger.countAttempt(`${action} ${subject.type} ${subject.name || id}`);
    await this.ledger.flush();
    for (const fault of matching) {
      if (fault.attempt !== undefined && fault.attempt !== attempt) continue;
      if (fault.delayMs) await this.wait(fault.delayMs, subject);
      if (fault.error === undefined) continue;
      const remains = fault.remains ?? "nothing";
      const state = remains === "nothing" ? undefined : make?.();
      const error = new CloudError(
        fault.error,
        `fault in the rehearsal: ${action} number ${attempt}`,
        remains,
      );
      throw remains === "tainted" && state ? new TaintedError(error, state) : error;
    }
  }

  private async wait(milliseconds: number, subject: Subject): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.stopping.signal });
    } catch {
      throw new CloudError(`${subject.type} ${subject.name}: interrupted`, "context canceled");
    }
  }

  private fillData(
    schema: TypeSchema,
    config: ObjectValue,
    fills: Readonly<Record<string, Value>>,
    type: string,
  ): ObjectValue {
    const cloud = this.cloud();
    const flat = flatten(fills);
    const subject = this.subject(type, config);
    // Some data sources take an argument and give it back, or what they have found where it wasn't given.
    const open = (value: Value, attribute: AttributeSchema, path: string) =>
      isUnknown(value) || (value === null && (attribute.computed === true || path in flat));
    return fillComputed(
      schema.block,
      config,
      flat,
      this.inventor(schema, subject, cloud, textAt(fills, "id") ?? ""),
      open,
    );
  }

  private inventor({ rules }: TypeSchema, subject: Subject, cloud: Cloud, id: string) {
    const isJson = new Set([...(rules?.same?.json ?? []), ...(rules?.stored?.json ?? [])]);
    return (path: string, attribute: AttributeSchema, parent: ObjectValue): Value => {
      const given = this.provider.invent?.(path, subject, cloud);
      if (given !== undefined && !hasUnknown(given)) return coerce(typeOf(attribute), given);
      // A provider that reads it would stumble over anything else.
      if (isJson.has(path)) return "{}";
      // Anything could stand in a collection that people may set themselves: the clouds start with an empty one.
      const type = typeOf(attribute);
      if (attribute.optional && Array.isArray(type)) return type[0] === "map" ? {} : [];
      const where = `${subject.type} ${id || subject.name} ${path} ${nameOf(parent)}`;
      return inventOfType(type, path.split(".").at(-1) ?? path, (name) =>
        inventText(name, where, attribute, cloud),
      );
    };
  }

  /** What the provider decides in code: nothing is known of what other versions do. */
  private rulesOf(type: string): readonly ServiceRules[] {
    return this.schemas.isHeld ? serviceRulesOf(type) : [];
  }

  private entryOf(type: string, state: ObjectValue): LedgerEntry | undefined {
    return this.cloud().find(type, this.identityOf(type, state));
  }

  private settle(type: string, state: ObjectValue): void {
    this.ledger.settle(this.cloud().key(type, this.identityOf(type, state)));
  }

  /** What a thing is filed under in the ledger: its id, unless that doesn't identify it for good. */
  private identityOf(type: string, state: ObjectValue): string {
    for (const { identity } of this.behaviours(type)) {
      const found = identity?.(state);
      if (found !== undefined) return found;
    }
    return this.provider.identity?.(type, state) ?? textAt(state, "id") ?? "";
  }

  private newId(subject: Subject, cloud: Cloud, behaviours: readonly Behaviour[]): string {
    const own = behaviours.find(({ id }) => id !== undefined);
    return own?.id?.(subject, cloud) ?? this.provider.id(subject, cloud);
  }

  private subject(type: string, attributes: ObjectValue): Subject {
    return { type, name: nameOf(attributes), attributes };
  }

  private cloud(): Cloud {
    if (!this.settings)
      throw new Error(`the provider ${this.provider.name} was used before it was configured`);
    this.ledger.refresh();
    return new Cloud(this.provider, this.settings, this.ledger, readScenario(this.folder));
  }

  private schema(kind: Exclude<SchemaKind, "provider">, type: string): TypeSchema {
    const schema = this.schemas.find(kind, type);
    if (!schema) throw new Error(`the provider ${this.provider.name} has no ${kind} type ${type}`);
    return schema;
  }
}

/** A creation that failed after the thing was made: Terraform keeps the state and marks it tainted. */
class TaintedError extends CloudError {
  constructor(
    error: CloudError,
    readonly state: ObjectValue,
  ) {
    super(error.summary, error.detail, "tainted");
  }
}

function inventText(name: string, where: string, attribute: AttributeSchema, cloud: Cloud): string {
  if (attribute.sensitive) return cloud.secret(where, name);
  if (/(^|_)(principal|tenant|client|object|application)_id$|^uid$|uuid$/.test(name))
    return cloud.uuid(where, name);
  if (/(^|_)(fqdn|hostname|host_name)$/.test(name))
    return `${cloud.hash(where, name).slice(0, 12)}.example.net`;
  if (/(^|_)(ip|ip_address|address)$/.test(name)) {
    const octets = Buffer.from(cloud.hash(where, name).slice(0, 4), "hex");
    return `10.200.${octets[0]}.${octets[1]}`;
  }
  if (/_(uri|url|endpoint)$/.test(name))
    return `https://${cloud.hash(where, name).slice(0, 12)}.example.net/`;
  if (/(_at|_time|_date|timestamp)$/.test(name)) return "2026-11-01T00:00:00Z";
  return `${name.replaceAll("_", "-")}-${cloud.hash(where, name).slice(0, 8)}`;
}

/** Paths without indexes of everything inside, so that a ledger entry can fill a data source's blocks. */
function flatten(value: Readonly<Record<string, Value>>, path = ""): Record<string, Value> {
  const flat: Record<string, Value> = {};
  for (const [name, child] of Object.entries(value)) {
    const where = path ? `${path}.${name}` : name;
    flat[where] = child;
    const element = isList(child) && child.length === 1 ? child[0] : child;
    if (isObject(element)) Object.assign(flat, flatten(element, where));
  }
  return flat;
}

/** What the provider itself has settled anew, where a change of it makes the thing anew. */
function findReadOnlyReplacements(
  { block, rules }: TypeSchema,
  prior: ObjectValue,
  planned: ObjectValue,
): Path[] {
  return (rules?.forceNew ?? [])
    .filter((path) => isReadOnlyAt(block, path.split(".")))
    .flatMap((path) => findPlacesOf(planned, path))
    .filter((place) => {
      const [before, after] = [prior, planned].map((value) => at(value, place.join(".")) ?? null);
      return canonical(before as Value) !== canonical(after as Value);
    });
}

function isReadOnlyAt(block: BlockSchema, [name = "", ...rest]: readonly string[]): boolean {
  const attribute = block.attributes?.[name];
  if (attribute) return isReadOnly(attribute);
  const nested = block.block_types?.[name];
  return nested !== undefined && isReadOnlyAt(nested.block, rest);
}

/** The same with another value at a path, where there is a place for it. */
function withValueAt(value: ObjectValue, path: Path, next: Value): ObjectValue {
  const change = (current: Value, [step, ...rest]: Path): Value => {
    if (step === undefined) return next;
    if (isList(current) && Number(step) < current.length) {
      return current.map((item, index) => (index === step ? change(item, rest) : item));
    }
    const isThere = isObject(current) && step in current;
    return isThere ? { ...current, [step]: change(current[step] ?? null, rest) } : current;
  };
  return change(value, path) as ObjectValue;
}

/** Makes values unknown; paths have no indexes and mean all blocks. */
function reopen(planned: ObjectValue, paths: readonly string[]): ObjectValue {
  return paths.reduce((value, path) => reopenAt(value, path.split(".")) as ObjectValue, planned);
}

function reopenAt(value: Value, steps: readonly string[]): Value {
  const [step, ...rest] = steps;
  if (step === undefined) return UNKNOWN;
  if (isList(value)) return value.map((element) => reopenAt(element, steps));
  return isObject(value) && step in value ? { ...value, [step]: reopenAt(value[step] ?? null, rest) } : value;
}

function writeOnlyOf(schema: TypeSchema, config: ObjectValue | null): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(schema.block.attributes ?? {})) {
    const value = config?.[name] ?? null;
    if (attribute.write_only && value !== null && !isUnknown(value)) values[name] = value;
  }
  return values;
}

/** A write-only argument is written again only when its version or revision changes. */
function changedWriteOnly(
  values: Readonly<Record<string, Value>>,
  prior: ObjectValue,
  planned: ObjectValue,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) =>
      [`${name}_version`, `${name}_revision`].every(
        (counter) => !(counter in planned) || at(planned, counter) !== at(prior, counter),
      ),
    ),
  );
}

function withoutWriteOnly(schema: TypeSchema, value: ObjectValue): ObjectValue {
  const names = Object.entries(schema.block.attributes ?? {}).filter(([, attribute]) => attribute.write_only);
  return names.length === 0
    ? value
    : { ...value, ...Object.fromEntries(names.map(([name]) => [name, null])) };
}
