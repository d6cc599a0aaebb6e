import { expect, test } from "vitest";
import { settingChanges } from "./setting-changes";
import { type Walked, walkSettings } from "./walk-settings";

const noLimit = "nothing in front ends a stream that a client would have to take up again";

/** Settings that have to be there and that nothing of a fleet reads. */
const withoutMeaning: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cluster: {
    "definition.resubscribe": noLimit,
    "environment.prefix": "nothing in a cluster has a name that is unique in the world",
  },
  local: {
    "definition.resubscribe": noLimit,
    "environment.prefix": "nothing on one machine has a name that is unique in the world",
    "environment.domain": "one machine's agents are below its own address",
  },
  "cloud-run": {
    "definition.resubscribe": noLimit,
    "environment.prefix": "what Google names in the world it names by project",
  },
};

/** Walks every setting in the fleet of one home. */
export function walkHome(name: string): void {
  test(`every setting changes what is made of a fleet on ${name}, or is said, or is refused by name`, async () => {
    const walked = await walkSettings(name, settingChanges);
    const crashes = walked.filter(({ outcome }) => outcome === "crashed");
    expect(crashes.map(({ setting, words }) => `${setting}: ${words}`)).toEqual([]);
    const isSeen = ({ outcome, words }: Walked) => outcome !== "dropped" && words === undefined;
    const seen = new Set(walked.filter(isSeen).map(({ setting }) => setting));
    const unseen = walked.filter(({ setting }) => !seen.has(setting));
    expect(unseen.map(({ setting, words = "" }) => `${setting} ${words}`.trim())).toEqual(
      Object.keys(withoutMeaning[name] ?? {}),
    );
  });
}
