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
