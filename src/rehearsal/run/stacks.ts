import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import type { WantedVersion } from "../provider-process";
import { readableAppError } from "./app-error";
import { runChild } from "./child-process";
import { RehearsalFailure } from "./failure";
import type { Interruption } from "./interruption";
import { forgetOtherBackend, type SealProps, sealTerraformFolder } from "./seal";
import {
  findBackend,
  findModules,
  findVersionConstraints,
  placeOf,
  readTerraformFolder,
  type StateLocation,
} from "./terraform-folder";
import type { StackSource, WorkFolder } from "./work-folder";

/** A stack in the work folder, ready for Terraform. */
export interface RehearsalStack {
  readonly name: string;
  /** Terraform's working folder. */
  readonly folder: string;
  /** That folder and those of its local modules. */
  readonly configurationFolders: readonly string[];
  readonly statePath: string;
  /** Where that file is served while a rehearsal works. @default - Terraform reads and writes it itself */
  readonly stateAddress?: string;
  /** What runs it: `cdktf deploy`, or Terraform itself where there is no cdktf output. */
  readonly tool: "cdktf" | "terraform";
  /** Names of the stacks that it says it needs. */
  readonly dependencies: readonly string[];
}

export interface FetchProps {
  readonly source: StackSource;
  readonly workFolder: WorkFolder;
  readonly env: NodeJS.ProcessEnv;
  readonly interruption: Interruption;
}

/**
 * Brings the stacks into the work folder: synthesizes the app, or copies what is there already.
 *
 * @throws RehearsalFailure where there are none, or the app doesn't synthesize
 */
export async function fetchStacks(props: FetchProps): Promise<RehearsalStack[]> {
  const { source, workFolder } = props;
  await rm(workFolder.out, { recursive: true, force: true });
  await mkdir(workFolder.out, { recursive: true });
  switch (source.kind) {
    case "app":
      await synthesize(source.command, props, workFolder.out);
      return readSynthesized(workFolder);
    case "synthesized":
      if (!existsSync(join(source.folder, "manifest.json"))) {
        throw new RehearsalFailure({
          what: `${source.folder} holds no manifest.json, so it isn't what cdktf synth writes (usually cdktf.out)`,
        });
      }
      await copyConfiguration(source.folder, workFolder.out);
      return readSynthesized(workFolder);
    case "terraform":
      return [await copyTerraformFolder(source.folder, workFolder)];
  }
}

/** Context that tells the app where it is: placeholders are allowed, since nothing can reach a real cloud. */
const REHEARSAL_CONTEXT = { rehearsal: true };

/**
 * Runs a cdktf app the way cdktf does, with the rehearsal's context.
 *
 * @throws RehearsalFailure with what the app said, where it fails
 */
export async function synthesize(
  command: string,
  props: Pick<FetchProps, "workFolder" | "env" | "interruption"> & { readonly source: StackSource },
  outputFolder: string,
): Promise<void> {
  const context = JSON.parse(props.env.CDKTF_CONTEXT_JSON ?? "{}") as object;
  const result = await runChild({
    command,
    args: [],
    shell: true,
    cwd: props.source.folder,
    env: {
      ...props.env,
      CDKTF_OUTDIR: outputFolder,
      CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS: "true",
      CDKTF_CONTEXT_JSON: JSON.stringify({ ...context, ...REHEARSAL_CONTEXT }),
    },
    interruption: props.interruption,
    logFile: join(props.workFolder.logs, "synth.log"),
  });
  if (result.exitCode !== 0) {
    throw new RehearsalFailure({
      what: `synth failed: ${command}`,
      details: [readableAppError(result.output, props.source.folder)],
      advice: "correct the definition that the message names, and run the same command again",
    });
  }
  if (!existsSync(join(outputFolder, "manifest.json"))) {
    throw new RehearsalFailure({
      what: `synth wrote no stacks: ${command}`,
      advice: "the app has to call synth() on a cdktf App",
    });
  }
}

interface Manifest {
  readonly stacks: Record<string, ManifestStack>;
}

interface ManifestStack {
  readonly name: string;
  readonly workingDirectory: string;
  readonly annotations?: readonly Annotation[];
  readonly dependencies?: readonly string[];
}

interface Annotation {
  readonly constructPath: string;
  readonly level: string;
  readonly message: string;
}

/** The manifest's order, but none before a stack that it depends on. cdktf knows no cycles among stacks. */
function inOrderOfDependencies(stacks: readonly ManifestStack[]): ManifestStack[] {
  const ordered = new Set<ManifestStack>();
  const add = (stack: ManifestStack) => {
    for (const name of stack.dependencies ?? []) {
      const needed = stacks.find((each) => each.name === name);
      if (needed !== undefined && !ordered.has(needed)) add(needed);
    }
    ordered.add(stack);
  };
  for (const stack of stacks) add(stack);
  return [...ordered];
}

