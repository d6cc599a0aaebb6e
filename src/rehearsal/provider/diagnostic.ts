import { CloudError } from "./cloud-error";
import type { Path } from "./path";

/** A message of a provider to the person at the command line. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  readonly path?: Path;
}

export function diagnosticOf(error: unknown): Diagnostic {
  if (error instanceof CloudError) return { severity: "error", summary: error.summary, detail: error.detail };
  return { severity: "error", summary: `rehearsal: ${(error as Error).message}`, detail: "" };
}

export function pathMessage(path: Path): object {
  return {
    steps: path.map((step) =>
      typeof step === "number" ? { element_key_int: step } : { attribute_name: step },
    ),
  };
}

export function diagnosticMessage({ severity, summary, detail, path }: Diagnostic): object {
  return {
    severity: severity === "error" ? 1 : 2,
    summary,
    detail,
    ...(path && { attribute: pathMessage(path) }),
  };
}
