import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { afterAll, beforeAll } from "vitest";
import { type ChangedArgument, changedArguments } from "../../src/plan/changed-arguments";
import { type LedgerFile, ledgerPath, readLedger } from "../../src/rehearsal/ledger";
import { type ProviderProcess, startProviders } from "../../src/rehearsal/provider-process";
import { runChild } from "../../src/rehearsal/run/child-process";
import { findTypes, servedProviders } from "../../src/rehearsal/run/clouds";
import type { Interruption } from "../../src/rehearsal/run/interruption";
import {
  type PlanAction,
  type PlanJson,
  planAction,
  type ResourceChange,
} from "../../src/rehearsal/run/plan-report";
import { sealTerraformFolder } from "../../src/rehearsal/run/seal";
import { sealedEnvironment, terraformSettings } from "../../src/rehearsal/run/sealed-environment";
import { StateServer } from "../../src/rehearsal/run/state-server";
import { terraformErrors } from "../../src/rehearsal/run/terraform-output";
import { readState, type TerraformState } from "../../src/rehearsal/run/terraform-state";
import { type Scenario, writeScenario } from "../../src/rehearsal/scenario";
import { finishStack } from "./finish-stack";

/** A stack, its synthesized JSON, or a folder with Terraform in it. */
export type StackInput = TerraformStack | object | { readonly folder: string };

/** A deployed stack with its cloud, to plan or deploy on top of. */
export interface Deployed {
  /** Folder with copies of the state and the ledger, as they were right after the deploy. */
  readonly snapshot: string;
  readonly state: TerraformState;
  readonly ledger: LedgerFile;
}

export interface PlanOptions {
  /**
   * What was deployed before.
   *
   * @default - nothing: an empty cloud
   */
  readonly prior?: Deployed;
  /**
   * What others deployed before: in the cloud, and not in this stack's state. `prior` already has what was there.
   *
   * @default - nothing
   */
  readonly cloud?: Deployed;
  /** Faults, taken names, missing images. @default - nothing special */
  readonly scenario?: Partial<Scenario>;
  /** Plans the destruction. @default false */
  readonly destroy?: boolean;
}

/** A real plan by the real Terraform. */
export interface StackPlan {
  readonly json: PlanJson;
  /** What happens to each resource and data source, by address. */
  readonly actions: ReadonlyMap<string, PlanAction>;
  /** Whether nothing would change. */
  readonly isEmpty: boolean;
  /** The change of one resource. @throws when the plan doesn't know the address */
  change(address: string): ResourceChange;
  /** What changes within one resource. @throws when the plan doesn't know the address */
  changedArguments(address: string): ChangedArgument[];
}

/** Terraform's refusal, as a test reads it. */
export class TerraformRefusal extends Error {
  constructor(
    command: string,
    /** Terraform's errors, each with the address it names. */
    readonly errors: readonly { readonly address?: string; readonly text: string }[],
    output: string,
  ) {
    super(`${command}: ${errors.map(({ text }) => text).join("\n\n") || output}`);
  }
}

const UNINTERRUPTED: Interruption = {
  gentle: new AbortController().signal,
  forced: new AbortController().signal,
  check() {},
  release() {},
};

export interface Planning {
  planStack(stack: StackInput, options?: PlanOptions): Promise<StackPlan>;
  /** Applies; @throws TerraformRefusal */
  deployStack(stack: StackInput, options?: PlanOptions): Promise<Deployed>;
  /** Destroys what was deployed, and returns what is left. */
  destroyStack(stack: StackInput, options: PlanOptions & { readonly prior: Deployed }): Promise<Deployed>;
  /** `terraform validate`: its errors, none if it is valid. */
  validateStack(stack: StackInput): Promise<readonly { readonly address?: string; readonly text: string }[]>;
}

/**
 * Real plans and deploys for the tests of one file: one process serves the simulated clouds to all of them, and
 * each starts from an empty cloud or from `prior`. Call it once, at the top of the file.
 */
