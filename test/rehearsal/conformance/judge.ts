import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ledger } from "../../../src/rehearsal/ledger";
import type { Behaviour } from "../../../src/rehearsal/provider/behaviour";
import { behavioursOf } from "../../../src/rehearsal/provider/behaviours";
import type { Path } from "../../../src/rehearsal/provider/path";
import { equalBlocks } from "../../../src/rehearsal/provider/planning/equal-blocks";
import { ProviderConnection } from "../../../src/rehearsal/provider/provider-connection";
import { simulatedProviders } from "../../../src/rehearsal/provider/providers";
import type { TypeSchema } from "../../../src/rehearsal/provider/schema/schema";
import { SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";
import {
  canonical,
  fromJson,
  isList,
  isObject,
  type ObjectValue,
  UNKNOWN,
  type Value,
} from "../../../src/rehearsal/provider/value";
import { decodeConfig, proposeNew } from "./terraform-core";
import { applyMutation, type Json, type QuestionCase, type VerdictCase, type VerdictFile } from "./verdicts";

/** What the simulated provider says to a case. */
export interface Judgement {
  readonly verdict: VerdictCase["verdict"];
  readonly message: readonly string[];
  readonly because: readonly Path[];
}

/** Asks the simulated provider what the real one was asked, without Terraform in between. */
export class Judge {
  private readonly folder = mkdtempSync(join(tmpdir(), "a2a-judge-"));
  private readonly schemas: SchemaStore;
  private readonly connection: ProviderConnection;

  constructor(
    private readonly file: Omit<VerdictFile, "cases">,
    behaviours: (type: string) => readonly Behaviour[] = behavioursOf,
  ) {
    const provider = simulatedProviders.find(({ name }) => name === file.provider);
    if (!provider) throw new Error(`the provider ${file.provider} isn't simulated`);
    this.schemas = new SchemaStore(provider.name);
    const ledger = new Ledger(this.folder, "conformance");
    this.connection = new ProviderConnection(this.folder, ledger, provider, this.schemas, behaviours);
    const schema = this.schemas.find("provider", provider.name);
    const { config } = decodeConfig(schema?.block ?? {}, {
      ...file.settings[0],
      ...(provider.name === "azurerm" && { subscription_id: "00000000-0000-0000-0000-000000000000" }),
    });
    this.connection.configure(config);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  judge({ kind, type, mutation }: Pick<VerdictCase, "kind" | "type" | "mutation">): Judgement {
    const schema = this.schemas.find("resource", type);
    if (!schema) throw new Error(`nothing is known of the type ${type}`);
    const base = this.baseOf(kind, type);
    const { config, problems } = decodeConfig(schema.block, applyMutation(base, mutation));
    const refusals = [
      ...problems,
      ...this.connection
        .validate(type, config, true)
        .filter(({ severity }) => severity === "error")
        .map(({ summary, detail }) => `${summary} ${detail}`.trim()),
    ];
    const refused = kind === "create" ? "refused-validate" : "refused";
    if (refusals.length > 0) return { verdict: refused, message: refusals, because: [] };
    const prior = kind === "create" ? null : this.priorOf(type);
    const proposed = proposeNew(schema.block, prior, config);
    try {
      const { planned, requiresReplace } = this.connection.plan(type, prior, proposed, config);
      if (!prior || !planned) return { verdict: "accepted", message: [], because: [] };
      const because = requiresReplace.filter((path) => differs(prior, planned, path));
      if (because.length > 0) {
        // What takes its place is planned once more, as new.
        this.connection.plan(type, null, proposeNew(schema.block, null, config), config);
        return { verdict: "replace", message: [], because };
      }
      const isSame = equalBlocks(schema.block, prior, planned);
      return { verdict: isSame ? "no change" : "in-place", message: [], because: [] };
    } catch (error) {
      return {
        verdict: kind === "create" ? "refused-plan" : "refused",
        message: [(error as Error).message],
        because: [],
      };
    }
  }

  /** What is wrong with a resource, a data source, an ephemeral resource or a provider block. */
  judgeQuestion({ kind, type, config: said }: QuestionCase): readonly string[] {
    const { block } = this.schemas.find(kind, type) as TypeSchema;
    const required = Object.entries(block.attributes ?? {}).filter(([, attribute]) => attribute.required);
    const unknown = Object.fromEntries(required.map(([name]) => [name, UNKNOWN]));
    const { config } = decodeConfig(block, { ...unknown, ...(withUnknown(said) as Json) });
    const found =
      kind === "resource"
        ? this.connection.validate(type, config, true).filter(({ severity }) => severity === "error")
        : this.connection.validateQuestion(kind, type, config);
    return found.map(({ summary }) => summary);
  }

  /** The state that a resource has right after it was made. */
  async create(type: string, json: Json): Promise<ObjectValue> {
    const schema = this.schemas.find("resource", type);
    if (!schema) throw new Error(`nothing is known of the type ${type}`);
    const { config } = decodeConfig(schema.block, json);
    const { planned } = this.connection.plan(type, null, proposeNew(schema.block, null, config), config);
    const { state, diagnostics } = await this.connection.apply(type, null, planned, config);
    if (!state)
      throw new Error(`${type} can't be made: ${diagnostics.map(({ summary }) => summary).join("; ")}`);
    return state;
  }

  /**
   * What the mutation was made to. Updates were planned against a state that the plan of the unchanged base leaves
   * as it is: where a required text of the file's base isn't the state's, the state's is the one that was planned.
   */
  private baseOf(kind: VerdictCase["kind"], type: string): Json {
    const base = this.file.bases[type];
    if (!base) throw new Error(`there is no base of ${type}`);
    if (kind === "create") return base;
    const state = this.file.states[type] ?? {};
    const attributes = Object.entries(this.schemas.find("resource", type)?.block.attributes ?? {});
    const planned = attributes
      .filter(
        ([name, { required, type: kindOf }]) =>
          required && kindOf === "string" && typeof state[name] === "string",
      )
      .map(([name]) => [name, state[name]]);
    return { ...base, ...Object.fromEntries(planned) };
  }

  private priorOf(type: string): ObjectValue {
    const state = this.file.states[type];
    if (!state) throw new Error(`there is no state of ${type}`);
    return fromJson(state) as ObjectValue;
  }
}

function withUnknown(json: unknown): unknown {
  if (typeof json === "string") return json.includes("${") ? UNKNOWN : json;
  if (Array.isArray(json)) return json.map(withUnknown);
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withUnknown(value)]));
}

/** Terraform replaces only where something really differs. */
function differs(prior: ObjectValue, planned: ObjectValue, path: Path): boolean {
  return canonical(step(prior, path)) !== canonical(step(planned, path));
}

function step(value: Value, path: Path): Value {
  return path.reduce<Value>((current, key) => {
    if (isList(current)) return current[Number(key)] ?? null;
    return isObject(current) ? (current[String(key)] ?? null) : current;
  }, value);
}
