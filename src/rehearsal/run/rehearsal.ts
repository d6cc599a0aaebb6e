import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GivenProvider, nameOfSource, readGivenProviders } from "../given-providers";
import { type LedgerEntry, type LedgerFile, readLedger } from "../ledger";
import type { Fidelity } from "../provider/fidelity";
import type { ServedProvider } from "../provider/main";
import { providerVersions, SchemaStore } from "../provider/schema/schema-store";
import { textsAt } from "../provider/value";
import { chooseVersions, type ProviderProcess } from "../provider-process";
import { readScenario, type Scenario, writeScenario } from "../scenario";
import { findDisagreements, findLeftBehind, titleOf } from "./agreement";
import { requireTerminal, WaitingCdktf, writeCdktfSettings } from "./cdktf-program";
import { type ChildResult, runChild } from "./child-process";
import { findTypes, requireRunning, servedProviders, startClouds } from "./clouds";
import { takeConstructs } from "./constructs";
import { RehearsalFailure, systemFailure } from "./failure";
import type { Interruption } from "./interruption";
import { findLeaks, findLeaksInText } from "./leaks";
import { describeChanges, type PlanJson, redactPlan } from "./plan-report";
import { findPreventDestroy, findUnsealed } from "./seal";
import { sealedEnvironment } from "./sealed-environment";
import { fetchStacks, findWantedVersions, type RehearsalStack, requireSealed, sealStacks } from "./stacks";
import { StateServer } from "./state-server";
import { missingThingsAdvice, protectedBy, readTerraformLine, terraformErrors } from "./terraform-output";
import { requireTerraform, type TerraformProgram } from "./terraform-program";
import { readState, type TerraformState } from "./terraform-state";
import type { RehearsalView } from "./view";
import type { StackSource, WorkFolder } from "./work-folder";

/** What is rehearsed, with what program, and who is told. */
export interface RehearsalProps {
  readonly workFolder: WorkFolder;
  readonly source: StackSource;
  /**
   * The stacks to deploy, in order, out of those that the source has.
   *
   * @throws when it wants one that isn't there
   */
  readonly choose: (available: readonly string[]) => readonly string[];
  readonly view: RehearsalView;
  readonly interruption: Interruption;
  /** What is special about the simulated clouds: faults, names that are taken, images that are missing. */
  readonly scenario?: Partial<Scenario>;
  /**
   * Providers of which nothing but the schema is known, and other versions of those that are simulated.
   *
   * @default - what the work folder was given before
   */
  readonly givenProviders?: readonly GivenProvider[];
  /** Runs the plans, by its name on the path. @default "terraform" */
  readonly program?: "terraform" | "tofu";
}

/** How long a phase took. */
export interface PhaseTime {
  readonly phase: string;
  readonly ms: number;
}

/**
 * One rehearsal: stacks deployed by the real Terraform to the simulated clouds of a work folder. `open` comes
 * first and `stop` last; in between, each method is a phase.
 */
export class Rehearsal {
  readonly times: PhaseTime[] = [];
  private stacks: RehearsalStack[] = [];
  private everyStack: RehearsalStack[] = [];
  private served: ReadonlySet<string> = new Set();
  private versions: readonly ServedProvider[] | undefined;
  private readonly reattach = new Map<string, string>();
  /** Stacks that Terraform has initialized since they were sealed. */
  private readonly initialized = new Set<string>();
  private readonly constructs = new Map<string, ReadonlyMap<string, string>>();
  private readonly chosenProviders: ServedProvider[] = [];
  private env: NodeJS.ProcessEnv = {};
  private clouds: ProviderProcess | undefined;
  private stateServer: StateServer | undefined;
  /** What deploys the next stack: it loads while the stacks are made, or the one before it is deployed. */
  private waitingCdktf: WaitingCdktf | undefined;
  private isUnprotected = false;
  private logNumber = 0;
  private readonly program: TerraformProgram;

  constructor(private readonly props: RehearsalProps) {
    this.program = props.program ?? "terraform";
  }

  /** The stacks in the order of their deployment. */
  get order(): readonly RehearsalStack[] {
    return this.stacks;
  }

  /** What a person types to work by hand against this rehearsal: also for tests, which change things in between. */
  get environment(): NodeJS.ProcessEnv {
    return this.env;
  }

