import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type LedgerFile, ledgerPath, readLedger } from "../../../../src/rehearsal/ledger";
import { type ProviderProcess, startProviders } from "../../../../src/rehearsal/provider-process";
import { type Scenario, writeScenario } from "../../../../src/rehearsal/scenario";
import { findTypesInUse } from "../../../../src/rehearsal/types-in-use";

interface Run {
  readonly ok: boolean;
  readonly code: number | null;
  /** Everything that Terraform printed, in one line: its boxes and line breaks depend on the terminal. */
  readonly text: string;
}

/** What a plan does to an address: `create`, `update`, `replace`, `delete`. */
export type Actions = Readonly<Record<string, string>>;

const REQUIRED = ["azurerm", "azuread", "google", "helm", "kubernetes", "random", "time"]
  .map((name) => `    ${name} = { source = "hashicorp/${name}" }`)
  .join("\n");

const APPLY = ["apply", "-auto-approve", "-input=false"];
const DESTROY = ["destroy", "-auto-approve", "-input=false"];

/** The provider blocks that most configurations need. */
export const PROVIDERS = `
provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-00000000000a"
  features {}
}
provider "google" {
  project = "fleet-project"
  region  = "europe-west1"
}
provider "kubernetes" {
  host = "https://cluster.example"
}
provider "helm" {
  kubernetes = { host = "https://cluster.example" }
}
`;

/**
 * A folder with a Terraform configuration beside a running simulated cloud. Every test starts with an empty
 * configuration, state and cloud; server and initialization are shared by a file's tests.
 */
export class Workbench {
  readonly root = mkdtempSync(join(tmpdir(), "a2a-wb-"));
  readonly work = join(this.root, "work");
  readonly folder = join(this.root, "stack");
  private server: ProviderProcess | undefined;

  static forFile(): Workbench {
    const bench = new Workbench();
    beforeAll(() => bench.start());
    beforeEach(() => bench.reset());
    afterAll(() => bench.stop());
    return bench;
  }

  get process(): ProviderProcess {
    if (!this.server) throw new Error("the workbench has not been started");
    return this.server;
  }

  /** Replaces the configuration; the provider blocks are those of `PROVIDERS` unless it brings its own. */
  async write(configuration: string, providers = PROVIDERS): Promise<void> {
    const terraform = `terraform {\n  required_providers {\n${REQUIRED}\n  }\n}\n`;
    writeFileSync(join(this.folder, "main.tf"), terraform + providers + configuration);
    await this.process.offer(findTypesInUse(this.folder), [this.folder]);
  }

  scenario(scenario: Partial<Scenario>): void {
    writeScenario(this.work, scenario);
  }

  ledger(): LedgerFile {
    return readLedger(this.work);
  }

  /** Changes the simulated cloud behind Terraform's back. */
  editLedger(
    edit: (ledger: { entries: Record<string, { attributes: Record<string, unknown> }> }) => void,
  ): void {
    const path = ledgerPath(this.work);
    const ledger = JSON.parse(readFileSync(path, "utf8"));
    edit(ledger);
    writeFileSync(path, JSON.stringify(ledger));
  }

  terraform(...args: string[]): Run {
    const result = spawnSync("terraform", [...args, "-no-color"], {
      cwd: this.folder,
      env: this.environment(),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    return { ok: result.status === 0, code: result.status, text: oneLine(result.stdout + result.stderr) };
  }

  /** Starts Terraform without waiting for it. */
  launch(...args: string[]) {
    return spawn("terraform", [...args, "-no-color"], {
      cwd: this.folder,
      env: this.environment(),
      stdio: "ignore",
    });
  }

  /** What Terraform prints about a command that works. */
  working(...args: string[]): string {
    const run = this.terraform(...args);
    if (!run.ok) throw new Error(`terraform ${args.join(" ")} failed: ${run.text.replace(/^.*?Error:/, "")}`);
    return run.text;
  }

  /** What Terraform prints about a command that it refuses. */
  refused(...args: string[]): string {
    const run = this.terraform(...args);
    if (run.ok) throw new Error(`terraform ${args.join(" ")} should have failed: ${run.text}`);
    return run.text;
  }

  apply(): string {
    return this.working(...APPLY);
  }

  applyRefused(): string {
    return this.refused(...APPLY);
  }

  destroy(): string {
    return this.working(...DESTROY);
  }

  destroyRefused(): string {
    return this.refused(...DESTROY);
  }

  /** The actions of a plan by address; nothing for what stays as it is. */
  plan(...args: string[]): Actions {
    const file = join(this.root, "plan");
    this.working("plan", "-input=false", `-out=${file}`, ...args);
    const shown = spawnSync("terraform", ["show", "-json", file], {
      cwd: this.folder,
      env: this.environment(),
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    const { resource_changes: changes = [] } = JSON.parse(shown.stdout);
    const actions: Record<string, string> = {};
    for (const { address, change } of changes) {
      const action = change.actions.length > 1 ? "replace" : change.actions[0];
      if (action !== "no-op" && action !== "read") actions[address] = action;
    }
    return actions;
  }

  /** Whether Terraform has written down a resource of a type by now. */
  hasState(type: string): boolean {
    const path = join(this.folder, "terraform.tfstate");
    return existsSync(path) && readFileSync(path, "utf8").includes(`"type": "${type}"`);
  }

  state(): Record<string, Record<string, unknown>> {
    const path = join(this.folder, "terraform.tfstate");
    const { resources } = JSON.parse(readFileSync(path, "utf8"));
    return Object.fromEntries(
      resources.map(
        (resource: { mode: string; type: string; name: string; instances: { attributes: object }[] }) => [
          `${resource.mode === "data" ? "data." : ""}${resource.type}.${resource.name}`,
          resource.instances[0]?.attributes,
        ],
      ),
    );
  }

  outputs(): Record<string, unknown> {
    const { outputs } = JSON.parse(readFileSync(join(this.folder, "terraform.tfstate"), "utf8"));
    return Object.fromEntries(
      Object.entries(outputs as Record<string, { value: unknown }>).map(([name, { value }]) => [name, value]),
    );
  }

  private async start(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.root, "terraform.rc"), "");
    this.server = await startProviders({ folder: this.work, seed: "test" });
    await this.write("");
    this.working("init", "-input=false");
  }

  /** Empties configuration, state and cloud. */
  reset(): void {
    for (const name of readdirSync(this.folder)) {
      if (name !== ".terraform") rmSync(join(this.folder, name), { recursive: true });
    }
    writeScenario(this.work, {});
    writeFileSync(
      ledgerPath(this.work),
      JSON.stringify({
        format: 1,
        seed: "test",
        clock: 0,
        entries: {},
        softDeleted: {},
        canaries: [],
        types: [],
        attempts: {},
      }),
    );
  }

  private async stop(): Promise<void> {
    await this.server?.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.process.variables,
      TF_CLI_CONFIG_FILE: join(this.root, "terraform.rc"),
      TF_IN_AUTOMATION: "1",
    };
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[╷│╵]/g, " ").replaceAll(/\s+/g, " ");
}
