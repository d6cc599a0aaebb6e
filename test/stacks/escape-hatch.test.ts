import { TerraformResource, type TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { AgentService } from "../../src/parts/agent-service";
import { ClusterStack } from "../../src/stacks/cluster-stack";
import { agents } from "../support/fleet/agents";
import { production } from "../support/fleet/stacks/environments/production";
import { staging } from "../support/fleet/stacks/environments/staging";
import { environmentStack, FinishedStack, testApp } from "../support/synth";

const stacks: [string, string, () => TerraformStack][] = [
  ["Container Apps", "azurerm_container_app", () => environmentStack(staging)],
  ["Cloud Run", "google_cloud_run_v2_service", () => environmentStack(production)],
  [
    "a cluster",
    "kubernetes_deployment_v1",
    () => new ClusterStack(testApp(), { environment: production, agents }),
  ],
];

describe.each(stacks)("a setting that no property has, on %s", (_platform, type, create) => {
  test("is given to an agent's own resource through its default child", () => {
    const stack = create();
    const services = stack.node.children.filter((child) => child instanceof AgentService);
    expect(services.length).toBeGreaterThan(0);
    for (const { node } of services) {
      const { defaultChild } = node;
      if (!TerraformResource.isTerraformResource(defaultChild)) throw new Error(`${node.path} has none`);
      defaultChild.addOverride("timeouts.delete", `of ${node.id}`);
    }
    const given = new FinishedStack(stack)
      .resources()
      .filter(({ arguments: { timeouts } }) => timeouts?.delete?.startsWith("of "));
    expect(given.map((each) => each.type)).toEqual(services.map(() => type));
    expect(given.map((each) => each.arguments.timeouts.delete).toSorted()).toEqual(
      services.map(({ node }) => `of ${node.id}`).toSorted(),
    );
  });

  test("is given to what any other part is mainly made of, the same way", () => {
    const mains = create()
      .node.findAll()
      .filter((each) => TerraformResource.isTerraformResource(each) && each.node.id === "resource");
    expect(mains.length).toBeGreaterThan(0);
    const unreachable = mains.filter((main) => main.node.scope?.node.defaultChild !== main);
    expect(unreachable.map(({ node }) => node.path)).toEqual([]);
  });
});
