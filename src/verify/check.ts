/** What came of one question to a running agent. */
export interface Outcome {
  /**
   * `kept`: seen; `broken`: seen to be otherwise; `unseen`: it couldn't be told, or wasn't asked for.
   */
  readonly verdict: "kept" | "broken" | "unseen";
  /** What was seen, or what to do to see it. */
  readonly saw: string;
  /** Figures, in milliseconds. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** A check of one agent and what came of it. */
export interface Verified extends Outcome {
  /** The agent's URL. */
  readonly url: string;
  /** Short stable name. */
  readonly check: string;
  /** The promise of the fleet that it is evidence for. */
  readonly promise: string;
}

export const kept = (saw: string, figures?: Outcome["figures"]): Outcome => ({
  verdict: "kept",
  saw,
  ...(figures === undefined ? {} : { figures }),
});

export const broken = (saw: string, figures?: Outcome["figures"]): Outcome => ({
  verdict: "broken",
  saw,
  ...(figures === undefined ? {} : { figures }),
});

export const unseen = (saw: string): Outcome => ({ verdict: "unseen", saw });
