import { describe, expect, it } from "vitest";
import { renderSummary } from "../../../src/rehearsal/run/summary";

const nothing = { states: new Map(), times: [], verbose: false };

describe("the end of a rehearsal", () => {
  it("lists what was taken without a look, and says nothing where everything was judged", () => {
    const reason = "the chart operator comes from elsewhere";
    expect(renderSummary({ ...nothing, notJudged: [reason] })).toMatch(
      /Taken without a look \(1\).*\n {2}the chart operator/,
    );
    expect(renderSummary({ ...nothing, notJudged: [] })).not.toContain("without a look");
  });
});
