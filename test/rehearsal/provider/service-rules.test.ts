import { afterAll, describe, expect, it } from "vitest";
import { runsKubernetes } from "../../../src/cluster/facts/runs-kubernetes";
import { fidelityOf } from "../../../src/rehearsal/provider/fidelity";
import { providerOfType, SchemaStore } from "../../../src/rehearsal/provider/schema/schema-store";
import { UNKNOWN } from "../../../src/rehearsal/provider/value";
import { environments } from "../../support/fleet/stacks/environments";
import { synthCluster } from "../../support/kubernetes-fleet";
import { synthEnvironment } from "../../support/synth";
import { Judge, type Judgement } from "../conformance/judge";
import { type Json, type Mutation, readVerdicts } from "../conformance/verdicts";

const judges = new Map<string, Judge>();
afterAll(() => {
  for (const judge of judges.values()) judge.close();
});

/** What the simulated provider says to a new resource, or to a change where there is a state. */
function judge(type: string, config: Json, state?: Json, mutation: readonly Mutation[] = []): Judgement {
  const provider = providerOfType(type);
  const file = {
    provider,
    version: "",
    settings: [provider === "azurerm" ? { features: [{}] } : {}],
    bases: { [type]: config },
    states: state ? { [type]: state } : {},
    cases: [],
  };
  const own = new Judge(file);
  judges.set(`${judges.size}`, own);
  return own.judge({ kind: state ? "update" : "create", type, mutation });
}

const ID = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers";
const IDENTITY = `${ID}/Microsoft.ManagedIdentity/userAssignedIdentities/agent`;

function app(secrets: readonly Json[], ingress?: Json): Json {
  return {
    name: "inventory",
    resource_group_name: "rg",
    container_app_environment_id: `${ID}/Microsoft.App/managedEnvironments/env`,
    revision_mode: "Single",
    secret: secrets,
    ...(ingress && { ingress: [ingress] }),
    template: [{ container: [{ name: "agent", image: "example.com/agent:1", cpu: 0.25, memory: "0.5Gi" }] }],
  };
}

describe("a provider's own checks of values that aren't known yet", () => {
  const secret = { name: "key", key_vault_secret_id: "https://kv.vault.azure.net/secrets/key" };

  it("take them for given in the elements of a set", () => {
    expect(judge("azurerm_container_app", app([{ ...secret, identity: UNKNOWN }])).verdict).toBe("accepted");
    const lacking = judge("azurerm_container_app", app([secret]));
    expect(lacking).toMatchObject({ verdict: "refused-plan" });
    expect(lacking.message[0]).toContain("secret key must supply identity");
  });

  it("still see what another element of the set lacks", () => {
    const both = [
      { ...secret, identity: UNKNOWN },
      { ...secret, name: "other" },
    ];
    expect(judge("azurerm_container_app", app(both)).message[0]).toContain(
      "secret other must supply identity",
    );
  });

  it("take them for missing in the elements of a list", () => {
    const traffic = (revision_suffix: unknown) => ({
      target_port: 80,
      traffic_weight: [{ percentage: 100, revision_suffix }],
    });
    const identity = { ...secret, identity: IDENTITY };
    expect(judge("azurerm_container_app", app([identity], traffic("one"))).verdict).toBe("accepted");
    expect(judge("azurerm_container_app", app([identity], traffic(UNKNOWN))).verdict).toBe("refused-plan");
  });
});

describe("what all types of a provider have in common", () => {
  const group = (tags: Json) => judge("azurerm_resource_group", { name: "rg", location: "westeurope", tags });
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, "x"]));

  it.each([
    ["tags in number", many(50), many(51)],
    ["a tag's name", { ["k".repeat(512)]: "v" }, { ["k".repeat(513)]: "v" }],
    ["a tag's value", { k: "v".repeat(256) }, { k: "v".repeat(257) }],
  ])("azurerm takes no more than Azure keeps of %s", (_what, kept, refused) => {
    expect(group(kept).verdict).toBe("accepted");
    expect(group(refused).verdict).toBe("refused-validate");
  });

  it("numbers are whole, except where the schema in the provider's code says otherwise", () => {
    const address = (prefix_length: number) =>
      judge("google_compute_global_address", { name: "range", purpose: "VPC_PEERING", prefix_length });
    expect(address(16).verdict).toBe("accepted");
    expect(address(16.5).message[0]).toContain("must be a whole number");
    expect(judge("azurerm_container_app", app([])).verdict).toBe("accepted");
  });
});