export function usePlanning(): Planning {
  let root = "";
  let providers: ProviderProcess | undefined;
  let states: StateServer | undefined;
  let count = 0;
  const cloud = () => join(root, "cloud");
  // Not terraform.tfstate: `init` takes a file of that name for a state to migrate, and empties it.
  const statePathOf = (name: string) => join(root, name, "prior.tfstate");

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "plan-"));
    mkdirSync(join(root, "none"));
    mkdirSync(cloud());
    writeFileSync(join(root, "terraform.rc"), terraformSettings(join(root, "none")));
    states = await StateServer.start(cloud(), statePathOf);
  });
  afterAll(async () => {
    await providers?.stop();
    await states?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const serve = async (folder: string): Promise<ProviderProcess> => {
    providers ??= await startProviders({ folder: cloud() });
    await providers.offer(await findTypes([folder]), [folder]);
    return providers;
  };

  const prepare = async (stack: StackInput, { prior, cloud: others, scenario = {} }: PlanOptions) => {
    count += 1;
    const name = `stack-${count}`;
    const folder = join(root, name);
    mkdirSync(folder);
    writeStack(stack, folder);
    const statePath = statePathOf(name);
    rmSync(ledgerPath(cloud()), { force: true });
    const before = prior ?? others;
    if (before === undefined) {
      writeFileSync(ledgerPath(cloud()), JSON.stringify(emptyLedger()));
    } else {
      cpSync(join(before.snapshot, "ledger.json"), ledgerPath(cloud()));
    }
    if (prior !== undefined && existsSync(join(prior.snapshot, "prior.tfstate"))) {
      cpSync(join(prior.snapshot, "prior.tfstate"), statePath);
    }
    writeScenario(cloud(), scenario);
    const { reattach } = await serve(folder);
    const problems = await sealTerraformFolder(folder, {
      statePath,
      stateAddress: states?.addressOf(name),
      remoteStatePath: () => undefined,
      served: servedProviders(reattach),
    });
    if (problems.length > 0) throw new Error(problems.join("\n"));
    const env = sealedEnvironment({ home: root, terraformConfigFile: join(root, "terraform.rc"), reattach });
    const terraform = async (args: readonly string[], accepted: readonly number[] = [0]) => {
      const result = await runChild({
        command: "terraform",
        args,
        cwd: folder,
        env,
        interruption: UNINTERRUPTED,
      });
      if (!accepted.includes(result.exitCode)) {
        throw new TerraformRefusal(`terraform ${args[0]}`, terraformErrors(result.output), result.output);
      }
      return result;
    };
    await terraform(["init", "-input=false"]);
    const snapshot = async (): Promise<Deployed> => {
      const target = join(root, `snapshot-${count}`);
      mkdirSync(target);
      cpSync(ledgerPath(cloud()), join(target, "ledger.json"));
      if (existsSync(statePath)) cpSync(statePath, join(target, "prior.tfstate"));
      return { snapshot: target, state: await readState(statePath), ledger: readLedger(cloud()) };
    };
    return { terraform, snapshot };
  };

  return {
    planStack: async (stack, options = {}) => {
      const { terraform } = await prepare(stack, options);
      await terraform(["plan", "-input=false", "-out=plan", ...(options.destroy ? ["-destroy"] : [])]);
      return readPlan(JSON.parse((await terraform(["show", "-json", "plan"])).stdout) as PlanJson);
    },
    deployStack: async (stack, options = {}) => {
      const { terraform, snapshot } = await prepare(stack, options);
      await terraform(["apply", "-input=false", "-auto-approve"]);
      return snapshot();
    },
    destroyStack: async (stack, options) => {
      const { terraform, snapshot } = await prepare(stack, options);
      await terraform(["destroy", "-input=false", "-auto-approve"]);
      return snapshot();
    },
    validateStack: async (stack) => {
      const { terraform } = await prepare(stack, {});
      return terraformErrors((await terraform(["validate"], [0, 1])).output);
    },
  };
}

/** The seed is fixed: what the clouds invent is the same in every run of a test. */
function emptyLedger(): LedgerFile {
  return {
    format: 1,
    seed: "plan-stack",
    clock: 0,
    entries: {},
    softDeleted: {},
    canaries: [],
    types: [],
    attempts: {},
  };
}

function writeStack(stack: StackInput, folder: string): void {
  if ("folder" in stack && typeof stack.folder === "string") {
    cpSync(stack.folder, folder, { recursive: true });
    return;
  }
  // As cdktf writes it, in lines: Terraform quotes the one that it refuses.
  const json = JSON.stringify(isStack(stack) ? finishStack(stack) : stack, null, 2);
  writeFileSync(join(folder, "cdk.tf.json"), json);
}

function isStack(stack: object): stack is TerraformStack {
  return "toTerraform" in stack;
}

function readPlan(json: PlanJson): StackPlan {
  const changes = new Map((json.resource_changes ?? []).map((each) => [each.address, each]));
  const change = (address: string) => {
    const found = changes.get(address);
    if (found === undefined)
      throw new Error(`the plan has no ${address} (${[...changes.keys()].join(", ")})`);
    return found;
  };
  const actions = new Map([...changes].map(([address, each]) => [address, planAction(each.change)]));
  return {
    json,
    actions,
    isEmpty: [...actions.values()].every((action) => action === "no-op" || action === "read"),
    change,
    changedArguments: (address) => changedArguments(change(address).change),
  };
}

/**
 * A plan small enough to review: actions by address, and of each resource the arguments that are asked for.
 * Nothing in it depends on the machine or the time.
 *
 * @param attributes per resource type, dotted paths: `template.0.min_replicas`
 */
export function reducePlan(
  { json }: StackPlan,
  attributes: Readonly<Record<string, readonly string[]>> = {},
): Record<string, string | Record<string, unknown>> {
  const changes = [...(json.resource_changes ?? [])].sort((one, other) =>
    one.address < other.address ? -1 : 1,
  );
  return Object.fromEntries(
    changes.map(({ address, type, change }) => {
      const wanted = attributes[type] ?? [];
      const action = planAction(change);
      if (wanted.length === 0) return [address, action];
      const values = wanted.map((path) => [path, valueAt(change, path.split("."))]);
      return [address, { action, ...Object.fromEntries(values) }];
    }),
  );
}

function valueAt(
  { after, after_unknown, after_sensitive }: ResourceChange["change"],
  path: readonly string[],
): unknown {
  const follow = (value: unknown) => {
    let current = value;
    for (const key of path) {
      if (current === true) return true;
      current = (current as Record<string, unknown> | null | undefined)?.[key];
    }
    return current;
  };
  if (follow(after_sensitive) === true) return "(sensitive)";
  if (follow(after_unknown) === true) return "(known after apply)";
  return follow(after) ?? null;
}