  /** Starts the simulated clouds and brings in the stacks, sealed. */
  async open(): Promise<void> {
    const { workFolder, source, interruption } = this.props;
    await workFolder.open();
    const { program } = this;
    const settings = { home: workFolder.home, terraformConfigFile: workFolder.terraformConfigFile, program };
    // Before anything is started: whoever lacks Terraform reads that, and nothing else.
    const terraform = await requireTerraform(program, {
      cwd: workFolder.path,
      env: sealedEnvironment({ ...settings, reattach: "{}" }),
      interruption,
    });
    if (source.kind !== "terraform") requireTerminal();
    this.env = sealedEnvironment({ ...settings, reattach: "{}" });
    if (source.kind !== "terraform") this.waitingCdktf = new WaitingCdktf(workFolder, this.env);
    await this.phase("synth", async () => {
      // The clouds take as long to start as the app takes to run.
      const [clouds, stacks] = await Promise.allSettled([
        startClouds(workFolder, this.props.scenario ?? {}, this.props.givenProviders),
        fetchStacks({ source, workFolder, env: this.env, interruption }),
      ]);
      if (clouds.status === "fulfilled") this.clouds = clouds.value;
      if (stacks.status === "rejected") throw stacks.reason;
      if (clouds.status === "rejected") throw clouds.reason;
      const { cloud } = workFolder;
      this.stateServer = await StateServer.start(cloud, (name) => workFolder.statePath(name));
      this.everyStack = stacks.value.map((stack) => ({
        ...stack,
        stateAddress: this.stateServer?.addressOf(stack.name),
      }));
      const chosen = this.props.choose(this.everyStack.map(({ name }) => name));
      this.stacks = chosen.map((name) => this.find(name));
      const { reattach, reattachFor, served, offer } = clouds.value;
      const folders = this.everyStack.flatMap(({ configurationFolders }) => configurationFolders);
      await offer(await findTypes(folders), folders);
      this.env = sealedEnvironment({ ...settings, reattach });
      this.served = servedProviders(reattach);
      this.versions = served;
      for (const stack of this.everyStack) {
        const wanted = await findWantedVersions(stack);
        this.reattach.set(stack.name, reattachFor(wanted));
        if (!this.stacks.includes(stack)) continue;
        this.chosenProviders.push(...chooseVersions(served, wanted));
        this.constructs.set(stack.name, await takeConstructs(stack.folder));
      }
      requireSealed(chosen, await this.seal());
      await writeCdktfSettings(workFolder);
      await writeVersions(workFolder, { [program]: terraform });
      return `${chosen.length} of ${this.everyStack.length} stacks`;
    });
    await workFolder.writeRecord({ source, stacks: this.stacks.map(({ name }) => name), outcome: "running" });
  }

  private find(name: string): RehearsalStack {
    const stack = this.everyStack.find((each) => each.name === name);
    if (stack === undefined) {
      throw new RehearsalFailure({
        what: `there is no stack '${name}' (${this.everyStack.map((each) => each.name).join(", ")})`,
      });
    }
    return stack;
  }

  private seal({ unprotect = false } = {}): Promise<Map<string, string[]>> {
    const { served, versions } = this;
    this.initialized.clear();
    return sealStacks({ stacks: this.everyStack, served, versions, unprotect });
  }

  /** Plans a stack from what there is, and keeps the plan as `plans/<stack>.txt` and, redacted, as JSON. */
  async plan(stack: RehearsalStack): Promise<string> {
    let text = "";
    await this.phase(`plan ${stack.name}`, async () => {
      await this.initialize(stack);
      await this.terraform(stack, ["plan", "-input=false", "-out=plan"], `plan of ${stack.name} failed`);
      text = (await this.terraform(stack, ["show", "plan"], `plan of ${stack.name} can't be shown`)).stdout;
      const json = await this.showPlan(stack);
      const plans = this.props.workFolder.plans;
      await mkdir(plans, { recursive: true });
      await writeFile(join(plans, `${stack.name}.txt`), text);
      await writeFile(join(plans, `${stack.name}.json`), `${JSON.stringify(redactPlan(json), null, 2)}\n`);
      return /^Plan: .*$/m.exec(text)?.[0];
    });
    return text;
  }

