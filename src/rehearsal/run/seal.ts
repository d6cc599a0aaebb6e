import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ServedProvider } from "../provider/main";
import { providerVersions } from "../provider/schema/schema-store";
import { isAdmitted } from "../provider-process";
import {
  blocks,
  findModules,
  findProviders,
  findVersionConstraints,
  nested,
  OVERRIDE_FILE,
  placeOf,
  readTerraformFolder,
  type StateLocation,
  type TerraformFile,
} from "./terraform-folder";

export interface SealProps {
  /** Path of the state file inside the work folder; undefined for a child module, which has no state of its own. */
  readonly statePath?: string;
  /**
   * Where that state is served. See `StateServer`.
   *
   * @default - Terraform reads and writes the file itself
   */
  readonly stateAddress?: string;
  /** The file that stands for a remote state, or undefined if no stack of this rehearsal writes it. */
  readonly remoteStatePath: (location: StateLocation) => string | undefined;
  /** `namespace/type` of the providers that the simulated clouds serve. */
  readonly served: ReadonlySet<string>;
  /**
   * The versions of them that stand side by side.
   *
   * @default - those that the project holds
   */
  readonly versions?: readonly Pick<ServedProvider, "source" | "version">[];
  /** Takes `prevent_destroy` off every resource. @default false */
  readonly unprotect?: boolean;
}

/**
 * Makes sure that nothing Terraform does in this folder can reach a real state or run a program: state and
 * remote states become files of the work folder, by an override file.
 *
 * @returns what can't be guaranteed, one line each; nobody may run Terraform there then
 */
export async function sealTerraformFolder(folder: string, props: SealProps): Promise<string[]> {
  const files = await readTerraformFolder(folder);
  const versions = props.versions ?? Object.values(providerVersions);
  const problems = [...findUnsealable(files, props.served), ...findOtherVersions(files, versions)];

  const remoteStates: Record<string, object> = {};
  for (const { labels, body } of blocks(files, "data", 2)) {
    const [type, name] = labels;
    if (type !== "terraform_remote_state" || name === undefined) continue;
    const location = { backend: String(body.backend), config: nested(body, "config")[0] ?? {} };
    const path = props.remoteStatePath(location);
    if (path === undefined) {
      problems.push(
        `data.terraform_remote_state.${name} reads a state that no stack of this rehearsal writes (${placeOf(location)})`,
      );
    } else {
      const workspace = "workspace" in body ? { workspace: null } : {};
      remoteStates[name] = { backend: "local", config: { path }, ...workspace };
    }
  }

  const resources: Record<string, Record<string, object>> = {};
  if (props.unprotect) {
    for (const { labels, body } of blocks(files, "resource", 2)) {
      const [type = "", name = ""] = labels;
      if (!preventsDestroy(body)) continue;
      resources[type] ??= {};
      resources[type][name] = { lifecycle: { prevent_destroy: false } };
    }
  }

  const override = {
    ...(props.statePath === undefined
      ? {}
      : { terraform: { backend: backendOf({ ...props, statePath: props.statePath }) } }),
    ...(Object.keys(remoteStates).length === 0 ? {} : { data: { terraform_remote_state: remoteStates } }),
    ...(Object.keys(resources).length === 0 ? {} : { resource: resources }),
  };
  await writeFile(join(folder, OVERRIDE_FILE), `${JSON.stringify(override, null, 2)}\n`);
  return problems;
}

/** What no override can make safe. */
function* findUnsealable(files: readonly TerraformFile[], served: ReadonlySet<string>): Generator<string> {
  for (const { name } of files) {
    if (/(^|_)override\.tf(\.json)?$/.test(name) && name > OVERRIDE_FILE) {
      yield `${name} would override the rehearsal's own ${OVERRIDE_FILE}; give it a name that sorts before it`;
    }
  }
  for (const provider of findProviders(files)) {
    if (!served.has(provider)) {
      yield `provider ${provider} isn't served by the simulated clouds (${[...served].sort().join(", ")}); give its schema with --provider-schema, or take it out`;
    }
  }
  for (const { name, source, isLocal } of findModules(files)) {
    if (!isLocal) {
      yield `module ${name} comes from ${source}, which can't be looked into; copy it to a folder beside the stack`;
    }
  }
  for (const { labels, body } of blocks(files, "check", 1)) {
    if (
      blocks([{ name: "", content: body }], "data", 2).some(
        (data) => data.labels[0] === "terraform_remote_state",
      )
    ) {
      yield `check ${labels[0]} reads a remote state, which no override reaches; move that data source out of the check`;
    }
  }
  const provisioned = [
    ...blocks(files, "resource", 2).map(({ labels, body }) => ({ name: labels.join("."), body })),
    ...blocks(files, "removed", 0).map(({ body }) => ({ name: `removed ${String(body.from)}`, body })),
  ];
  for (const { name, body } of provisioned) {
    if (body.provisioner !== undefined) yield `${name} has a provisioner, which would run for real`;
  }
}

