import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlannedChange } from "../../src/plan/changed-arguments";
import { compareChecklists, type JudgedItem } from "../../src/review/compare-revisions";
import { type PlanFile, readPlanFile } from "../../src/review/plan-file";
import { COMMENT_LIMIT, renderReview } from "../../src/review/render-review";
import { reviewPlans } from "../../src/review/review-plans";

const ROOT = join(__dirname, "../..");
const INVENTORY = "azurerm_container_app.inventory_resource_2834481A";
const STORE = "azurerm_managed_redis.shared_task-store_resource_A86AD724";

function planned(address: string, change: PlannedChange): PlanFile["resource_changes"][number] {
  const [type = ""] = address.split(".");
  const rest = { before: null, after: null, after_unknown: {}, before_sensitive: {}, after_sensitive: {} };
  return {
    address,
    mode: "managed",
    type,
    change: { ...rest, ...change } as PlanFile["resource_changes"][number]["change"],
  };
}

function plan(...changes: PlanFile["resource_changes"]): PlanFile {
  return { format_version: "1.2", resource_changes: changes };
}

/** What a review says, without its heading. */
function review(...changes: PlanFile["resource_changes"]): string[] {
  return renderReview(reviewPlans([plan(...changes)]), { title: "staging", accepted: [] })
    .split("\n")
    .slice(2)
    .filter((line) => line !== "");
}

/** An app as a plan has it. */
function app(image: string, change: { env?: readonly object[]; open?: boolean } = {}): object {
  return {
    ingress: [{ external_enabled: change.open ?? false }],
    template: [{ container: [{ name: "inventory", image, env: change.env ?? [] }] }],
  };
}

