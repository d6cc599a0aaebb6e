import { describe, expect, it } from "vitest";
import { boundProviderVersions } from "../../../src/rehearsal/provider/schema/bound-versions";
import { providerVersions, SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";

describe("the schemas that the project holds", () => {
  it("are of the versions that the bindings were generated from", () => {
    const versions = (of: Readonly<Record<string, { source: string; version: string }>>) =>
      Object.fromEntries(
        Object.entries(of).map(([name, { source, version }]) => [name, `${source} ${version}`]),
      );
    expect(versions(providerVersions)).toEqual(versions(boundProviderVersions()));
  });

  it("have fields that are called description, and no descriptions", () => {
    const groups = new SchemaStore("azurerm").find("resource", "azurerm_network_security_group");
    const rule = groups?.block.attributes?.security_rule?.type;
    expect(JSON.stringify(rule)).toContain('"description":"string"');
    expect(groups?.block.attributes?.security_rule).not.toHaveProperty("description");
  });

  it("have the rules with the resources, and know nothing of what doesn't exist", () => {
    const azurerm = new SchemaStore("azurerm");
    const registry = azurerm.find("resource", "azurerm_container_registry");
    expect(registry?.rules?.forceNew).toContain("name");
    expect(registry?.block.attributes?.login_server).toEqual({ computed: true, type: "string" });
    expect(azurerm.find("data", "azurerm_container_registry")?.rules?.text?.name?.minLength).toBe(5);
    expect(azurerm.find("resource", "azurerm_container_registri")).toBeUndefined();
    expect(azurerm.types("resource")).toHaveLength(1127);
    expect(() => new SchemaStore("aws")).toThrow(
      "the rehearsal has no schemas of the provider 'aws' (azuread, azurerm",
    );
  });
});