/** Constraints that exclude every version that stands there: what passes here may fail with the other. */
function* findOtherVersions(
  files: readonly TerraformFile[],
  versions: readonly Pick<ServedProvider, "source" | "version">[],
): Generator<string> {
  for (const { source, constraint } of findVersionConstraints(files)) {
    const there = versions.filter((each) => each.source === source);
    if (there.length === 0 || there.some((each) => isAdmitted(each, [{ source, constraint }]))) continue;
    const known = there.map(({ version }) => version).join(" and ");
    yield `provider ${source} is asked for in version ${constraint}, and simulated in version ${known}; rehearse with a constraint that admits ${known}, or give the schema of a version that it admits with --provider-schema`;
  }
}

/**
 * Whether Terraform has read a folder the way it was sealed: what it says of its backend and modules once it has been
 * initialized, instead of what we make of its files.
 *
 * @returns what it reads elsewhere, one line each; nobody may go on then
 */
export async function findUnsealed(
  folder: string,
  { configurationFolders, ...place }: StatePlace & { readonly configurationFolders: readonly string[] },
): Promise<string[]> {
  const backend = await readBackend(folder);
  const { Modules: modules = [] } = (await readWritten(folder, "modules/modules.json")) as {
    Modules?: readonly { Key: string; Dir: string }[];
  };
  return [
    ...(isBackend(backend, place)
      ? []
      : [`Terraform keeps its state in the backend ${backend?.type ?? "that it has by default"}`]),
    ...modules
      .filter(({ Dir: place }) => !configurationFolders.includes(resolve(folder, place)))
      .map(({ Key: name, Dir: place }) => `Terraform reads module ${name} from ${place}`),
  ];
}

/** Lets go of what Terraform has initialized for a state that was kept elsewhere: it would ask where to move it. */
export async function forgetOtherBackend(folder: string, place: StatePlace): Promise<void> {
  const backend = await readBackend(folder);
  if (backend === undefined || isBackend(backend, place)) return;
  await rm(join(folder, ".terraform"), { recursive: true });
}

/** Where a stack's state is, and how Terraform gets at it. */
type StatePlace = { readonly statePath: string; readonly stateAddress?: string };

/** The `backend` block that leads Terraform there. */
function backendOf({ statePath, stateAddress }: StatePlace): Record<string, Record<string, string>> {
  if (stateAddress === undefined) return { local: { path: statePath } };
  return { http: { address: stateAddress, lock_address: stateAddress, unlock_address: stateAddress } };
}

/** A backend as `terraform init` has written it down. */
interface WrittenBackend {
  readonly type?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

async function readBackend(folder: string): Promise<WrittenBackend | undefined> {
  return ((await readWritten(folder, "terraform.tfstate")) as { backend?: WrittenBackend }).backend;
}

function isBackend(backend: WrittenBackend | undefined, place: StatePlace): boolean {
  return Object.entries(backendOf(place)).every(
    ([type, config]) =>
      backend?.type === type &&
      Object.entries(config).every(([name, value]) => backend.config?.[name] === value),
  );
}

/** What `terraform init` has written down; empty where it had nothing to say. */
async function readWritten(folder: string, name: string): Promise<object> {
  const text = await readFile(join(folder, ".terraform", name), "utf8").catch(() => "{}");
  return JSON.parse(text) as object;
}

/** `type.name` of the resources whose destruction the configuration itself forbids. */
export async function findPreventDestroy(folder: string): Promise<string[]> {
  return blocks(await readTerraformFolder(folder), "resource", 2)
    .filter(({ body }) => preventsDestroy(body))
    .map(({ labels }) => labels.join("."));
}

function preventsDestroy(body: Record<string, unknown>): boolean {
  return nested(body, "lifecycle").some(({ prevent_destroy }) => prevent_destroy === true);
}
