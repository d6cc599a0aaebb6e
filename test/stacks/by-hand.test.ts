import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { expect, test } from "vitest";
import {
  type AgentDefinition,
  AgentService,
  agentHost,
  KeyVaultSecrets,
  RedisTaskStore,
  refuse,
  resolveFleet,
} from "../../src";
import {
  ContainerAppsEnvironment,
  ContainerRegistry,
  containerAppsPlatform,
  Observability,
  physicalNames,
  ResourceGroup,
} from "../../src/azure";
import { dev as shippedDev } from "../support/fleet/stacks/environments/dev";
import { usePlanning } from "../support/plan-stack";
import { synth, synthEnvironment, testApp } from "../support/synth";

const dev = { ...shippedDev, agents: {} };

const billing: AgentDefinition = {
  name: "billing",
  description: "Writes invoices",
  version: "1.0.0",
  secrets: { BILLING_KEY: "billing-key" },
  skills: [{ id: "invoice", name: "Invoice", description: "Writes an invoice", tags: ["invoice"] }],
};

/** A stack of somebody else's, made of the public constructs alone. */
function ownStack(stack: Construct): void {
  new AzurermProvider(stack, "azurerm", { features: [{}], subscriptionId: dev.azure?.subscriptionId });
  new TimeProvider(stack, "time");
  const resourceGroup = new ResourceGroup(stack, "group", { name: "rg-own", location: "eastus" });
  const { workspaceId } = new Observability(stack, "logs", {
    resourceGroup,
    workspaceName: "log-own",
    applicationInsightsName: "appi-own",
  });
  const secrets = new KeyVaultSecrets(stack, "secrets", {
    resourceGroup,
    name: "kv-own",
    tenantId: "11111111-1111-1111-1111-111111111111",
    deployerObjectIds: ["22222222-2222-2222-2222-222222222222"],
    secrets: ["billing-key"],
  });
  const taskStore = new RedisTaskStore(stack, "task-store", { resourceGroup, name: "redis-own", secrets });
  const apps = new ContainerAppsEnvironment(stack, "apps", {
    resourceGroup,
    name: "cae-own",
    workspaceId,
    infrastructureResourceGroupName: "rg-own-apps",
  });
  const registry = new ContainerRegistry(stack, "registry", { resourceGroup, name: "ownimages" });
  const platform = containerAppsPlatform({
    resourceGroup,
    environment: apps,
    registry,
    identityName: physicalNames(dev).agentIdentity,
  });
  const host = agentHost({ platform, dependencies: [secrets, taskStore] });

  const fleet = resolveFleet(
    [billing],
    { ...dev, taskStore: { kind: "managed-redis" } },
    {
      containerAppsDomain: apps.defaultDomain,
    },
  );
  refuse("my fleet", fleet.problems);
  for (const workload of fleet.workloads) new AgentService(stack, workload.name, { workload, host });
}

const { deployStack, planStack } = usePlanning();

test("the public constructs alone make a stack that deploys and settles", async () => {
  const build = () => {
    const stack = new TerraformStack(testApp(), "own");
    ownStack(stack);
    return stack;
  };
  const deployed = await deployStack(build());
  expect((await planStack(build(), { prior: deployed })).isEmpty).toBe(true);
});

test("an agent made by hand is what the loop makes", () => {
  const byHand = synth(ownStack).at("billing/resource").arguments;
  const byLoop = synthEnvironment(dev, [billing]).at("billing/resource").arguments;
  const shape = (app: typeof byHand) => ({
    ...Object.fromEntries(Object.keys(app).map((key) => [key, typeof app[key]])),
    name: app.name,
    ingress: app.ingress,
    probes: app.template.container[0].readiness_probe,
  });
  const { depends_on: _waits, secret: _secrets, ...loop } = shape(byLoop) as Record<string, unknown>;
  expect(shape(byHand)).toMatchObject(loop);
});