describe("what the providers decide of alerts while they plan", () => {
  const groups = (rule: Json) =>
    judge("azurerm_monitor_alert_prometheus_rule_group", {
      name: "group",
      location: "westeurope",
      resource_group_name: "rg",
      scopes: ["/subscriptions/s/resourceGroups/rg/providers/Microsoft.Monitor/accounts/metrics"],
      rule: [rule],
    });
  const webTest = (url: string, validation: Json) =>
    judge("azurerm_application_insights_standard_web_test", {
      name: "card",
      location: "westeurope",
      resource_group_name: "rg",
      application_insights_id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Insights/components/c",
      geo_locations: ["emea-nl-ams-azr"],
      request: [{ url }],
      validation_rules: [validation],
    });
  const channel = (labels: Json) =>
    judge("google_monitoring_notification_channel", {
      type: "slack",
      labels,
      sensitive_labels: [{ auth_token: "x" }],
    });

  it("a rule records or alerts, and a record has nothing of an alert", () => {
    const expression = "up == 0";
    expect(groups({ expression, alert: "Down", severity: 2 }).verdict).toBe("accepted");
    expect(groups({ expression, record: "down" }).verdict).toBe("accepted");
    expect(groups({ expression }).message[0]).toContain("one and only one of [rule.0.record, rule.0.alert]");
    expect(groups({ expression, alert: "Down", record: "down" }).verdict).toBe("refused-plan");
    expect(groups({ expression, record: "down", severity: 2 }).message[0]).toContain("must be empty");
  });

  it("a certificate is looked at where there is one", () => {
    const wanted = { ssl_check_enabled: true, ssl_cert_remaining_lifetime: 14 };
    expect(webTest("https://api.acme.example/", wanted).verdict).toBe("accepted");
    expect(webTest("http://api.acme.example/", wanted).message[0]).toContain("cannot set ssl_check_enabled");
    expect(webTest("http://api.acme.example/", { ssl_cert_remaining_lifetime: 14 }).message[0]).toContain(
      "cannot set ssl_cert_remaining_lifetime",
    );
    expect(webTest("http://api.acme.example/", {}).verdict).toBe("accepted");
  });

  it("a channel's secret is in one place", () => {
    expect(channel({ channel_name: "#fleet" }).verdict).toBe("accepted");
    expect(channel({ auth_token: "x" }).verdict).toBe("refused-plan");
  });

  it("a dashboard keeps what Google adds to it, and changes with what is wanted", () => {
    const stored = '{"a":[{"b":1}],"etag":"x"}';
    const dashboard = (text: string) =>
      judge(
        "google_monitoring_dashboard",
        { dashboard_json: stored },
        { id: "projects/p/dashboards/d", project: "p", dashboard_json: stored },
        [{ path: ["dashboard_json"], value: text }],
      ).verdict;
    expect(dashboard('{"a":[{"b":1}]}')).toBe("no change");
    expect(dashboard('{"a":[{"b":2}]}')).toBe("in-place");
    expect(dashboard('{"a":[]}')).toBe("in-place");
  });
});

