import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeConstructs } from "../../../src/rehearsal/run/constructs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "constructs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("what cdktf says of constructs is told by address, and taken out of what it looks through", async () => {
  const path = join(folder, "cdk.tf.json");
  const made = (name: string) => ({ "//": { metadata: { path: `shop/${name}`, uniqueId: name } } });
  const outputs = { shop: { url: "url" } };
  writeFileSync(
    path,
    JSON.stringify({
      "//": { outputs },
      resource: { azurerm_x: { one: { ...made("one"), name: "x" }, two: { "//": "said by hand" } } },
      data: { azurerm_y: { found: made("found") } },
      ephemeral: { random_z: { once: made("once") } },
    }),
  );
  expect([...(await takeConstructs(folder))]).toEqual([
    ["azurerm_x.one", "shop/one"],
    ["data.azurerm_y.found", "shop/found"],
    ["ephemeral.random_z.once", "shop/once"],
  ]);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
    "//": { outputs },
    resource: { azurerm_x: { one: { name: "x" }, two: { "//": "said by hand" } } },
    data: { azurerm_y: { found: {} } },
    ephemeral: { random_z: { once: {} } },
  });
});

test("what people wrote by hand stays as it is", async () => {
  const text = 'resource "azurerm_x" "one" {\n  name = "x"\n}\n';
  writeFileSync(join(folder, "main.tf"), text);
  expect((await takeConstructs(folder)).size).toBe(0);
  expect(readFileSync(join(folder, "main.tf"), "utf8")).toBe(text);
});
