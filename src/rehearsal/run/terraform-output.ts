/** Something that Terraform says while it works. */
export type TerraformEvent =
  | { readonly kind: "planned"; readonly total: number }
  | { readonly kind: "started" | "finished"; readonly address: string; readonly action: string };

const PLANNED = /^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy\b/;
const STARTED = /^(\S.*?): (Creating|Modifying|Destroying|Reading|Refreshing state|Opening|Importing)\.\.\./;
const FINISHED = /^(\S.*?): (Creation|Modifications|Destruction) complete after /;
const ACTIONS: Readonly<Record<string, string>> = {
  Creating: "creating",
  Creation: "created",
  Modifying: "changing",
  Modifications: "changed",
  Destroying: "destroying",
  Destruction: "destroyed",
  Reading: "reading",
  "Refreshing state": "reading",
  Opening: "opening",
  Importing: "importing",
};

/** Reads one line of Terraform's output, also as cdktf prints it, indented behind the stack's name. */
export function readTerraformLine(line: string, stack: string): TerraformEvent | undefined {
  const text = (line.startsWith(`${stack} `) ? line.slice(stack.length) : line).trim();
  const planned = PLANNED.exec(text);
  if (planned) {
    return {
      kind: "planned",
      total: planned.slice(1).reduce((sum, count) => sum + Number(count ?? 0), 0),
    };
  }
  const started = STARTED.exec(text);
  if (started?.[1] && started[2]) {
    return { kind: "started", address: started[1], action: ACTIONS[started[2]] ?? started[2] };
  }
  const finished = FINISHED.exec(text);
  if (finished?.[1] && finished[2]) {
    return { kind: "finished", address: finished[1], action: ACTIONS[finished[2]] ?? finished[2] };
  }
  return undefined;
}

/** An error as Terraform printed it. */
export interface TerraformDiagnostic {
  /** The resource, where Terraform names one. */
  readonly address?: string;
  /** Terraform's text, without its frame. */
  readonly text: string;
}

/**
 * The errors in Terraform's output, each once: cdktf repeats them at its end. Terraform frames them
 * (╷ │ ╵) unless it was told to print no colour, which the rehearsal never does.
 */
export function terraformErrors(output: string): TerraformDiagnostic[] {
  const found = new Map<string, TerraformDiagnostic>();
  let lines: string[] | undefined;
  for (const line of output.split("\n")) {
    if (/^[^│]*╷\s*$/.test(line)) {
      lines = [];
    } else if (lines !== undefined && /^[^│]*╵\s*$/.test(line)) {
      const text = lines.join("\n").trim();
      if (text.startsWith("Error: ")) {
        const address = addressIn(text);
        found.set(text, address === undefined ? { text } : { address, text });
      }
      lines = undefined;
    } else if (lines !== undefined) {
      lines.push(line.replace(/^[^│]*│ ?/, "").trimEnd());
    }
  }
  return [...found.values()];
}

/**
 * The resource that an error is about: Terraform names it, or only the block that it found fault with. Behind it, cdktf
 * prints the construct in brackets.
 */
function addressIn(text: string): string | undefined {
  const named = /^\s*with (\S.*?)(?: \(.*\))?,$/m.exec(text)?.[1];
  if (named !== undefined) return named;
  const block =
    /^\s*on \S+ line \d+(?:, in |, )(resource|data|ephemeral)[ .]"?([\w-]+)"?[ .]"?([\w-]+)/m.exec(text);
  if (block === null) return undefined;
  const [, kind, type, name] = block;
  return kind === "resource" ? `${type}.${name}` : `${kind}.${type}.${name}`;
}

/** How Terraform and OpenTofu say that a resource must not be destroyed; the latter names the instance since 1.12. */
const PREVENTED = /Resource\s+(?:instance\s+)?(\S+)\s+has\s+(?:lifecycle\.)?prevent_destroy\s+set/;

/** How providers do. */
const REFUSED = /deletion_protection|prevent_deletion_if_contains_resources|ScopeLocked/;

/**
 * What kept a destroy from happening: the address where Terraform names it, otherwise what the provider said.
 *
 * @returns undefined where the error is about something else
 */
export function protectedBy({ text }: TerraformDiagnostic): string | undefined {
  const address = PREVENTED.exec(text)?.[1];
  if (address !== undefined || !REFUSED.test(text)) return address;
  return text.replace(/^Error: /, "").split("\n")[0];
}

/** What to do where Terraform looked for things that nobody made: undefined where it didn't. */
export function missingThingsAdvice(errors: readonly TerraformDiagnostic[]): string | undefined {
  const types = errors
    .filter(({ text }) => /was not found|\b404\b/.test(text))
    .flatMap(({ address }) => /^data\.(\w+)\./.exec(address ?? "")?.[1] ?? []);
  if (types.length === 0) return undefined;
  return (
    "a simulated cloud has nothing but what is deployed there: name what exists before in a file, and give it with " +
    `--existing (a list of { type, attributes }, as in docs/rehearsal.md): ${[...new Set(types)].join(", ")}`
  );
}