describe("what the kubernetes provider decides while it plans", () => {
  const metadata = [{ name: "settings", namespace: "agents" }];
  const stored = [{ ...metadata[0], generate_name: "", generation: 0, resource_version: "1", uid: "u" }];
  const content = (data: Json, immutable: boolean) => ({
    id: "agents/settings",
    metadata: stored,
    binary_data: {},
    data,
    immutable,
  });

  it("replaces a ConfigMap that can't be changed, and changes one that can", () => {
    const config = (data: Json, immutable: boolean) => ({ metadata, data, immutable });
    const change = (immutable: boolean) =>
      judge("kubernetes_config_map_v1", config({ a: "2" }, immutable), content({ a: "1" }, immutable));
    expect(change(true)).toMatchObject({ verdict: "replace", because: [["data"]] });
    expect(change(false).verdict).toBe("in-place");
  });

  it("takes a beginning of names one sign longer than a name, where a hyphen ends it", () => {
    const begin = (generate_name: string) =>
      judge("kubernetes_service_v1", { metadata: [{ generate_name }], spec: [{ port: [{ port: 80 }] }] })
        .verdict;
    expect(begin(`${"a".repeat(63)}-`)).toBe("accepted");
    expect(begin("a".repeat(63))).toBe("accepted");
    expect(begin("a".repeat(64))).toBe("refused-validate");
    expect(begin(`${"a".repeat(64)}-`)).toBe("refused-validate");
    expect(begin("front.end-")).toBe("refused-validate");
    expect(begin("-")).toBe("refused-validate");
  });

  it("replaces a volume that gets smaller, and lets one grow", () => {
    const spec = (storage: string) => ({
      access_modes: ["ReadWriteOnce"],
      resources: [{ requests: { storage } }],
    });
    const state = {
      id: "agents/settings",
      metadata: stored,
      spec: [
        {
          ...spec("10Gi"),
          selector: [],
          storage_class_name: "default",
          volume_mode: "Filesystem",
          volume_name: "",
        },
      ],
      wait_until_bound: true,
    };
    const change = (storage: string) =>
      judge("kubernetes_persistent_volume_claim_v1", { metadata, spec: [spec(storage)] }, state);
    expect(change("9Gi").verdict).toBe("replace");
    expect(change("20480Mi").verdict).toBe("in-place");
    expect(change("10Gi").verdict).toBe("no change");
  });
});

describe("fidelity", () => {
  const stores = new Map<string, SchemaStore>();
  const fidelity = (type: string) => {
    const provider = providerOfType(type);
    const store = stores.get(provider) ?? new SchemaStore(provider);
    stores.set(provider, store);
    return fidelityOf(type, store);
  };

  it("is complete for every type that the environments use, and for those that verdicts were measured of", () => {
    const stacks = [
      ...environments.map((environment) => synthEnvironment(environment)),
      ...environments.filter(runsKubernetes).map((environment) => synthCluster(environment)),
    ];
    const types = new Set([
      ...stacks.flatMap((stack) => stack.resources().map(({ type }) => type)),
      ...readVerdicts().flatMap(({ bases }) => Object.keys(bases)),
    ]);
    expect(types.size).toBeGreaterThan(80);
    expect([...types].filter((type) => fidelity(type) !== "rules")).toEqual([]);
  });

  it("is the schema's alone where the provider's code decides what isn't known here", () => {
    expect(fidelity("azurerm_application_gateway")).toBe("schema only");
    expect(fidelity("azurerm_resource_group")).toBe("rules");
    expect(fidelity("azurerm_nothing_like_it")).toBe("schema only");
  });
});

describe("what providers of the SDK say of every type alike", () => {
  const zone = { name: "example", resource_group_name: "rg" };
  const type = "azurerm_dns_zone";

  it("is that nobody sets an id, whatever the schema says", () => {
    expect(judge(type, zone).verdict).toBe("accepted");
    for (const id of ["x", "", UNKNOWN]) {
      expect(judge(type, { ...zone, name: "a.example", id })).toMatchObject({
        verdict: "refused-validate",
        message: ["Invalid or unknown key"],
      });
    }
  });

  it.each([
    ["30m", undefined],
    ["1h30m", undefined],
    ["1.5h", undefined],
    ["0", undefined],
    ["30", 'time: missing unit in duration "30"'],
    ["abc", 'time: invalid duration "abc"'],
    ["", 'time: invalid duration ""'],
    [" 5m", 'time: invalid duration " 5m"'],
  ])("is that a timeout of '%s' is read while it plans", (create, why) => {
    const { verdict, message } = judge(type, { ...zone, name: "a.example", timeouts: { create } });
    expect([verdict, ...message]).toEqual(
      why === undefined ? ["accepted"] : ["refused-plan", `Error parsing "create" timeout: ${why}`],
    );
  });
});

