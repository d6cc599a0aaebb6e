import { ContainerAppEnvironment } from "@cdktf/provider-azurerm/lib/container-app-environment";
import { describe, expect, test } from "vitest";
import { ContainerAppsEnvironment } from "../../src/azure/container-apps/container-apps-environment";
import { Network } from "../../src/azure/network";
import { Observability } from "../../src/azure/observability";
import type { Environment } from "../../src/environment/environment";
import { azureStack, madeBefore, referenced } from "../support/azure-parts";
import { usePlanning } from "../support/plan-stack";
import { definitions, environment } from "../support/sample-fleet";
import { FinishedStack, synthEnvironment } from "../support/synth";

interface Change {
  readonly inNetwork?: boolean;
  readonly internal?: boolean;
  readonly zoneRedundant?: boolean;
  readonly mutualTls?: boolean;
}

function appsStack({ inNetwork = false, ...change }: Change = {}) {
  return azureStack((stack, resourceGroup) => {
    const { workspaceId } = new Observability(stack, "logs", {
      resourceGroup,
      workspaceName: "log-parts",
      applicationInsightsName: "appi-parts",
      deletionProtection: false,
    });
    new ContainerAppsEnvironment(stack, "apps", {
      resourceGroup,
      name: "cae-parts",
      workspaceId,
      infrastructureResourceGroupName: "rg-parts-apps",
      network: inNetwork
        ? new Network(stack, "network", { resourceGroup, name: "vnet-parts", subnets: ["apps"] })
        : undefined,
      ...change,
    });
  });
}

/** The same by hand, as its documentation shows it: nobody names the group of what Azure adds. */
function byHand() {
  return azureStack((stack, resourceGroup) => {
    const network = new Network(stack, "network", { resourceGroup, name: "vnet-parts", subnets: ["apps"] });
    new ContainerAppEnvironment(stack, "apps", {
      name: "cae-parts",
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      workloadProfile: [{ name: "Consumption", workloadProfileType: "Consumption" }],
      infrastructureSubnetId: network.subnet("apps").id,
      internalLoadBalancerEnabled: true,
    });
  });
}

const apps = (change?: Change) => new FinishedStack(appsStack(change)).at("apps/resource").arguments;

test("always has the Consumption profile, and its logs in the workspace", () => {
  expect(apps()).toMatchObject({
    logs_destination: "log-analytics",
    workload_profile: [{ name: "Consumption", workload_profile_type: "Consumption" }],
  });
  expect(referenced(apps().log_analytics_workspace_id)).toMatch(/^azurerm_log_analytics_workspace\./);
});

test("without a network leaves out what needs one", () => {
  for (const argument of [
    "infrastructure_subnet_id",
    "infrastructure_resource_group_name",
    "internal_load_balancer_enabled",
    "zone_redundancy_enabled",
  ]) {
    expect(apps()).not.toHaveProperty(argument);
  }
});

test.each([
  [{}, false, false],
  [{ internal: true }, true, false],
  [{ zoneRedundant: true }, false, true],
])("in a network with %o", (change, internal, zones) => {
  expect(apps({ inNetwork: true, ...change })).toMatchObject({
    infrastructure_resource_group_name: "rg-parts-apps",
    internal_load_balancer_enabled: internal,
    zone_redundancy_enabled: zones,
  });
});

test.each(["internal", "zoneRedundant"] as const)("%s needs a network", (property) => {
  expect(() => appsStack({ [property]: true })).toThrow(
    `Container Apps environment 'cae-parts': ${property} needs a network; give it one, or leave that out`,
  );
});

test("internal, it is found by name in its network", () => {
  const stack = new FinishedStack(appsStack({ inNetwork: true, internal: true }));
  const zone = stack.at("apps/zone");
  expect(zone.arguments.name).toMatch(/^\$\{azurerm_container_app_environment\..*\.default_domain\}$/);
  expect(stack.at("apps/apps").arguments).toMatchObject({
    name: "*",
    ttl: 300,
    records: [expect.stringMatching(/\.static_ip_address\}$/)],
  });
  expect(referenced(stack.at("apps/link").arguments.virtual_network_id)).toBe(
    stack.at("network/resource").address,
  );
});

test.each<[string, Partial<Environment>]>([
  ["the fleet's own", { gateway: {} }],
  [
    "one that exists",
    {
      gateway: { existing: { name: "apim-corporate", resourceGroup: "rg-gateway" } },
      containerApps: { internal: true },
    },
  ],
])(
  "internal, a backend of a gateway (%s) waits for the names that it calls, and for its network to know them",
  (_, gateway) => {
    const azure = environment.azure && { ...environment.azure, network: { kind: "created" as const } };
    const stack = synthEnvironment(
      { ...environment, azure, ...gateway, identityProvider: { kind: "entra" } },
      definitions,
    );
    const [backend] = stack.resources("azurerm_api_management_backend");
    const before = [...madeBefore(stack, backend?.address ?? "")];
    const apps = ["azurerm_private_dns_a_record", "azurerm_private_dns_zone_virtual_network_link"].map(
      (type) =>
        stack.resources(type).find(({ path }) => /^shared\/apps\//.test(path))?.address ?? `no ${type}`,
    );
    expect(before).toEqual(expect.arrayContaining(apps));
  },
);

test("mutual TLS is asked for and nothing else", () => {
  expect(apps().mutual_tls_enabled).toBe(false);
  expect(apps({ mutualTls: true }).mutual_tls_enabled).toBe(true);
});

test("waits for the rules of its subnet", () => {
  const stack = new FinishedStack(appsStack({ inNetwork: true }));
  expect(madeBefore(stack, stack.at("apps/resource").address)).toContain(
    stack.at("network/apps-rules-association").address,
  );
});

test("that exists is used by name, and nothing in it is made", () => {
  const stack = synthEnvironment(
    {
      ...environment,
      containerApps: { existing: { name: "cae-corporate", resourceGroup: "rg-apps" } },
    },
    definitions,
  );
  expect(stack.resources("azurerm_container_app_environment")).toEqual([]);
  const { container_app_environment_id: id } = stack.at("billing/resource").arguments;
  expect(id).toMatch(/^\$\{data\.azurerm_container_app_environment\./);
});

describe("deployed", () => {
  const { deployStack, planStack } = usePlanning();

  test.each([{}, { inNetwork: true }, { inNetwork: true, internal: true, zoneRedundant: true }])(
    "stays as it is with %o",
    async (change) => {
      const prior = await deployStack(appsStack(change));
      expect((await planStack(appsStack(change), { prior })).isEmpty).toBe(true);
    },
  );

  test("the same by hand replaces itself at the second deploy", async () => {
    const prior = await deployStack(byHand());
    const { actions } = await planStack(byHand(), { prior });
    expect([...actions].filter(([, action]) => action !== "no-op")).toEqual([
      [expect.stringMatching(/^azurerm_container_app_environment\./), "replace"],
    ]);
  });
});
