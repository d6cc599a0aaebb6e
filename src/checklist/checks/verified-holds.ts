import type { Check } from "../checklist-item";
import { atStake } from "./finished-agents";

/** What the running fleet says of itself, where somebody asked it; what wasn't asked is a note, not a failure. */
export function verifiedHolds(id: string): Check {
  return (subject) => {
    const { environment, verified } = subject;
    const who = `environment '${environment.name}'`;
    if (verified?.environment === environment.name) {
      const failure = verified.failed[id];
      if (failure !== undefined) {
        const message = `${who}: asked on ${verified.on}, the running fleet answered otherwise: ${failure}`;
        return [{ level: atStake(subject), message }];
      }
      if (verified.passed.includes(id)) return [];
    }
    const message = `${who}: nobody asked the running fleet; hand in what a check of it found with --verified`;
    return [{ level: "note", message }];
  };
}
