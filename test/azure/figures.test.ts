import { describe, expect, test } from "vitest";
import { actionGroupIds } from "../../src/azure/facts/action-groups";
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

describe("the collector", () => {
  const { template, ingress, revision_mode } = synthEnvironment(environment, definitions).at(
    "shared/telemetry/resource",
  ).arguments;
  const configuration = JSON.parse(
    template.container[0].env
      .find(({ name }: { name: string }) => name === "COLLECTOR_CONFIG")
      .value.replaceAll("$${", "${"),
  );

  test("is there before anybody sends, and makes room for whoever does", () => {
    const { container, ...around } = template;
    expect(around).toEqual({
      min_replicas: 1,
      max_replicas: 3,
      http_scale_rule: [{ name: "requests", concurrent_requests: "100" }],
    });
    expect(container).toHaveLength(1);
    expect(container[0]).toMatchObject({
      cpu: 0.5,
      memory: "1Gi",
      liveness_probe: [{ transport: "HTTP", path: "/", port: 13133 }],
      readiness_probe: [{ transport: "HTTP", path: "/", port: 13133, success_count_threshold: 1 }],
    });
    expect(ingress).toEqual({
      external_enabled: false,
      target_port: 4318,
      transport: "http",
      traffic_weight: [{ latest_revision: true, percentage: 100 }],
    });
    expect(revision_mode).toBe("Single");
  });

  test("takes what agents send over HTTP, within its memory, and hands it on", () => {
    const pipeline = {
      receivers: ["otlp"],
      processors: ["memory_limiter", "batch"],
      exporters: ["azuremonitor"],
    };
    expect(configuration).toEqual({
      extensions: { health_check: { endpoint: "0.0.0.0:13133" } },
      receivers: { otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } } },
      processors: {
        memory_limiter: { check_interval: "1s", limit_percentage: 75, spike_limit_percentage: 20 },
        batch: {},
      },
      exporters: { azuremonitor: { connection_string: "${env:APPLICATIONINSIGHTS_CONNECTION_STRING}" } },
      service: {
        extensions: ["health_check"],
        pipelines: { traces: pipeline, metrics: pipeline, logs: pipeline },
      },
    });
  });
});

describe("who is told", () => {
  const group = { name: "ag-pager", resourceGroup: "rg-pagers" };
  const own = /\/actionGroups\/(?!ag-pager)/;
  const exists = /\/resourceGroups\/rg-pagers\/providers\/Microsoft\.Insights\/actionGroups\/ag-pager$/;

  test.each<[string, Environment["alerts"], readonly RegExp[]]>([
    ["by e-mail", { email: ["on-call@acme.example"] }, [own]],
    ["by a group that exists", { actionGroup: group }, [exists]],
    ["by both", { email: ["on-call@acme.example"], actionGroup: group }, [own, exists]],
    ["by nobody's e-mail", { email: [], actionGroup: group }, [exists]],
    ["by nobody", {}, []],
  ])("%s", (_how, alerts, told) => {
    const ids = actionGroupIds({ ...environment, alerts });
    expect(ids).toEqual(told.map((pattern) => expect.stringMatching(pattern)));
    expect(actionGroupIds({ ...environment, alerts: undefined })).toEqual([]);
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
