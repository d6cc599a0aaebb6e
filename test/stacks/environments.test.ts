import { beforeAll, describe, expect, test } from "vitest";
import { RegistryStack } from "../../src/azure/registry-stack";
import { environments } from "../../stacks/environments";
import { registry } from "../../stacks/environments/registry";
import { type Deployed, reducePlan, usePlanning } from "../support/plan-stack";
import { environmentStack, FinishedStack, synthEnvironment, testApp } from "../support/synth";

/** What a reviewer of a pull request wants to see of each resource; everything else shows as its action. */
const REVIEWED = {
  azurerm_container_app: [
    "name",
    "ingress.0.external_enabled",
    "ingress.0.target_port",
    "template.0.container.0.image",
    "template.0.min_replicas",
    "template.0.max_replicas",
  ],
  azurerm_container_app_environment: ["internal_load_balancer_enabled", "zone_redundancy_enabled"],
  azurerm_key_vault: ["name", "public_network_access_enabled"],
  azurerm_managed_redis: ["sku_name", "high_availability_enabled", "public_network_access"],
  azurerm_kubernetes_cluster: [
    "kubernetes_version",
    "private_cluster_enabled",
    "local_account_disabled",
    "sku_tier",
    "network_profile.0.network_policy",
    "default_node_pool.0.zones",
  ],
  azurerm_container_registry: ["name", "admin_enabled"],
  google_cloud_run_v2_service: [
    "name",
    "ingress",
    "invoker_iam_disabled",
    "template.0.containers.0.image",
    "scaling.0.min_instance_count",
    "template.0.scaling.0.max_instance_count",
  ],
  google_redis_instance: ["name", "tier", "auth_enabled", "transit_encryption_mode"],
  google_compute_security_policy: ["name"],
};

const { planStack, deployStack } = usePlanning();
let images: Deployed;

beforeAll(async () => {
  images = await deployStack(new RegistryStack(testApp(), registry));
});

describe.each(environments.map((environment) => [environment.name, environment] as const))(
  "%s",
  (_name, environment) => {
    test("is made of these parts", () => {
      expect(synthEnvironment(environment).tree()).toMatchSnapshot();
    });

    test("plans from nothing as reviewed", async () => {
      const plan = await planStack(environmentStack(environment), { cloud: images });
      expect(reducePlan(plan, REVIEWED)).toMatchSnapshot();
    });

    test("synthesizes the same JSON twice", () => {
      expect(synthEnvironment(environment).json).toEqual(synthEnvironment(environment).json);
    });
  },
);

test("the registry has no admin user and is kept", () => {
  const stack = new FinishedStack(new RegistryStack(testApp(), registry));
  const { arguments: images } = stack.at("images/resource");
  expect(images).toMatchObject({ admin_enabled: false, lifecycle: { prevent_destroy: true } });
});
