import { expect, test } from "vitest";
import { rightFleets, withTextEverywhere } from "../support/mistaken-fleet";
import { tryFleet } from "../support/try-fleet";

/** To Terraform a reference, to whoever wrote it a text. */
const TEXT = "${nobody.knows}";
const UNESCAPED = /.{0,80}(?<!\$)\$\{nobody\.knows\}/;

test.each(Object.keys(rightFleets))(
  "no text of a fleet like '%s' is read by Terraform as a reference",
  async (base) => {
    const raw: string[] = [];
    let built = 0;
    for (const fleet of withTextEverywhere(base, TEXT)) {
      const outcome = await tryFleet(fleet);
      expect(outcome.kind === "crashed" ? outcome.stack : "", fleet.mistake).toBe("");
      if (outcome.kind !== "built") continue;
      built++;
      const [found] = UNESCAPED.exec(JSON.stringify(outcome.stacks)) ?? [];
      if (found !== undefined) raw.push(`${fleet.mistake}: ${found}`);
    }
    expect(raw).toEqual([]);
    // What takes any text takes this one, too: titles, descriptions, tags.
    expect(built).toBeGreaterThan(5);
  },
);