  /** Deploys a stack: `cdktf deploy`, or `terraform apply` where there is no cdktf output. */
  async deploy(stack: RehearsalStack): Promise<void> {
    await this.phase(`deploy ${stack.name}`, async () => {
      const before = await readState(stack.statePath);
      const result = await this.run(stack, "deploy");
      if (result.exitCode !== 0) throw await this.deployFailure(stack, result);
      // cdktf ends well when the Terraform that it runs was killed. Its terminal may also lose Terraform's last lines, where
      // the machine is busy: then a plan says whether everything was done.
      if (
        !/^.*Apply complete!/m.test(result.output) &&
        !(await this.hasNothingLeft(stack, `the plan of ${stack.name} failed`))
      ) {
        throw new RehearsalFailure({
          what: `deploy of ${stack.name} was cut off: Terraform ended without saying that it was done`,
          advice: "run the same command again; if memory is short, close other programs first",
        });
      }
      const after = await readState(stack.statePath);
      const already =
        before.resources.length === 0 ? "" : ` (${before.resources.length} of them from before)`;
      return `${countNoun(after.resources.length, "resource")}${already}`;
    });
  }

  /** @throws when a second plan isn't empty, with what it would change and why */
  async checkSettled(stack: RehearsalStack): Promise<void> {
    await this.phase(`second plan ${stack.name}`, async () => {
      await this.initialize(stack);
      const args = ["plan", "-input=false", "-detailed-exitcode", "-out=plan"];
      const result = await this.terraform(stack, args, `the second plan of ${stack.name} failed`, [0, 2]);
      if (result.exitCode === 0) {
        await rm(join(stack.folder, "plan"), { force: true });
        return "no changes";
      }
      const details = describeChanges(await this.showPlan(stack));
      throw new RehearsalFailure({
        what: `${stack.name} doesn't settle: a second plan, with nothing changed, isn't empty`,
        details: details.length > 0 ? details : [result.output.trim()],
        advice:
          "set what the cloud fills in by itself explicitly, to the value shown on the left; otherwise every deploy repeats this",
      });
    });
  }

  /** @throws when cloud and states disagree, with what exists in one of them only, or differs */
  async checkAgreement(title = "cloud and state agree"): Promise<void> {
    await this.phase(title, async () => {
      const states = await this.states();
      const ledger = this.ledger();
      const details = findDisagreements(ledger, states);
      if (details.length > 0) {
        throw new RehearsalFailure({
          what: "the simulated cloud and Terraform's state disagree",
          details,
          advice:
            "an orphan has to be imported or deleted by hand, as it would for real; the rest was changed behind Terraform's back",
        });
      }
      const [made, found] = [madeIn(ledger).length, Object.values(ledger.entries).filter(wasThere).length];
      const left = findLeftBehind(ledger).map(titleOf).join(", ");
      return (
        `${made} in the cloud${found === 0 ? "" : `, beside ${found} that ${found === 1 ? "was" : "were"} there before`}` +
        `${left === "" ? "" : `; the cloud made by itself and leaves behind: ${left}`}`
      );
    });
  }

  /** What the simulated clouds took without being able to judge it: a reason each, once. */
  notJudged(): string[] {
    const entries = Object.values(this.ledger().entries);
    return [...new Set(entries.flatMap(({ attributes }) => textsAt(attributes, "notJudged")))].sort();
  }

  /** How far the plan of every type that was made can be trusted. */
  async fidelity(): Promise<ReadonlyMap<string, Fidelity>> {
    const { types } = this.ledger();
    const known = await this.clouds?.fidelityOf(types);
    const given = this.typesOfGiven();
    return new Map(
      types.map((type) => [type, given.has(type) ? "schema only" : (known?.get(type) ?? "schema only")]),
    );
  }

  /** Types that a chosen stack may have made by a schema that somebody gave. */
  private typesOfGiven(): ReadonlySet<string> {
    const isChosen = ({ source, version }: GivenProvider) =>
      this.chosenProviders.some((each) => !each.isHeld && each.source === source && each.version === version);
    return new Set(
      readGivenProviders(this.props.workFolder.cloud)
        .filter(isChosen)
        .flatMap(({ source, lines }) => new SchemaStore(nameOfSource(source), lines).types("resource")),
    );
  }

