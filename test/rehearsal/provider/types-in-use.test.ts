import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { findTypesInUse } from "../../../src/rehearsal/types-in-use";

const folder = mkdtempSync(join(tmpdir(), "a2a-used-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

it("finds the types of configurations, modules, imports and states", () => {
  write(
    "main.tf",
    'resource "azurerm_key_vault" "v" {}\n  data azurerm_client_config me {}\nephemeral "random_password" "p" {}',
  );
  write("import.tf", 'import {\n  to = module.a.azurerm_subnet.s\n  id = "x"\n}');
  write(
    "stack/cdk.tf.json",
    JSON.stringify({ resource: { google_redis_instance: { r: {} } }, data: [{ google_project: { p: {} } }] }),
  );
  write("modules/a/main.tf.json", JSON.stringify({ resource: [{ helm_release: { r: {} } }] }));
  write(
    "terraform.stack.tfstate",
    JSON.stringify({ resources: [{ mode: "managed", type: "time_sleep" }] }, null, 2),
  );
  write("broken.tf.json", "{");
  write("node_modules/x/main.tf", 'resource "aws_instance" "i" {}');
  expect(findTypesInUse(folder)).toEqual([
    "azurerm_client_config",
    "azurerm_key_vault",
    "azurerm_subnet",
    "google_project",
    "google_redis_instance",
    "helm_release",
    "random_password",
    "time_sleep",
  ]);
});
