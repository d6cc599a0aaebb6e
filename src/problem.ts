import { hideSecrets } from "./find-secrets";

/** One mistake in what a user wrote, in their own terms. Found, collected and shown together, never thrown alone. */
export interface Problem {
  /** Short stable name of the rule that found it, in kebab-case: what a test or a search refers to. */
  readonly rule: string;
  /** Who, what they gave, what is allowed, what to do: one sentence a user can act on. */
  readonly message: string;
  /** The exception that lets it pass, where one does. */
  readonly excused?: { readonly reason: string; readonly until: string; readonly owner?: string };
}

/** The same problems, without what looks like a secret in what a user wrote: messages end up in logs. */
export function withoutSecrets(problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, message: hideSecrets(problem.message) }));
}

/** Thrown where a fleet with problems would otherwise be built. Its message lists all of them; its stack is of no use. */
export class FleetError extends Error {
  constructor(
    subject: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      [`${subject}: ${count}`, ...problems.map(({ message, rule }) => `  - ${message} [${rule}]`)].join("\n"),
    );
    this.name = "FleetError";
  }
}

/** @throws FleetError when there is any problem. */
export function refuse(subject: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new FleetError(subject, problems);
}

/** `a, b and c`, for messages. */
export function listOf(items: readonly string[]): string {
  if (items.length === 0) return "none";
  if (items.length === 1) return items[0] as string;
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