  /** Takes deletion protection off: in the sealed copies, and in the clouds, which refuse by themselves. */
  async unprotect(): Promise<void> {
    const { cloud } = this.props.workFolder;
    await this.seal({ unprotect: true });
    writeScenario(cloud, { ...readScenario(cloud), unprotected: true });
    this.isUnprotected = true;
  }

  /**
   * Destroys a stack. Where deletion protection stops that, the refusal is what is rehearsed.
   *
   * @returns what was refused; empty when everything is gone
   * @throws when something else fails, or when protection doesn't hold
   */
  async destroy(stack: RehearsalStack): Promise<readonly string[]> {
    let refused: string[] = [];
    await this.phase(`destroy ${stack.name}`, async () => {
      const guarded = this.isUnprotected ? [] : await this.findGuarded(stack);
      const before = await readState(stack.statePath);
      const result = await this.run(stack, "destroy");
      const after = await readState(stack.statePath);
      const errors = terraformErrors(result.output);
      const protectedOnes = errors.map(protectedBy).filter((each) => each !== undefined);
      const isRefused = result.exitCode !== 0 && errors.length > 0 && protectedOnes.length === errors.length;
      if (result.exitCode !== 0 && (this.isUnprotected || !isRefused)) {
        throw this.terraformFailure(`destroy of ${stack.name} failed`, stack, result);
      }
      const left = new Set(after.resources.map(({ type, name }) => `${type}.${name}`));
      const lost = guarded.filter((name) => !left.has(name));
      if (lost.length > 0) {
        throw new RehearsalFailure({
          what: `deletion protection didn't hold in ${stack.name}`,
          details: lost.map((name) => `${name} is protected, and gone`),
        });
      }
      refused = isRefused ? [...new Set(protectedOnes)] : [];
      if (isRefused) return `is refused, as it should be: ${countNoun(refused.length, "resource")} protected`;
      return countNoun(before.resources.length, "resource");
    });
    return refused;
  }

  /** `type.name` of what must survive a destroy: `prevent_destroy`, and arguments by which providers refuse. */
  private async findGuarded(stack: RehearsalStack): Promise<string[]> {
    const { resources } = await readState(stack.statePath);
    const configured = (await Promise.all(stack.configurationFolders.map(findPreventDestroy))).flat();
    return resources
      .filter(({ attributes }) => attributes.deletion_protection === true)
      .map(({ type, name }) => `${type}.${name}`)
      .concat(configured.filter((each) => resources.some(({ type, name }) => `${type}.${name}` === each)));
  }

  /** @throws naming file and key, when a sensitive value that a cloud invented is anywhere but in a state */
  async checkLeaks(summary = ""): Promise<void> {
    const { workFolder } = this.props;
    const secrets = this.ledger().canaries;
    const leaks = await findLeaks([workFolder.out, workFolder.logs, workFolder.plans], secrets);
    const details = leaks.map(({ file, where }) => `${file.slice(workFolder.path.length + 1)}: ${where}`);
    details.push(...findLeaksInText(summary, secrets).map((where) => `summary: ${where}`));
    if (details.length === 0) return;
    throw new RehearsalFailure({
      what: "a sensitive value is where it doesn't belong",
      details,
      advice: "mark the output or variable as sensitive, or hand on a reference instead of the value",
    });
  }

  /** @throws RehearsalFailure when its file is no ledger */
  ledger(): LedgerFile {
    try {
      return readLedger(this.props.workFolder.cloud);
    } catch (error) {
      throw systemFailure(error) ?? new RehearsalFailure({ what: (error as Error).message });
    }
  }

  /**
   * What the scenario says others have or lack must have stopped the deploy: what didn't isn't in it.
   *
   * @throws RehearsalFailure that names what nothing was called
   */
  requireScenarioMet(): void {
    const { takenNames = [], missingImages = [] } = this.props.scenario ?? {};
    const details = [
      ...takenNames.map((name) => `no resource with a global name is called '${name}'`),
      ...missingImages.map((image) => `nothing that was deployed runs the image '${image}'`),
    ];
    if (details.length === 0) return;
    throw new RehearsalFailure({
      what: "what was to go wrong never came up",
      details,
      advice: "correct the name; --keep leaves the states, where every name can be looked up",
    });
  }

  /** Whether anything exists in the simulated clouds that wasn't there before. */
  hasThings(): boolean {
    return madeIn(this.ledger()).length > 0;
  }

