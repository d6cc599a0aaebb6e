import type { Environment } from "./environment";

/** What an environment does against loss and outage. */
export interface Safeguards {
  readonly deletionProtection: boolean;
  readonly highAvailability: boolean;
}

/** Those that an environment asks for; production has both unless it says otherwise. */
export function safeguards({ stage, deletionProtection, highAvailability }: Environment): Safeguards {
  const production = stage === "production";
  return {
    deletionProtection: deletionProtection ?? production,
    highAvailability: highAvailability ?? production,
  };
}
