import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { RehearsalFailure } from "./failure";
import { terraformSettings } from "./sealed-environment";

/** Where rehearsals leave everything, in the project's folder; git ignores it. */
export const WORK_ROOT = ".rehearsal";

/** What a work folder remembers of the run before. */
export interface RunRecord {
  /** Where the stacks come from. A cloud made from one source isn't continued with another. */
  readonly source: StackSource;
  readonly stacks: readonly string[];
  /** How the last run ended: `running` if it was killed. */
  readonly outcome: "running" | "kept" | "failed";
}

/** Where stacks come from. */
export type StackSource =
  /** A cdktf app, run as cdktf would run it. */
  | { readonly kind: "app"; readonly command: string; readonly folder: string }
  /** What someone's `cdktf synth` wrote: a folder with manifest.json. */
  | { readonly kind: "synthesized"; readonly folder: string }
  /** A folder with hand-written Terraform. */
  | { readonly kind: "terraform"; readonly folder: string };

/** One simulated cloud and everything around it: stacks, states, logs, settings. Nothing is written elsewhere. */
export class WorkFolder {
  readonly path: string;
  private isOurs = false;

  constructor(
    readonly projectFolder: string,
    readonly name: string,
  ) {
    if (!/^[a-z0-9][a-z0-9+_-]*$/i.test(name)) {
      throw new RehearsalFailure({
        what: `'${name}' can't name a simulated cloud; use letters, digits, '-', '_' and '+'`,
      });
    }
    this.path = join(projectFolder, WORK_ROOT, name);
  }

  /** As people read it, from the folder they are in. */
  get shown(): string {
    return relative(process.cwd(), this.path) || ".";
  }
  /** The simulated cloud: the ledger. */
  get cloud(): string {
    return join(this.path, "cloud");
  }
  /** cdktf's output folder. */
  get out(): string {
    return join(this.path, "out");
  }
  get logs(): string {
    return join(this.path, "logs");
  }
  get plans(): string {
    return join(this.path, "plans");
  }
  get home(): string {
    return join(this.path, "home");
  }
  get terraformConfigFile(): string {
    return join(this.home, "terraform.rc");
  }
  private get lockFile(): string {
    return join(this.path, "lock");
  }
  private get recordFile(): string {
    return join(this.path, "rehearsal.json");
  }

  statePath(stack: string): string {
    return join(this.path, "state", `${stack}.tfstate`);
  }

  exists(): boolean {
    return existsSync(this.recordFile);
  }

  /**
   * Makes the folder this process' own until `close` or `remove`. Again and again is fine.
   *
   * @throws when another rehearsal is working in it
   */
  async open(): Promise<void> {
    await mkdir(this.path, { recursive: true });
    if (!this.isOurs) await this.lock();
    this.isOurs = true;
    const folders = [this.cloud, this.out, this.logs, join(this.path, "state"), join(this.home, "none")];
    for (const folder of folders) await mkdir(folder, { recursive: true });
    await writeFile(this.terraformConfigFile, terraformSettings(join(this.home, "none")));
  }

  private async lock(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await writeFile(this.lockFile, `${process.pid}\n`, { flag: "wx" });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const owner = Number(readFileSync(this.lockFile, "utf8"));
      if (attempt > 0 || (owner > 0 && isRunning(owner))) {
        throw new RehearsalFailure({
          what: `another rehearsal (process ${owner}) is working in ${this.shown}`,
          advice: `wait for it, use another cloud with --name, or delete ${join(this.shown, "lock")} if that process is no rehearsal`,
        });
      }
      // Left by one that was killed.
      await rm(this.lockFile, { force: true });
    }
  }

  async readRecord(): Promise<RunRecord | undefined> {
    const text = await readFile(this.recordFile, "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as RunRecord;
    } catch {
      // Cut short by a kill or a full disk: the state files tell what exists, this only tells the story.
      return undefined;
    }
  }

  async writeRecord(record: RunRecord): Promise<void> {
    await writeFile(this.recordFile, `${JSON.stringify(record, null, 2)}\n`);
  }

  async close(): Promise<void> {
    if (this.isOurs) await rm(this.lockFile, { force: true });
    this.isOurs = false;
  }

  /** Empties the folder, which stays ours. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (name !== basename(this.lockFile)) await rm(join(this.path, name), { recursive: true, force: true });
    }
    await this.open();
  }

  /** Removes the folder, if it is ours, and the root as well if this was the last one. */
  async remove(): Promise<void> {
    if (!this.isOurs) return;
    this.isOurs = false;
    await rm(this.path, { recursive: true, force: true });
    const root = join(this.projectFolder, WORK_ROOT);
    const left = await readdir(root).catch(() => ["?"]);
    if (left.length === 0) await rm(root, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
