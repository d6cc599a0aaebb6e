import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { madeBefore, referenced } from "../support/azure-parts";
import { production } from "../support/fleet/stacks/environments/production";
import { staging } from "../support/fleet/stacks/environments/staging";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing, definitions, environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

/** Numbers and switches that Azure gets, as they stand in the finished JSON. */
const closed: Environment = {
  ...environment,
  azure: environment.azure && { ...environment.azure, network: { kind: "created" } },
};

describe("an app", () => {
  const stack = synthEnvironment(closed, definitions);
  const app = stack.resources("azurerm_container_app").find(({ arguments: { name } }) => name === "billing");
  const before = madeBefore(stack, app?.address ?? "");
  const typesBefore = (type: string) => [...before].filter((address) => address.startsWith(`${type}.`));

  test("comes after what it starts with: the way to its store and vault, and its roles", () => {
    const endpoints = stack.resources("azurerm_private_endpoint").map(({ address }) => address);
    const links = stack
      .resources("azurerm_private_dns_zone_virtual_network_link")
      .map(({ address }) => address);
    expect(endpoints.length).toBeGreaterThan(1);
    expect(app?.arguments.depends_on).toEqual(
      expect.arrayContaining([expect.stringMatching(/^time_sleep\./)]),
    );
    expect([...before]).toEqual(expect.arrayContaining([...endpoints, ...links]));
    expect(typesBefore("azurerm_role_assignment").length).toBeGreaterThan(2);
  });
});

describe("the vault", () => {
  test("lets Azure's own services past its firewall, which read the gateway's certificate, and nobody else", () => {
    const [vault] = synthEnvironment(closed, definitions).resources("azurerm_key_vault");
    expect(vault?.arguments.network_acls).toMatchObject({ bypass: "AzureServices", default_action: "Deny" });
    const [open] = synthEnvironment(environment, definitions).resources("azurerm_key_vault");
    expect(open?.arguments.network_acls).toMatchObject({ bypass: "AzureServices", default_action: "Allow" });
  });
});

describe("the store", () => {
  const storeOf = (kind: "managed-redis" | "redis-cache"): Environment["taskStore"] =>
    kind === "managed-redis" ? { kind } : { kind, reason: "our clients know no other" };

  test.each([
    ["managed-redis", "azurerm_managed_redis"],
    ["redis-cache", "azurerm_redis_cache"],
  ] as const)("%s has a URL with its key encoded, which a key of base64 needs", (kind, type) => {
    const stack = synthEnvironment({ ...environment, taskStore: storeOf(kind) }, definitions);
    const [store] = stack.resources(type);
    const url = stack
      .resources("azurerm_key_vault_secret")
      .find(({ arguments: { name } }) => name === "task-store-url");
    const value: string = url?.arguments.value_wo ?? url?.arguments.value;
    expect(value).toMatch(/^rediss:\/\/:\$\{urlencode\(/);
    expect(value).toContain(`${store?.address}.`);
  });

  test.each([
    ["managed-redis", /default_database(?:\.|\[0\]\.)id\}$/, "ConnectionEvents"],
    ["redis-cache", /azurerm_redis_cache\.[^.]+\.id\}$/, "ConnectedClientList"],
  ] as const)("%s tells the workspace who connects", (kind, target, category) => {
    const stack = synthEnvironment({ ...environment, taskStore: storeOf(kind) }, definitions);
    const audit = stack.at("shared/task-store/audit").arguments;
    expect(audit.target_resource_id).toMatch(target);
    expect(audit.enabled_log).toEqual([{ category }]);
    expect(referenced(audit.log_analytics_workspace_id)).toMatch(/^azurerm_log_analytics_workspace\./);
  });

  test("is bound to no agent that keeps its tasks to itself", () => {
    const alone = { ...billing, taskStore: "memory" as const, maxReplicas: 1 };
    const stack = synthEnvironment(environment, [alone]);
    const [app] = stack
      .resources("azurerm_container_app")
      .filter(({ arguments: { name } }) => name === "billing");
    expect(JSON.stringify(app?.arguments)).not.toContain("task-store");
    const shared = synthEnvironment(environment, [billing]);
    const [other] = shared
      .resources("azurerm_container_app")
      .filter(({ arguments: { name } }) => name === "billing");
    expect(JSON.stringify(other?.arguments)).toContain("task-store");
  });
});

describe("the gateway", () => {
  const shipped = synthEnvironment(production);
  const gateway = shipped.resources("azurerm_api_management")[0]?.arguments;

  test("cannot be destroyed in production, where callers know it by name, and can elsewhere", () => {
    expect(gateway.lifecycle).toEqual({ prevent_destroy: true });
    const [other] = synthEnvironment(staging).resources("azurerm_api_management");
    expect(other?.arguments.lifecycle).toEqual({ prevent_destroy: false });
  });

  test("keeps a silent stream's address for longer than anything else keeps the stream", () => {
    const [translation] = shipped.resources("azurerm_nat_gateway");
    expect(translation?.arguments.idle_timeout_in_minutes).toBe(8);
  });

  test("logs into a table of its own", () => {
    const logs = shipped
      .resources("azurerm_monitor_diagnostic_setting")
      .find(
        ({ path }) =>
          path.endsWith("gateway/service/logs") || (path.includes("gateway") && path.endsWith("/logs")),
      );
    expect(logs?.arguments).toMatchObject({
      log_analytics_destination_type: "Dedicated",
      enabled_log: [{ category: "GatewayLogs" }],
    });
  });
});

test("a cluster's API server tells the workspace who changed what, and whom it let in", () => {
  const stack = synthEnvironment({ ...aksEnvironment, azure: closed.azure }, definitions);
  const [cluster] = stack.resources("azurerm_kubernetes_cluster");
  const audit = stack
    .resources("azurerm_monitor_diagnostic_setting")
    .find(({ arguments: given }) => referenced(given.target_resource_id) === cluster?.address);
  expect(audit?.arguments).toMatchObject({
    log_analytics_destination_type: "Dedicated",
    enabled_log: [{ category: "kube-audit-admin" }, { category: "guard" }],
  });
  expect(referenced(audit?.arguments.log_analytics_workspace_id)).toMatch(
    /^azurerm_log_analytics_workspace\./,
  );
});
