import type { Diagnostic } from "../diagnostic";
import type { Path } from "../path";

export function problemAt(path: Path, summary: string, detail = ""): Diagnostic {
  return { severity: "error", summary, detail, path };
}