describe("what a change means", () => {
  test("nothing", () => {
    expect(review(planned(INVENTORY, { actions: ["no-op"], before: app("a"), after: app("a") }))).toEqual([
      "Nothing changes.",
    ]);
  });

  test("a new image, and the variable between others that came with it", () => {
    const before = app("acr.io/agents/inventory:1.0.0", {
      env: [
        { name: "A", value: "1" },
        { name: "C", value: "3" },
      ],
    });
    const after = app("acr.io/agents/inventory:1.1.0", {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
        { name: "C", value: "3" },
      ],
    });
    expect(review(planned(INVENTORY, { actions: ["update"], before, after }))).toEqual([
      "1 agent (inventory: changed): 1 resource changed. Nothing that keeps data is destroyed.",
      "## Images",
      "- agent inventory: `acr.io/agents/inventory:1.0.0` → `acr.io/agents/inventory:1.1.0`",
      "## Agents",
      "### inventory: changed",
      `- changed \`${INVENTORY}\``,
      "  - `template.0.container.inventory.image`: `acr.io/agents/inventory:1.0.0` → `acr.io/agents/inventory:1.1.0`",
      "  - `template.0.container.inventory.env.B.name`: nothing → `B`",
      "  - `template.0.container.inventory.env.B.value`: nothing → `2`",
    ]);
  });

  test("an agent that comes, published by the gateway, with a secret that waits for a value", () => {
    const created = (address: string, after: object) => planned(address, { actions: ["create"], after });
    expect(
      review(
        created("azurerm_container_app.billing_resource_2834481A", app("acr.io/agents/billing:1.0.0")),
        created("azurerm_api_management_api.shared_gateway_billing_resource_747A101C", {
          path: "agents/billing",
        }),
        created("azurerm_key_vault_secret.shared_secrets_billing-key_898DFB46", { name: "billing-key" }),
        created("azurerm_key_vault_secret.shared_task-store_url_0FFCBD5B", { name: "task-store-url" }),
      ),
    ).toEqual([
      "1 agent (billing: created) and 1 shared part (task-store: created): 4 resources created. Nothing that keeps data is destroyed.",
      "## Newly exposed",
      "- agent billing is published by the gateway (`azurerm_api_management_api.shared_gateway_billing_resource_747A101C`)",
      "## Images",
      "- agent billing: `acr.io/agents/billing:1.0.0`, new",
      "## Secrets that wait for a value",
      "- `azurerm_key_vault_secret.shared_secrets_billing-key_898DFB46`",
      "## Agents",
      "### billing: created",
      "- created `azurerm_container_app.billing_resource_2834481A`",
      "- created `azurerm_api_management_api.shared_gateway_billing_resource_747A101C`",
      "- created `azurerm_key_vault_secret.shared_secrets_billing-key_898DFB46`",
      "## Shared parts",
      "### task-store: created",
      "- created `azurerm_key_vault_secret.shared_task-store_url_0FFCBD5B`",
    ]);
  });

  test("an agent that goes", () => {
    const before = app("acr.io/agents/inventory:1.0.0", { open: true });
    expect(review(planned(INVENTORY, { actions: ["delete"], before }))).toEqual([
      "1 agent (inventory: destroyed): 1 resource destroyed. Nothing that keeps data is destroyed.",
      "## Agents",
      "### inventory: destroyed",
      `- destroyed \`${INVENTORY}\``,
    ]);
  });

  test("a store in another region: what forces it, and what is lost", () => {
    const change = planned(STORE, {
      actions: ["delete", "create"],
      before: { location: "eastus", id: "1", sku_name: "Balanced_B0" },
      after: { location: "westus", sku_name: "Balanced_B1" },
      after_unknown: { id: true },
      replace_paths: [["location"]],
    });
    expect(review(change)).toEqual([
      "1 shared part (task-store: replaced): 1 resource replaced. **Data is lost in 1 place.**",
      "## Data that would be lost",
      `- \`${STORE}\` is replaced, and with it tasks: **not acknowledged**`,
      'This review fails. Where the loss is meant, say so in the environment: `exceptions: { "loss/<address>": { reason, until, owner } }`, or with `--accept-loss <address>`.',
      "## Shared parts",
      "### task-store: replaced",
      `- replaced \`${STORE}\`, because of \`location\``,
      "  - `location`: `eastus` → `westus` (forces replacement)",
      "  - `sku_name`: `Balanced_B0` → `Balanced_B1`",
    ]);
  });

  test.each([
    ["an app that opens", false, true, 1],
    ["an app that was open", true, true, 0],
    ["an app that closes", true, false, 0],
  ])("exposure: %s", (_what, before, after, many) => {
    const change = {
      actions: ["update"],
      before: app("a", { open: before }),
      after: app("b", { open: after }),
    };
    expect(reviewPlans([plan(planned(INVENTORY, change))]).exposed).toHaveLength(many);
  });

  test.each([
    [
      "Container Apps",
      INVENTORY,
      (text: string) => app("a", { env: [{ name: "AGENT_REGISTRY", value: text }] }),
    ],
    [
      "Kubernetes",
      "kubernetes_config_map_v1.inventory_deployment_settings_12345678",
      (text: string) => ({ data: { AGENT_REGISTRY: text } }),
    ],
  ])("who may newly call whom, on %s", (_platform, address, settings) => {
    const before = settings('{"orders":"https://a","stock":"https://b"}');
    const after = settings('{"orders":"https://c","prices":"https://d"}');
    const { calls } = reviewPlans([
      plan(
        planned(INVENTORY, { actions: ["no-op"] }),
        planned(address, { actions: ["update"], before, after }),
      ),
    ]);
    expect(calls.map(({ owner, says }) => `${owner.name} ${says}`)).toEqual([
      "inventory may no longer call stock",
      "inventory may newly call prices",
    ]);
  });

  test("of several stacks, an agent is one thing", () => {
    const shared = planned("kubernetes_deployment_v1.orders_deployment_resource_12345678", {
      actions: ["update"],
    });
    const identity = planned("azurerm_user_assigned_identity.orders_identity_12345678", {
      actions: ["create"],
    });
    expect(
      reviewPlans([plan(shared), plan(identity)]).owners.map(({ name, kind, resources }) => [
        kind,
        name,
        resources.length,
      ]),
    ).toEqual([["agent", "orders", 2]]);
  });
});

test("who gains a role, and which alerts change", () => {
  const { roles, alerts } = reviewPlans([
    plan(
      planned("azurerm_role_assignment.inventory_grants_0_12345678", {
        actions: ["create"],
        after: { role_definition_name: "Key Vault Secrets User", scope: "/vaults/kv" },
      }),
      planned("azurerm_role_assignment.inventory_grants_1_12345678", {
        actions: ["no-op"],
        before: { role_definition_name: "AcrPull" },
        after: { role_definition_name: "AcrPull" },
      }),
      planned("azurerm_monitor_metric_alert.shared_alerts_failing_12345678", { actions: ["delete"] }),
      planned(INVENTORY, { actions: ["no-op"] }),
    ),
  ]);
  expect(roles.map(({ owner, says }) => `${owner.name} ${says}`)).toEqual([
    "inventory gets Key Vault Secrets User on /vaults/kv",
  ]);
  expect(alerts.map(({ says }) => says)).toEqual(["destroyed"]);
});