  async states(): Promise<Map<string, TerraformState>> {
    const all = this.everyStack.map(
      async ({ name, statePath }) => [name, await readState(statePath)] as const,
    );
    return new Map(await Promise.all(all));
  }

  /** Stops the simulated clouds. What exists in them stays. */
  async stop(): Promise<void> {
    await this.waitingCdktf?.stop();
    this.waitingCdktf = undefined;
    await this.clouds?.stop();
    this.clouds = undefined;
    await this.stateServer?.stop();
    this.stateServer = undefined;
  }

  /** A stack's Terraform gets the versions of providers that it asks for. */
  private environmentOf({ name }: RehearsalStack): NodeJS.ProcessEnv {
    return { ...this.env, TF_REATTACH_PROVIDERS: this.reattach.get(name) ?? this.env.TF_REATTACH_PROVIDERS };
  }

  private async initialize(stack: RehearsalStack): Promise<void> {
    if (!this.initialized.has(stack.name)) {
      await this.terraform(stack, ["init", "-input=false"], `init of ${stack.name} failed`);
      this.initialized.add(stack.name);
    }
    requireSealed([stack.name], new Map([[stack.name, await findUnsealed(stack.folder, stack)]]));
  }

  /** Where cdktf's terminal has lost what Terraform said, a plan says it again. */
  private async deployFailure(stack: RehearsalStack, result: ChildResult): Promise<RehearsalFailure> {
    const what = `deploy of ${stack.name} failed`;
    const isSilent = terraformErrors(result.output).length === 0 && !DISK_FULL.test(result.output);
    if (stack.tool === "cdktf" && isSilent) await this.hasNothingLeft(stack, what);
    return this.terraformFailure(what, stack, result);
  }

  /** Plans what a deploy may have left to do. @throws what Terraform says against it, under `failure` */
  private async hasNothingLeft(stack: RehearsalStack, failure: string): Promise<boolean> {
    const args = ["plan", "-input=false", "-detailed-exitcode", "-lock-timeout=60s"];
    const { exitCode } = await this.terraform(stack, args, failure, [0, 2]);
    return exitCode === 0;
  }

  private async showPlan(stack: RehearsalStack): Promise<PlanJson> {
    // Not logged: a plan's JSON holds sensitive values in the clear.
    const result = await runChild({
      command: this.program,
      args: ["show", "-json", "plan"],
      cwd: stack.folder,
      env: this.environmentOf(stack),
      interruption: this.props.interruption,
    });
    await rm(join(stack.folder, "plan"), { force: true });
    if (result.exitCode !== 0)
      throw this.terraformFailure(`plan of ${stack.name} can't be shown`, stack, result);
    return JSON.parse(result.stdout) as PlanJson;
  }

  private async run(stack: RehearsalStack, action: "deploy" | "destroy"): Promise<ChildResult> {
    const logFile = this.logFile(`${action}-${stack.name}`);
    const { workFolder, interruption } = this.props;
    const following = { env: this.environmentOf(stack), interruption, logFile, onLine: this.follow(stack) };
    await this.initialize(stack);
    // `cdktf destroy` would run the same `terraform destroy`, after a second of its own.
    if (stack.tool === "cdktf" && action === "deploy") {
      const options = [
        "--skip-synth",
        "--skip-provider-lock",
        "--auto-approve",
        "--ignore-missing-stack-dependencies",
      ];
      const cdktf = this.waitingCdktf ?? new WaitingCdktf(workFolder, this.env);
      const isLast = stack === this.stacks.at(-1);
      this.waitingCdktf = isLast ? undefined : new WaitingCdktf(workFolder, this.env);
      const { env, ...output } = following;
      return this.released(cdktf.run(["deploy", stack.name, ...options], env, output));
    }
    // What is destroyed has just been read anew: its second plan was empty.
    const what = action === "deploy" ? ["apply"] : ["destroy", "-refresh=false"];
    return this.released(
      runChild({
        ...following,
        command: this.program,
        args: [...what, "-input=false", "-auto-approve"],
        cwd: stack.folder,
      }),
    );
  }

  /** Waits until what ran Terraform, and Terraform, have ended. */
  private async released(running: Promise<ChildResult>): Promise<ChildResult> {
    try {
      return await running;
    } finally {
      // Of an interrupted one, too: it saves what it has made.
      await this.stateServer?.release();
    }
  }

