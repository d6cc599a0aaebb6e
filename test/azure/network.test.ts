import { TerraformOutput } from "cdktf";
import { describe, expect, test } from "vitest";
import type { SubnetKind } from "../../src/azure/facts/network-layout";
import { Network } from "../../src/azure/network";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { azureStack, referenced } from "../support/azure-parts";
import { usePlanning } from "../support/plan-stack";
import { definitions, environment } from "../support/sample-fleet";
import { FinishedStack } from "../support/synth";

const ALL: readonly SubnetKind[] = ["apps", "endpoints", "gateway", "postgres", "cluster"];

const networkStack = () =>
  azureStack((stack, resourceGroup) => {
    new Network(stack, "network", { resourceGroup, name: "vnet-parts", subnets: ALL });
  });
const stack = new FinishedStack(networkStack());

/** First and last address of a range, as numbers. */
function bounds(cidr: string): [number, number] {
  const [address = "", bits = ""] = cidr.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [first, first + 2 ** (32 - Number(bits)) - 1];
}

test("subnets lie inside the network and beside each other", () => {
  const [low, high] = bounds(stack.at("network/resource").arguments.address_space[0]);
  const ranges = stack
    .resources("azurerm_subnet")
    .map((subnet) => bounds(subnet.arguments.address_prefixes[0]))
    .toSorted(([one], [other]) => one - other);
  expect(ranges).toHaveLength(ALL.length);
  for (const [index, [first, last]] of ranges.entries()) {
    expect(first).toBeGreaterThanOrEqual(low);
    expect(last).toBeLessThanOrEqual(high);
    expect(first).toBeGreaterThan(ranges[index - 1]?.[1] ?? -1);
  }
});

test.each([
  ["apps", "Microsoft.App/environments"],
  ["gateway", "Microsoft.Web/serverFarms"],
  ["postgres", "Microsoft.DBforPostgreSQL/flexibleServers"],
  ["endpoints", undefined],
  ["cluster", undefined],
])("%s is delegated to %s", (kind, service) => {
  const { delegation } = stack.at(`network/${kind}`).arguments;
  expect(delegation?.[0].service_delegation.name).toBe(service);
});

test.each(ALL)("%s has a security group, which holds for private endpoints too", (kind) => {
  const { address } = stack.at(`network/${kind}`);
  const association = stack.at(`network/${kind}-rules-association`).arguments;
  expect(referenced(association.subnet_id)).toBe(address);
  expect(referenced(association.network_security_group_id)).toBe(stack.at(`network/${kind}-rules`).address);
  const policies = stack.at(`network/${kind}`).arguments.private_endpoint_network_policies;
  expect(policies).toBe(kind === "endpoints" ? "NetworkSecurityGroupEnabled" : undefined);
});

describe("deployed", () => {
  const { deployStack, planStack } = usePlanning();

  test("every delegated subnet stays as it is", async () => {
    const prior = await deployStack(networkStack());
    expect((await planStack(networkStack(), { prior })).isEmpty).toBe(true);
  });
});

describe("a network that exists", () => {
  test("tells the addresses that it was said to have", () => {
    const stack = azureStack((scope) => {
      const given = { name: "vnet-corporate", resourceGroupName: "rg-network", cidr: "10.0.0.0/8" };
      const network = Network.fromExisting(scope, "network", { ...given, subnets: {} });
      new TerraformOutput(scope, "addresses", { value: network.cidr });
    });
    expect(new FinishedStack(stack).json.output.addresses.value).toBe("10.0.0.0/8");
  });

  test("names the subnets that it has when it is asked for another", () => {
    expect(() =>
      azureStack((scope) => {
        Network.fromExisting(scope, "network", {
          name: "vnet-corporate",
          resourceGroupName: "rg-network",
          cidr: "10.0.0.0/8",
          subnets: { apps: "snet-apps" },
        }).subnet("endpoints");
      }),
    ).toThrow("network 'vnet-corporate' has no subnet for endpoints (it has apps)");
  });
});

describe("an environment's network", () => {
  type NetworkOf = NonNullable<NonNullable<Environment["azure"]>["network"]>;
  const problems = (network: NetworkOf, change: Partial<Environment> = {}) => {
    const azure = { ...environment.azure, network } as Environment["azure"];
    return resolveFleet(definitions, { ...environment, azure, ...change }).problems.map(({ rule }) => rule);
  };
  const whole = {
    kind: "existing",
    name: "vnet-corporate",
    resourceGroup: "rg-network",
    containerAppsSubnet: "snet-apps",
    privateEndpointsSubnet: "snet-endpoints",
  } as const;

  test.each([
    ["a /16", { kind: "created", cidr: "10.80.0.0/16" }, []],
    ["a /20", { kind: "created", cidr: "10.80.16.0/20" }, []],
    ["a /24", { kind: "created", cidr: "10.80.0.0/24" }, ["network-size"]],
    ["a /8", { kind: "created", cidr: "10.0.0.0/8" }, ["network-size"]],
    ["an address inside its range", { kind: "created", cidr: "10.80.1.0/16" }, ["network-size"]],
    ["all its subnets", whole, []],
    ["no subnet for apps", { ...whole, containerAppsSubnet: undefined }, ["missing-subnet"]],
    ["no subnet for endpoints", { ...whole, privateEndpointsSubnet: undefined }, ["missing-subnet"]],
  ] as const)("with %s", (_which, network, rules) => {
    expect(problems(network)).toEqual(rules);
  });

  test("needs no subnet for apps whose environment exists", () => {
    const containerApps = { existing: { name: "cae-corporate", resourceGroup: "rg-apps" } };
    expect(problems({ ...whole, containerAppsSubnet: undefined }, { containerApps })).toEqual([]);
  });

  test("is not a new one beside an environment that exists, whose apps would not be in it", () => {
    const containerApps = { existing: { name: "cae-corporate", resourceGroup: "rg-apps" } };
    expect(problems({ kind: "created" }, { containerApps })).toEqual(["apps-outside-network"]);
    expect(problems(whole, { containerApps })).toEqual([]);
  });
});