describe("what a reviewer reads", () => {
  const id = (name: string) =>
    `/subscriptions/2/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv/secrets/${name}`;

  test("roles by the end of what they are on, and who may call whom once, by name", () => {
    const registry = (peers: object) =>
      app("a:1", { env: [{ name: "AGENT_REGISTRY", value: JSON.stringify(peers) }] });
    const lines = review(
      planned("azurerm_role_assignment.inventory_read-key_12345678", {
        actions: ["create"],
        after: { role_definition_name: "Key Vault Secrets User", scope: id("key") },
      }),
      planned("azuread_app_role_assignment.inventory_may-call-billing_12345678", { actions: ["create"] }),
      planned("azuread_app_role_assignment.shared_issuer_customer-acme_may-call-billing_12345678", {
        actions: ["create"],
      }),
      planned("azuread_app_role_assignment.shared_issuer_portal_may-call-auditor_12345678", {
        actions: ["create"],
      }),
      planned("azurerm_container_app.billing_resource_12345678", { actions: ["no-op"] }),
      planned(INVENTORY, {
        actions: ["update"],
        before: registry({}),
        after: registry({ billing: "https://billing.example" }),
      }),
    );
    const said = (heading: string) => {
      const from = lines.indexOf(`## ${heading}`) + 1;
      const next = lines.findIndex((line, index) => index >= from && line.startsWith("## "));
      return lines.slice(from, next).map((line) => line.replace(/ \(`.*/, ""));
    };
    expect(said("Who may call whom")).toEqual(["- agent inventory may newly call billing"]);
    expect(said("Roles gained")).toEqual([
      "- agent inventory gets Key Vault Secrets User on secrets/key",
      "- issuer lets customer-acme call billing",
      "- issuer gives portal the role auditor of an agent",
    ]);
  });

  test("alerts of one agent in one line, by their names", () => {
    const lines = review(
      planned(INVENTORY, { actions: ["no-op"] }),
      ...["alert-memory", "alert-restarts", "alerts-page"].map((name) =>
        planned(`azurerm_monitor_metric_alert.inventory_${name}_12345678`, { actions: ["create"] }),
      ),
    );
    expect(lines).toContain("- agent inventory: created memory, restarts and page");
  });

  test("of long texts what differs, and of secrets that they change", () => {
    const long = (end: string) => `${"x".repeat(200)} > ${end}`;
    const lines = review(
      planned(INVENTORY, {
        actions: ["update"],
        before: { query: long("4"), short: "one", key: "k1" },
        after: { query: long("7"), short: "two", key: "k2" },
        before_sensitive: { key: true },
        after_sensitive: { key: true },
      }),
    );
    expect(lines.filter((line) => line.startsWith("  - ")).toSorted()).toEqual([
      "  - `key`: changes (sensitive)",
      `  - \`query\`: \`…${"x".repeat(17)} > 4\` → \`…${"x".repeat(17)} > 7\``,
      "  - `short`: `one` → `two`",
    ]);
  });

  test("that Terraform waits again is said, and no replacement", () => {
    const [summary, ...lines] = review(
      planned(INVENTORY, { actions: ["update"], before: app("a:1"), after: app("a:2") }),
      planned("time_sleep.inventory_grants-hold_12345678", {
        actions: ["delete", "create"],
        before: { triggers: { a: "1" } },
        after: { triggers: { a: "2" } },
        replace_paths: [["triggers"]],
      }),
    );
    expect(summary).toContain(": 1 resource changed. ");
    expect(lines).toContain("- waits again `time_sleep.inventory_grants-hold_12345678`");
  });
});

test("what is said of several items is one line", () => {
  const judged = (id: string, ...messages: string[]): JudgedItem => ({
    id,
    title: id,
    ...(messages.length === 0 ? { outcome: "passed" } : { outcome: "failed", level: "note" }),
    findings: messages.map((message) => ({ message })),
  });
  const before = [judged("agent/health"), judged("agent/logs")];
  const after = [
    judged("agent/health", "agent 'billing': nobody says so"),
    judged("agent/logs", "agent 'billing': nobody says so"),
  ];
  expect(compareChecklists("staging", before, after)).toEqual([
    "staging, 2 items (`agent/health`, `agent/logs`): passed → note: agent 'billing': nobody says so",
  ]);
});

test("what is compared with a revision is said: the checklist, the picture, and what wasn't read", () => {
  const judged = (outcome: string, ...messages: string[]) => ({
    id: "agent/https",
    title: "Callers come in by HTTPS",
    outcome: messages.length > 0 ? "failed" : outcome,
    ...(messages.length > 0 ? { level: "error" } : {}),
    findings: messages.map((message) => ({ message })),
  });
  const checklist = compareChecklists("staging", [judged("passed")], [judged("failed", "a *certificate*")]);
  expect(checklist).toEqual([
    "staging, Callers come in by HTTPS (`agent/https`): passed → error: a \\*certificate\\*",
  ]);
  expect(compareChecklists("staging", [judged("passed")], [judged("passed")])).toEqual([]);
  const another = (item: ReturnType<typeof judged>) => ({ ...item, id: "agent/health" });
  const failed = judged("failed", "broken");
  expect(compareChecklists("staging", [], [failed, another(failed)])).toEqual([
    "staging, 2 items (`agent/https`, `agent/health`): not asked → error: broken",
  ]);
  expect(compareChecklists("staging", [judged("passed")], [])).toEqual([
    "staging, Callers come in by HTTPS (`agent/https`): passed → not asked any more",
  ]);
  const text = (before: string) =>
    renderReview(reviewPlans([plan()]), {
      title: "staging",
      accepted: [],
      unread: ["staging-cluster"],
      comparison: {
        checklist,
        costs: [],
        pictures: [{ environment: "staging", before, after: "flowchart LR\n" }],
      },
    });
  expect(text("flowchart TD\n")).toContain(
    "<details><summary>staging as it was</summary>\n\n```mermaid\nflowchart TD\n```",
  );
  expect(text("flowchart LR\n")).not.toContain("mermaid");
  expect(text("flowchart LR\n")).toContain(
    "Not read, because no plan of them was handed in: staging-cluster.",
  );
});

describe("nothing sensitive is shown", () => {
  const SECRET = "hunter2-hunter2";
  test.each<[string, PlannedChange]>([
    [
      "a value",
      {
        actions: ["update"],
        before: { key: SECRET },
        after: { key: `${SECRET}!` },
        before_sensitive: { key: true },
        after_sensitive: { key: true },
      },
    ],
    [
      "a value that was none",
      {
        actions: ["update"],
        before: { key: "plain" },
        after: { key: SECRET },
        after_sensitive: { key: true },
      },
    ],
    [
      "a value that is none any more",
      { actions: ["update"], before: { key: SECRET }, after: { key: null }, before_sensitive: { key: true } },
    ],
    [
      "in a block that comes",
      {
        actions: ["update"],
        before: {},
        after: { block: [{ key: SECRET }] },
        after_sensitive: { block: [{ key: true }] },
      },
    ],
    [
      "in a block that goes",
      {
        actions: ["update"],
        before: { block: [{ key: SECRET }] },
        after: {},
        before_sensitive: { block: [{ key: true }] },
      },
    ],
    [
      "the name of an element",
      {
        actions: ["update"],
        before: { list: [] },
        after: { list: [{ name: SECRET }] },
        after_sensitive: { list: [{ name: true }] },
      },
    ],
    [
      "JSON as text",
      {
        actions: ["update"],
        before: { text: "{}" },
        after: { text: `{"key":"${SECRET}"}` },
        after_sensitive: { text: true },
      },
    ],
    [
      "a whole list",
      {
        actions: ["update"],
        before: { list: ["a"] },
        after: { list: [SECRET] },
        after_sensitive: { list: true },
      },
    ],
    [
      "a write-only argument",
      { actions: ["update"], before: { password_wo: "a" }, after: { password_wo: SECRET } },
    ],
    [
      "a resource made anew",
      {
        actions: ["delete", "create"],
        before: { key: SECRET },
        after: { key: "x" },
        before_sensitive: { key: true },
        replace_paths: [["key"]],
      },
    ],
  ])("%s", (_what, change) => {
    const lines = review(planned(INVENTORY, change)).join("\n");
    expect(lines).toContain("(sensitive)");
    expect(lines).not.toContain(SECRET);
    // The same without marks shows it: it is the marks that hide it.
    const open = JSON.parse(
      JSON.stringify({ ...change, before_sensitive: {}, after_sensitive: {} }).replaceAll("_wo", ""),
    );
    expect(review(planned(INVENTORY, open)).join("\n")).toContain(SECRET);
  });
});

describe("a review fits into a comment", () => {
  const many = (agents: number) =>
    plan(
      ...Array.from({ length: agents }, (_, index) =>
        planned(`azurerm_container_app.agent-${index}_resource_2834481A`, {
          actions: ["update"],
          before: app(`acr.io/agents/agent-${index}:1.0.0`, { env: variables("old") }),
          after: app(`acr.io/agents/agent-${index}:1.1.0`, { env: variables("new") }),
        }),
      ),
    );
  const variables = (value: string) =>
    Array.from({ length: 30 }, (_, index) => ({ name: `V${index}`, value }));
  const render = (agents: number) =>
    renderReview(reviewPlans([many(agents)]), { title: "staging", accepted: [] });

  test("whole, where it does", () => {
    expect(render(3)).not.toContain("Folded");
    expect(render(3)).toContain("env.V29.value");
  });

  test("folded, where it doesn't, with every agent and image still there", () => {
    const text = render(100);
    expect(text.length).toBeLessThan(COMMENT_LIMIT);
    expect(text).toContain("### agent-99: changed");
    expect(text).toContain("agents/agent-99:1.1.0`");
    const [, folded] = /Folded to fit into a comment: (\d+) lines/.exec(text) ?? [];
    const rest = [...text.matchAll(/… and (\d+) more/g)].reduce((sum, [, lines]) => sum + Number(lines), 0);
    expect([Number(folded), rest > 0]).toEqual([rest, true]);
  });

  test("whatever its size", () => {
    expect(render(3000).length).toBeLessThan(COMMENT_LIMIT);
  });
});

describe("npm run review", () => {
  test("fails where data is lost, and where a file is no plan", () => {
    const folder = mkdtempSync(join(tmpdir(), "review-"));
    const write = (name: string, content: unknown) => {
      writeFileSync(join(folder, name), JSON.stringify(content));
      return join(folder, name);
    };
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ["--import", "tsx", "src/cli/review.ts", ...args], {
        cwd: ROOT,
        encoding: "utf8",
      });
    try {
      const loss = write("plan.json", plan(planned(STORE, { actions: ["delete"] })));
      // The first of the environments that there are.
      const name = /\((\S+?)[,) ]/.exec(run("nowhere").stderr)?.[1] ?? "";
      const failed = run(name, "--plan", `${name}=${loss}`);
      expect([failed.status, failed.stderr]).toEqual([
        1,
        `data would be lost: ${STORE}; where that is meant, acknowledge each in the environment's exceptions ('loss/<address>') or with --accept-loss\n`,
      ]);
      expect(failed.stdout).toContain("**not acknowledged**");
      const accepted = run(name, "--plan", `${name}=${loss}`, "--accept-loss", STORE);
      expect([accepted.status, accepted.stderr]).toEqual([0, ""]);
      expect(accepted.stdout).toContain("tasks: acknowledged");
      const wrong = run(name, "--plan", loss);
      expect([wrong.status, wrong.stderr]).toEqual([
        2,
        expect.stringContaining("is no stack and its file; write staging=plan.json"),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("reads what a rehearsal kept, which has no version of its format and no marks", () => {
    const kept = {
      terraform_version: "1.11.4",
      resource_changes: [
        {
          address: STORE,
          mode: "managed",
          type: "azurerm_managed_redis",
          change: { actions: ["delete"], before: {}, after: null },
        },
      ],
    };
    expect(reviewPlans([readPlanFile(JSON.stringify(kept), "plan.json")]).lost).toHaveLength(1);
  });

  test.each([
    ["text", "plan", "plan.json is no JSON"],
    ["a state", '{"format_version":"1.0","values":{}}', "plan.json is no plan of Terraform's"],
    ["something else", '{"a":1}', "plan.json is no plan of Terraform's"],
  ])("says what is no plan: %s", (_what, text, says) => {
    expect(() => readPlanFile(text, "plan.json")).toThrow(says);
  });
});