  private async terraform(
    stack: RehearsalStack,
    args: readonly string[],
    failure: string,
    accepted: readonly number[] = [0],
  ): Promise<ChildResult> {
    const result = await this.released(
      runChild({
        command: this.program,
        args,
        cwd: stack.folder,
        env: this.environmentOf(stack),
        interruption: this.props.interruption,
        logFile: this.logFile(`${args[0]}-${stack.name}`),
        onLine: this.follow(stack),
      }),
    );
    if (!accepted.includes(result.exitCode)) throw this.terraformFailure(failure, stack, result);
    return result;
  }

  private terraformFailure(what: string, stack: RehearsalStack, result: ChildResult): RehearsalFailure {
    if (this.clouds !== undefined) requireRunning(this.clouds, what);
    const errors = terraformErrors(result.output);
    if (DISK_FULL.test(result.output)) {
      // Terraform then prints the whole state, which belongs on no screen.
      return new RehearsalFailure({
        what: `${what}: the disk is full`,
        advice: "free some space and run the same command again",
      });
    }
    const place = (address: string) => {
      const construct = this.constructOf(stack, address);
      return ` › ${address}${construct === undefined ? "" : ` (${construct})`}`;
    };
    return new RehearsalFailure({
      what,
      details:
        errors.length > 0
          ? errors.map(
              ({ address, text }) => `${stack.name}${address === undefined ? "" : place(address)}\n${text}`,
            )
          : [result.output.trim().split("\n").slice(-20).join("\n")],
      advice: missingThingsAdvice(errors),
    });
  }

  /** Path of the construct that made what has this address. */
  private constructOf({ name }: RehearsalStack, address: string): string | undefined {
    return this.constructs.get(name)?.get(address.replaceAll(/\[[^\]]*\]/g, ""));
  }

  private logFile(name: string): string {
    this.logNumber += 1;
    return join(this.props.workFolder.logs, `${String(this.logNumber).padStart(2, "0")}-${name}.log`);
  }

  /** Turns Terraform's output into progress. */
  private follow(stack: RehearsalStack): (line: string) => void {
    let done = 0;
    let total: number | undefined;
    this.props.view.progress({ text: "planning", done: undefined, total: undefined });
    return (line) => {
      const event = readTerraformLine(line, stack.name);
      if (event === undefined) return;
      if (event.kind === "planned") {
        total = event.total;
        this.props.view.progress({ text: "planned", done, total });
      } else {
        if (event.kind === "finished") done += 1;
        const path = this.constructOf(stack, event.address);
        const construct = path === undefined ? "" : ` (${path.replace(`${stack.name}/`, "")})`;
        this.props.view.progress({ text: `${event.action} ${event.address}${construct}`, done, total });
      }
    };
  }

  private async phase(title: string, work: () => Promise<string | undefined>): Promise<void> {
    const started = Date.now();
    this.props.view.begin(title);
    try {
      this.props.interruption.check();
      const detail = await work();
      this.props.view.end({ ok: true, detail });
    } catch (error) {
      this.props.view.end({ ok: false });
      throw error;
    } finally {
      this.times.push({ phase: title, ms: Date.now() - started });
    }
  }
}

/** What Terraform has made, and what the cloud has made beside that while it is there. */
function madeIn(ledger: LedgerFile): LedgerEntry[] {
  const leftBehind = new Set(findLeftBehind(ledger));
  return Object.values(ledger.entries).filter((entry) => !wasThere(entry) && !leftBehind.has(entry));
}

/** Whether it existed before Terraform came. */
function wasThere({ id, addedBy }: LedgerEntry): boolean {
  return addedBy === id;
}

/** Which versions were rehearsed: Terraform's, and those of the providers that the bindings name. */
async function writeVersions(
  workFolder: WorkFolder,
  program: Readonly<Record<string, string>>,
): Promise<void> {
  const providers = Object.values(providerVersions).map(({ source, version }) => [source, version]);
  const versions = { ...program, providers: Object.fromEntries(providers) };
  await writeFile(join(workFolder.path, "versions.json"), `${JSON.stringify(versions, null, 2)}\n`);
}

function countNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const DISK_FULL = /no space left on/;
