import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Ledger } from "../../../src/rehearsal/ledger";
import { behavioursOf } from "../../../src/rehearsal/provider/behaviours";
import { apiServer } from "../../../src/rehearsal/provider/kubernetes/terraform/api-server";
import { ProviderConnection } from "../../../src/rehearsal/provider/provider-connection";
import { simulatedProviders } from "../../../src/rehearsal/provider/providers";
import type { BlockSchema, TypeConstraint } from "../../../src/rehearsal/provider/schema/schema";
import { SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";
import { hasUnknown, type ObjectValue, type Value } from "../../../src/rehearsal/provider/value";
import { writeScenario } from "../../../src/rehearsal/scenario";

const folder = mkdtempSync(join(tmpdir(), "a2a-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a configuration with nothing but the required arguments comes to. */
function minimal(block: BlockSchema): ObjectValue {
  const value: Record<string, Value> = {};
  for (const [name, { type, required }] of Object.entries(block.attributes ?? {})) {
    value[name] = required && type ? sample(type, name) : null;
  }
  for (const [name, { block: inner, nesting_mode: mode, min_items: least = 0 }] of Object.entries(
    block.block_types ?? {},
  )) {
    const isList = mode === "list" || mode === "set";
    value[name] = isList ? Array.from({ length: least }, () => minimal(inner)) : null;
  }
  return value;
}

function sample(type: TypeConstraint, name: string): Value {
  if (type === "string")
    return name.endsWith("_id") ? `/subscriptions/s/resourceGroups/g/${name}` : `x${name.slice(0, 9)}`;
  if (type === "number") return 1;
  if (type === "bool") return true;
  if (typeof type === "string") return null;
  const [kind, inner] = type;
  if (kind === "map") return {};
  if (kind === "object") {
    const attributes = inner as Readonly<Record<string, TypeConstraint>>;
    return Object.fromEntries(Object.entries(attributes).map(([key, child]) => [key, sample(child, key)]));
  }
  return [sample(inner as TypeConstraint, name)];
}

/** Types that can't be made of sample values alone, as their own tests show. */
const NOT_OF_SAMPLES = new Set([
  "azurerm_api_management_api",
  "azurerm_api_management_api_diagnostic",
  "azurerm_api_management_logger",
  "azurerm_api_management_policy_fragment",
  "azurerm_container_app",
  "azurerm_container_app_job",
  "azurerm_key_vault_secret",
  "azurerm_kubernetes_cluster",
  "azurerm_monitor_alert_prometheus_rule_group",
  "azurerm_monitor_diagnostic_setting",
  "azurerm_postgresql_flexible_server",
  "azurerm_private_endpoint",
  "azurerm_public_ip",
  "azurerm_redis_cache",
  "google_cloud_run_domain_mapping",
]);

/** An API server takes no sample values: what it judges has a battery of its own. */
const withoutApiServer = (type: string) => behavioursOf(type).filter((behaviour) => behaviour !== apiServer);

describe.each(simulatedProviders.map((provider) => [provider.name, provider] as const))(
  "every type of %s",
  (name, provider) => {
    mkdirSync(join(folder, name));
    writeScenario(join(folder, name), { unprotected: true });
    const schemas = new SchemaStore(name);
    const ledger = new Ledger(join(folder, name), "types");
    const connection = new ProviderConnection(
      join(folder, name),
      ledger,
      provider,
      schemas,
      withoutApiServer,
    );
    connection.configure({ subscription_id: "sub", project: "project", region: "europe-west1" });
    const types = schemas.types("resource");

    it("is created with everything known, settles, and leaves nothing", async () => {
      for (const type of types) {
        if (NOT_OF_SAMPLES.has(type)) continue;
        const config = minimal(schemas.find("resource", type)?.block as BlockSchema);
        const { planned } = connection.plan(type, null, config, config);
        const created = await connection.apply(type, null, planned, config);
        expect(created.diagnostics, type).toEqual([]);
        const state = created.state as ObjectValue;
        expect(hasUnknown(state), type).toBe(false);
        expect(connection.read(type, state), type).toEqual(state);
        const again = connection.plan(type, state, state, state);
        expect(again, type).toEqual({ planned: state, requiresReplace: [] });
        expect(await connection.apply(type, state, null, null), type).toEqual({
          state: null,
          diagnostics: [],
        });
      }
      const left = Object.values(ledger.contents().entries).filter(({ addedBy }) => !addedBy);
      expect(left).toEqual([]);
      expect(types.length).toBeGreaterThan(0);
    });
  },
);