describe("texts and ids that azurerm takes", () => {
  const group = { name: "ag", resource_group_name: "rg", short_name: " " };

  it("are blanks where it looks for an empty text alone", () => {
    expect(judge("azurerm_monitor_action_group", group).verdict).toBe("accepted");
    expect(judge("azurerm_monitor_action_group", { ...group, short_name: "" }).verdict).toBe(
      "refused-validate",
    );
  });

  it("are none but blanks where it looks for those, too", () => {
    const key = { configuration_store_id: `${ID}/Microsoft.AppConfiguration/configurationStores/store` };
    expect(judge("azurerm_app_configuration_key", { ...key, key: "a" }).verdict).toBe("accepted");
    expect(judge("azurerm_app_configuration_key", { ...key, key: " " }).message[0]).toContain("whitespace");
  });

  it("are ids without their first slash, unless it reads them as URLs", () => {
    const link = (id: string) => ({
      name: "link",
      resource_group_name: "rg",
      private_dns_zone_name: "example",
      virtual_network_id: id,
    });
    const network = `${ID}/Microsoft.Network/virtualNetworks/net`;
    const dns = "azurerm_private_dns_zone_virtual_network_link";
    expect(judge(dns, link(network)).verdict).toBe("accepted");
    expect(judge(dns, link(network.slice(1))).verdict).toBe("accepted");
    expect(judge(dns, link(network.slice(2))).verdict).toBe("refused-validate");
    expect(judge(dns, link(`${network}/`)).verdict).toBe("accepted");
    expect(judge(dns, link(`${network}//`)).verdict).toBe("refused-validate");
    const pool = (id: string) => ({ name: "pool", kubernetes_cluster_id: id, vm_size: "Standard_D2ds_v5" });
    const cluster = `${ID}/Microsoft.ContainerService/managedClusters/aks`;
    expect(judge("azurerm_kubernetes_cluster_node_pool", pool(cluster)).verdict).toBe("accepted");
    expect(judge("azurerm_kubernetes_cluster_node_pool", pool(cluster.slice(1))).verdict).toBe(
      "refused-validate",
    );
  });
});

describe("metadata of what a storage account keeps", () => {
  const container = (name: string) =>
    judge("azurerm_storage_container", {
      name: "states",
      storage_account_id:
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st",
      metadata: { [name]: "x" },
    });

  it.each([
    ["kept_for", undefined],
    ["_1", undefined],
    ["k", "'MetaData' must start with letters or an underscores and be all lowercase. Got \"k\""],
    ["1st", "'MetaData' must start with letters or an underscores and be all lowercase. Got \"1st\""],
    ["Kept", "'MetaData' must start with letters or an underscores and be all lowercase. Got \"Kept\""],
    ["default", '"default" is not a valid key (C# keyword)'],
  ])("may be called %s: %s", (name, message) => {
    expect(container(name)).toMatchObject(
      message === undefined ? { verdict: "accepted" } : { verdict: "refused-validate", message: [message] },
    );
  });
});