/** The stacks of a cdktf output folder, those that others depend on first. */
export async function readSynthesized(workFolder: WorkFolder): Promise<RehearsalStack[]> {
  const manifest = JSON.parse(await readFile(join(workFolder.out, "manifest.json"), "utf8")) as Manifest;
  const entries = inOrderOfDependencies(Object.values(manifest.stacks));
  const errors = entries.flatMap(({ annotations }) =>
    (annotations ?? []).filter(({ level }) => level.endsWith("error")),
  );
  if (errors.length > 0) {
    throw new RehearsalFailure({
      what: "synth reports errors, which cdktf would refuse to deploy",
      details: errors.map(({ constructPath, message }) => `${constructPath}: ${message}`),
    });
  }
  return Promise.all(
    entries.map(async ({ name, workingDirectory, dependencies = [] }) => {
      const folder = join(workFolder.out, workingDirectory);
      return {
        name,
        folder,
        configurationFolders: await withLocalModules(folder),
        statePath: workFolder.statePath(name),
        tool: "cdktf" as const,
        dependencies,
      };
    }),
  );
}

/** Copies a folder, also where the copy is inside of it: the rehearsal's own files stand in the folder it runs in. */
async function copyConfiguration(folder: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!isConfiguration(entry.name)) continue;
    const [from, to] = [join(folder, entry.name), join(target, entry.name)];
    await (entry.isDirectory() ? copyConfiguration(from, to) : cp(from, to, { recursive: true }));
  }
}

/** State, plugins and version control stay where they are. */
function isConfiguration(name: string): boolean {
  return (
    ![".terraform", ".git", "node_modules", ".rehearsal", ".terraform.lock.hcl"].includes(name) &&
    !/\.tfstate(\.|$)/.test(name)
  );
}

async function copyTerraformFolder(folder: string, workFolder: WorkFolder): Promise<RehearsalStack> {
  const source = resolve(folder);
  const files = existsSync(source) ? await readTerraformFolder(source) : [];
  if (files.length === 0) throw new RehearsalFailure({ what: `${folder} holds no *.tf or *.tf.json` });
  const folders = await withLocalModules(source);
  // Modules beside the folder keep their place relative to it.
  const root = folders.reduce(commonFolder);
  const target = (path: string) => join(workFolder.out, "stacks", basename(root), relative(root, path));
  for (const each of folders) await copyConfiguration(each, target(each));
  const name = basename(source);
  return {
    name,
    folder: target(source),
    configurationFolders: folders.map(target),
    statePath: workFolder.statePath(name),
    tool: "terraform",
    dependencies: [],
  };
}

function commonFolder(one: string, other: string): string {
  const parts = one.split(sep);
  const others = other.split(sep);
  const differs = parts.findIndex((part, index) => part !== others[index]);
  return differs === -1 ? one : parts.slice(0, differs).join(sep);
}

async function withLocalModules(folder: string, known: readonly string[] = []): Promise<string[]> {
  const found = [...known, folder];
  for (const { source, isLocal } of findModules(await readTerraformFolder(folder))) {
    const module = resolve(folder, source);
    // Of one that isn't there, Terraform says so itself.
    if (!isLocal || found.includes(module) || !existsSync(module)) continue;
    found.splice(0, found.length, ...(await withLocalModules(module, found)));
  }
  return found;
}

export interface SealStacksProps extends Pick<SealProps, "served" | "versions" | "unprotect"> {
  /** All stacks of the source, those that aren't deployed included. */
  readonly stacks: readonly RehearsalStack[];
}

/**
 * Seals every stack.
 *
 * @returns what can't be guaranteed, per stack name
 */
export async function sealStacks(props: SealStacksProps): Promise<Map<string, string[]>> {
  const places = new Map<string, string>();
  for (const stack of props.stacks) {
    const backend = findBackend(await readTerraformFolder(stack.folder));
    if (backend !== undefined) places.set(placeOf(backend), stack.statePath);
  }
  const remoteStatePath = (location: StateLocation) => places.get(placeOf(location));
  const problems = new Map<string, string[]>();
  for (const stack of props.stacks) {
    const found: string[] = [];
    for (const folder of stack.configurationFolders) {
      found.push(
        ...(await sealTerraformFolder(folder, {
          statePath: folder === stack.folder ? stack.statePath : undefined,
          stateAddress: stack.stateAddress,
          remoteStatePath,
          served: props.served,
          versions: props.versions,
          unprotect: props.unprotect,
        })),
      );
    }
    await forgetOtherBackend(stack.folder, stack);
    problems.set(stack.name, found);
  }
  return problems;
}

/** The versions of providers that a stack asks for, its modules included. */
export async function findWantedVersions(stack: RehearsalStack): Promise<WantedVersion[]> {
  const files = await Promise.all(stack.configurationFolders.map(readTerraformFolder));
  return findVersionConstraints(files.flat());
}

/** @throws when one of these stacks can't be kept away from what is real */
export function requireSealed(
  names: readonly string[],
  problems: ReadonlyMap<string, readonly string[]>,
): void {
  const details = names.flatMap((name) => (problems.get(name) ?? []).map((problem) => `${name}: ${problem}`));
  if (details.length === 0) return;
  throw new RehearsalFailure({ what: "this can't be rehearsed without touching what is real", details });
}
