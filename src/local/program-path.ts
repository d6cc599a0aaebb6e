import { readdirSync } from "node:fs";
import { delimiter } from "node:path";

/** The path, and where Debian has programs that only administrators have on theirs. */
export function programPath(): string {
  return [process.env.PATH, "/usr/sbin", ...postgresFolders()].join(delimiter);
}

/** Newest first, as far as names tell. */
function postgresFolders(): string[] {
  try {
    const versions = readdirSync("/usr/lib/postgresql").toSorted().toReversed();
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}
