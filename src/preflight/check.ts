/** Something that a deploy would stumble over. */
export interface Finding {
  /** What is missing, in one sentence. */
  readonly what: string;
  /** What to do about it: a command where there is one. */
  readonly remedy: string;
  /** Whether a deploy fails without it, or only may. */
  readonly weight: "missing" | "doubtful";
}

/** A question that is asked before a deploy. */
export interface Check {
  /** What it is about, in a few words. */
  readonly name: string;
  /**
   * Asks.
   *
   * @throws Unanswered when nobody can be asked, with one line that says why.
   */
  readonly run: () => Promise<readonly Finding[]>;
}

/** A check that got no answer: no network, no such host, a service that is down. */
export class Unanswered extends Error {}

/** A host whose name leads nowhere: where the network works, what it would belong to doesn't exist. */
export class HostNotFound extends Unanswered {}

/**
 * Why a host's answer did not come, as one line.
 *
 * @param error what `fetch` threw
 * @param timeoutMs milliseconds for which it was waited for
 */
export function noAnswer(url: string, error: unknown, timeoutMs: number): Unanswered {
  const { name, message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  const reason =
    name === "TimeoutError" ? `no answer within ${timeoutMs / 1000} s` : (cause?.code ?? message);
  const Kind = reason === "ENOTFOUND" ? HostNotFound : Unanswered;
  return new Kind(`${new URL(url).host} does not answer (${reason})`);
}

/** A check and what came of it. */
export interface CheckResult {
  readonly name: string;
  readonly findings: readonly Finding[];
  /** Why there is no answer, or null where there is one. */
  readonly unanswered: string | null;
}

/** Runs checks side by side; what one of them cannot find out keeps no other from being told. */
export async function runChecks(checks: readonly Check[]): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async ({ name, run }) => {
      try {
        return { name, findings: await run(), unanswered: null };
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        return { name, findings: [], unanswered: error.message };
      }
    }),
  );
}
