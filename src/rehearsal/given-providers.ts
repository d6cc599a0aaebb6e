import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A provider, or a version of one, of which somebody gave the schema: `terraform providers schema -json`. */
export interface GivenProvider {
  /** Namespace and name in the registry: `hashicorp/null`. */
  readonly source: string;
  /** Host of the registry that it comes from. */
  readonly host: string;
  /**
   * Which version it is. The schema doesn't say.
   *
   * @default - stands for every version
   */
  readonly version?: string;
  readonly protocol: 5 | 6;
  /** Its schemas, one line a type, as the project keeps those of its own. */
  readonly lines: string;
}

const FILE = "given-providers.json";

/** Those that a rehearsal's folder was given; none where it was given nothing. */
export function readGivenProviders(folder: string): GivenProvider[] {
  const path = join(folder, FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as GivenProvider[]) : [];
}

/** Keeps them in a rehearsal's folder, for all that is run against its clouds from now on. */
export function writeGivenProviders(folder: string, given: readonly GivenProvider[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILE), JSON.stringify(given));
}

/** What it is called: also what of a type's name says whose it is. */
export function nameOfSource(source: string): string {
  return source.split("/").at(-1) ?? source;
}
