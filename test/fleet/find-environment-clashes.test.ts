import { describe, expect, it } from "vitest";
import { agents } from "../../agents";
import type { Environment } from "../../src/environment/environment";
import { FleetError } from "../../src/problem";
import { buildFleet } from "../../src/stacks/build-fleet";
import { dev } from "../../stacks/environments/dev";
import { google } from "../../stacks/environments/examples/google";
import { production } from "../../stacks/environments/production";
import { testApp } from "../support/synth";

/** What building them says, or nothing. */
async function refusalOf(...environments: readonly Environment[]): Promise<string> {
  try {
    await buildFleet(testApp(), { agents, environments });
    return "";
  } catch (error) {
    if (error instanceof FleetError) return error.message;
    throw error;
  }
}

describe("the registry of all environments", () => {
  const other = { ...dev, name: "other", prefix: "b2b", domain: "other.example.com" };

  it("is made once where they write the same settings twice", async () => {
    expect(await refusalOf(dev, { ...other, registry: structuredClone(dev.registry) })).toBe("");
  });

  it("is refused where they differ in it", async () => {
    const registry = { ...dev.registry, location: "westeurope" } as Environment["registry"];
    expect(await refusalOf(dev, { ...other, registry })).toMatch(
      /'dev' and 'other': both pull from the registry that the stack 'registry' makes .* differ in location of it; share one object/,
    );
  });

  it("on Google is said to differ where an example's stands beside production's", async () => {
    expect(await refusalOf(production, google)).toMatch(/stack 'google-registry' .* differ in/);
    const images = production.google?.images as Environment["registry"];
    expect(await refusalOf(production, { ...google, registry: structuredClone(images) })).toBe("");
  });
});