describe("the kubernetes provider's own checks", () => {
  const map = (metadata: Json, change: Json = {}) =>
    judge("kubernetes_config_map_v1", { metadata: [{ name: "settings", ...metadata }], ...change });

  it("are of labels and annotations", () => {
    expect(map({ labels: { "a.example/b": "c" }, annotations: { "A.Example/b": "any text" } }).verdict).toBe(
      "accepted",
    );
    expect(map({ labels: { "bad key!": "c" } }).verdict).toBe("refused-validate");
    expect(map({ labels: { key: "no label" } }).verdict).toBe("refused-validate");
    expect(map({ annotations: { "bad key!": "c" } }).message[0]).toContain('annotations ("bad key!")');
  });

  it("wait until all of a block is known", () => {
    expect(map({ labels: { "bad key!": "c" }, annotations: { a: UNKNOWN } }).verdict).toBe("accepted");
  });

  it("are of binary content, of config maps alone", () => {
    expect(map({}, { binary_data: { a: "YWJj" } }).verdict).toBe("accepted");
    expect(map({}, { binary_data: { a: "abc" } }).verdict).toBe("refused-validate");
    const secret = { metadata: [{ name: "s" }], binary_data: { a: "abc" } };
    expect(judge("kubernetes_secret_v1", secret).verdict).toBe("accepted");
  });

  it("are of numbers in texts", () => {
    const budget = (max_unavailable: string) =>
      judge("kubernetes_pod_disruption_budget_v1", {
        metadata: [{ name: "b" }],
        spec: [{ max_unavailable, selector: [{ match_labels: { app: "a" } }] }],
      }).verdict;
    expect(["1", "50%", "101%", "some"].map(budget)).toEqual([
      "accepted",
      "accepted",
      "refused-validate",
      "refused-validate",
    ]);
  });

  it("are of schedules, accounts, modes and ports of pods", () => {
    const job = (schedule: string, user = "1000", mode = "0440", port = "http") =>
      judge("kubernetes_cron_job_v1", {
        metadata: [{ name: "j" }],
        spec: [
          {
            schedule,
            job_template: [
              {
                metadata: [{}],
                spec: [
                  {
                    template: [
                      {
                        metadata: [{}],
                        spec: [
                          {
                            volume: [{ name: "v", secret: [{ secret_name: "s", default_mode: mode }] }],
                            container: [
                              {
                                name: "c",
                                image: "i",
                                security_context: [{ run_as_user: user }],
                                liveness_probe: [{ tcp_socket: [{ port }] }],
                              },
                            ],
                          },
                        ],
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      }).verdict;
    const right = ["*/5 * * * *", "@daily"].map((schedule) => job(schedule));
    expect([...right, job("@daily", "+1000", "0777", "8080")]).toEqual(right.concat("accepted"));
    expect(right).toEqual(["accepted", "accepted"]);
    const wrong = ["*", "TZ=UTC 0 0 * * *", "60 * * * *"].map((schedule) => job(schedule));
    const others = [job("@daily", "root"), job("@daily", "1", "0888"), job("@daily", "1", "0440", "70000")];
    expect([...wrong, ...others]).toEqual(Array(6).fill("refused-validate"));
  });

  it("are of roles' names what a path takes", () => {
    const role = (name: string) =>
      judge("kubernetes_role_v1", {
        metadata: [{ name }],
        rule: [{ api_groups: [""], resources: ["pods"], verbs: ["get"] }],
      }).verdict;
    expect(["system:a b", "a/b", ".."].map(role)).toEqual([
      "accepted",
      "refused-validate",
      "refused-validate",
    ]);
  });
});

describe("a server of Cloud SQL", () => {
  const server = (settings: Json, database_version = "POSTGRES_17"): Json => ({
    name: "tasks",
    region: "europe-west4",
    project: "acme-agents",
    database_version,
    settings: [{ tier: "db-custom-1-3840", ...settings }],
  });
  const recovered = { backup_configuration: [{ enabled: true, point_in_time_recovery_enabled: true }] };
  const type = "google_sql_database_instance";

  it("goes back in time by that name where it is no MySQL", () => {
    expect(judge(type, server(recovered)).verdict).toBe("accepted");
    expect(judge(type, server(recovered, "MYSQL_8_4"))).toMatchObject({
      verdict: "refused-plan",
      message: [expect.stringContaining("binary_log_enabled")],
    });
  });

  it("is another one where its disk shrinks", () => {
    const state = { ...server({ disk_size: 20 }), id: "tasks" };
    const size = (value: number) => [{ path: ["settings", 0, "disk_size"], value }];
    expect(judge(type, server({ disk_size: 20 }), state, size(30)).verdict).toBe("in-place");
    expect(judge(type, server({ disk_size: 20 }), state, size(10)).verdict).toBe("replace");
  });

  it("is known by its rules", () => {
    const google = new SchemaStore("google");
    for (const each of [type, "google_sql_database", "google_sql_user"])
      expect(fidelityOf(each, google)).toBe("rules");
  });
});

describe("an uptime check on Google", () => {
  const check = (path: string, labels: Json): Json => ({
    display_name: "card",
    timeout: "10s",
    project: "acme-agents",
    http_check: [{ path, port: 443, request_method: "GET" }],
    monitored_resource: [{ type: "uptime_url", labels }],
  });
  const type = "google_monitoring_uptime_check_config";
  const host = { host: "a.example" };
  const before = check("/card", { ...host, project_id: "acme-agents" });
  const change = async (config: Json) => {
    const maker = new Judge({ provider: "google", version: "", settings: [{}], bases: {}, states: {} });
    judges.set(`${judges.size}`, maker);
    const mutation = Object.entries(config).map(([name, value]) => ({ path: [name], value }));
    return judge(type, before, (await maker.create(type, before)) as Json, mutation).verdict;
  };

  it("is the same without the path's slash, and without the project that Google adds", async () => {
    expect(await change(check("card", { ...host, project_id: "acme-agents" }))).toBe("no change");
    expect(await change(check("/card", host))).toBe("no change");
    expect(await change(check("/other", { ...host, project_id: "acme-agents" }))).toBe("in-place");
    expect(await change(check("/other", host))).toBe("replace");
    expect(await change(check("/card", { host: "b.example" }))).toBe("replace");
    expect(fidelityOf(type, new SchemaStore("google"))).toBe("rules");
  });
});

describe("a budget on Azure", () => {
  const budget = (start_date: string, end_date?: string) =>
    judge("azurerm_consumption_budget_resource_group", {
      name: "budget",
      resource_group_id: ID.replace("/providers", ""),
      amount: 100,
      time_period: [{ start_date, ...(end_date !== undefined && { end_date }) }],
      notification: [{ operator: "EqualTo", threshold: 90, contact_emails: ["a@b.example"] }],
    }).verdict;

  it("begins with a month of which there could be one", () => {
    expect(budget("2026-11-01T00:00:00Z", "2027-11-15T00:00:00Z")).toBe("accepted");
    expect(budget("2017-06-01T00:00:00Z")).toBe("accepted");
    expect(budget("2017-05-01T00:00:00Z")).toBe("refused-validate");
    expect(budget("2026-11-02T00:00:00Z")).toBe("refused-validate");
    expect(budget("2026-11-01")).toBe("refused-validate");
    expect(budget("2026-11-01T00:00:00Z", "never")).toBe("refused-validate");
  });
});

describe("names that look right until one looks closer", () => {
  const gateway = (name: string) => ({
    name: "apim-acme",
    resource_group_name: "rg",
    location: "westeurope",
    publisher_name: name,
    publisher_email: "api@acme.example",
    sku_name: "StandardV2_1",
  });
  const workbook = (name: string) => ({
    name,
    resource_group_name: "rg",
    location: "westeurope",
    display_name: "Agents",
    data_json: "{}",
  });

  it("are refused for a line break in a publisher's", () => {
    expect(judge("azurerm_api_management", gateway("Acme & Söhne")).verdict).toBe("accepted");
    expect(judge("azurerm_api_management", gateway("Acme\nSöhne")).verdict).toBe("refused-validate");
  });

  it("are refused for capitals in a workbook's", () => {
    const type = "azurerm_application_insights_workbook";
    expect(judge(type, workbook("22222222-2222-4222-8222-aaaaaaaaaaaa")).verdict).toBe("accepted");
    expect(judge(type, workbook("22222222-2222-4222-8222-AAAAAAAAAAAA")).verdict).toBe("refused-validate");
  });
});
