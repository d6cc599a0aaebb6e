import { readFile } from "node:fs/promises";
import { RehearsalFailure } from "./failure";

/** One resource instance in a state. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** Address of the provider, as in `registry.terraform.io/hashicorp/azurerm`. */
  readonly provider: string;
  readonly tainted: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A state file, reduced to what the rehearsal compares and shows. */
export interface TerraformState {
  readonly resources: readonly StateResource[];
  /** Outputs that aren't sensitive. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

interface StateFile {
  readonly version: number;
  readonly outputs?: Record<string, { value: unknown; sensitive?: boolean }>;
  readonly resources?: {
    module?: string;
    mode: string;
    type: string;
    name: string;
    provider: string;
    instances: { index_key?: string | number; status?: string; attributes?: Record<string, unknown> }[];
  }[];
}

/**
 * Reads a local state file (format 4). The file rather than `terraform show -json`, which would load every
 * provider's schema again for each look.
 */
export async function readState(path: string): Promise<TerraformState> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (text.trim() === "") return { resources: [], outputs: {} };
  const file = parseState(text, path);
  const resources = (file.resources ?? [])
    .filter(({ mode }) => mode === "managed")
    .flatMap((resource) =>
      resource.instances.map((instance) => ({
        address: `${resource.module ? `${resource.module}.` : ""}${resource.type}.${resource.name}${
          instance.index_key === undefined ? "" : `[${JSON.stringify(instance.index_key)}]`
        }`,
        type: resource.type,
        name: resource.name,
        provider: /\["([^"]+)"\]/.exec(resource.provider)?.[1] ?? resource.provider,
        tainted: instance.status === "tainted",
        attributes: instance.attributes ?? {},
      })),
    );
  const outputs = Object.entries(file.outputs ?? {})
    .filter(([, output]) => output.sensitive !== true)
    .map(([name, output]) => [name, output.value]);
  return { resources, outputs: Object.fromEntries(outputs) };
}

function parseState(text: string, path: string): StateFile {
  try {
    return JSON.parse(text) as StateFile;
  } catch {
    throw new RehearsalFailure({
      what: `${path} is damaged, as a full disk or a kill may leave it`,
      advice: "start over with --fresh",
    });
  }
}
