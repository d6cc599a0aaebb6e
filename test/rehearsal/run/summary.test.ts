import { describe, expect, it } from "vitest";
import type { Fidelity } from "../../../src/rehearsal/provider/fidelity";
import { renderSummary } from "../../../src/rehearsal/run/summary";

const nothing = { states: new Map(), times: [], fidelity: new Map<string, Fidelity>(), verbose: false };

describe("the end of a rehearsal", () => {
  it("lists what was taken without a look, and says nothing where everything was judged", () => {
    const reason = "the chart operator comes from elsewhere";
    expect(renderSummary({ ...nothing, notJudged: [reason] })).toMatch(
      /Taken without a look \(1\).*\n {2}the chart operator/,
    );
    expect(renderSummary({ ...nothing, notJudged: [] })).not.toContain("without a look");
  });

  it("says how far each type's plan can be trusted, and names those that the schema alone speaks for", () => {
    const fidelity = new Map<string, Fidelity>([
      ["azurerm_subnet", "rules"],
      ["azurerm_public_ip", "rules"],
      ["azurerm_firewall", "schema only"],
    ]);
    const summary = renderSummary({ ...nothing, fidelity });
    expect(summary).toMatch(/rules +2 types/);
    expect(summary).toMatch(/schema only +1 type .*: azurerm_firewall$/m);
    expect(summary).not.toContain("azurerm_subnet");
    expect(renderSummary({ ...nothing, fidelity, verbose: true })).toContain(
      "azurerm_public_ip, azurerm_subnet",
    );
    expect(renderSummary(nothing)).not.toContain("Fidelity");
  });
});
