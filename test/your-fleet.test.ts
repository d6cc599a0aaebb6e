import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { agents } from "../agents";
import { orderStacks } from "../src/cli/stack-order";
import type { Environment } from "../src/environment/environment";
import { registryStacks, registryStacksOf } from "../src/fleet/registries-of";
import { buildFleet } from "../src/stacks/build-fleet";
import { environments } from "../stacks/environments";
import { type Deployed, reducePlan, TerraformRefusal, usePlanning } from "./support/plan-stack";
import { FinishedStack, testApp } from "./support/synth";

// The only test that knows the agents, customers and environments of this repository: whoever changes them looks at what
// became of the plans, and takes them with `npm run accept`. All others stand on a fleet of their own.

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
  kubernetes_deployment_v1: [
    "spec.0.replicas",
    "spec.0.template.0.spec.0.container.0.image",
    "spec.0.template.0.spec.0.termination_grace_period_seconds",
  ],
  kubernetes_namespace_v1: ["metadata.0.name", "metadata.0.labels.pod-security.kubernetes.io/enforce"],
};

const TAKE_IT = "look at what changed; if it is what you want, `npm run accept` takes it";

const app = testApp();
const refused = await buildFleet(app, { agents, environments });
const stacks = new Map(
  app.node.children.filter(TerraformStack.isStack).map((stack) => [stack.node.id, stack]),
);
const stackOf = (name: string) => stacks.get(name) as TerraformStack;

/** Stacks that are deployed before one, in order. */
function before(name: string): string[] {
  const environment = environments.find((each) => name === each.name || name === `${each.name}-cluster`);
  if (environment === undefined) return [];
  const order = orderStacks([environment.name], [...stacks.keys()], () => registryStacksOf(environment));
  return order.slice(0, order.indexOf(name));
}

const { planStack, deployStack } = usePlanning();
const deployed = new Map<string, Promise<Deployed>>();

/** The cloud with these stacks in it, deployed one after the other. */
function cloudWith(names: readonly string[]): Promise<Deployed> | undefined {
  const last = names.at(-1);
  if (last === undefined) return undefined;
  const key = names.join(" ");
  const made =
    deployed.get(key) ??
    Promise.resolve(cloudWith(names.slice(0, -1))).then((cloud) => deployStack(stackOf(last), { cloud }));
  deployed.set(key, made);
  return made;
}

/** What the plan would do, or what it asks for that is in no cloud of a test: a network, a vault that people have. */
async function planned(name: string): Promise<object> {
  try {
    const plan = await planStack(stackOf(name), { cloud: await cloudWith(before(name)) });
    return reducePlan(plan, REVIEWED);
  } catch (error) {
    if (!(error instanceof TerraformRefusal)) throw error;
    const missing = error.errors.map(({ address = "" }) => address);
    if (!missing.every((address) => address.startsWith("data."))) throw error;
    return { "has to be there already": missing.toSorted() };
  }
}

const isRefused = (name: string) =>
  refused.some(({ subject }) =>
    [name, name.replace(/-cluster$/, "")].some((each) => subject.includes(`'${each}'`)),
  );

describe.each([...stacks.keys()].filter((name) => !isRefused(name)))("%s", (name) => {
  test("is made of these parts", () => {
    expect(new FinishedStack(stackOf(name)).tree(), TAKE_IT).toMatchSnapshot();
  });

  test("plans from nothing as reviewed", async () => {
    expect(await planned(name), TAKE_IT).toMatchSnapshot();
  });
});

test("what is held back, and why, is known", () => {
  const why = refused.map(({ subject, problems }) => [subject, problems.map(({ message }) => message)]);
  expect(Object.fromEntries(why), TAKE_IT).toMatchSnapshot();
});

test("every environment has its stack", () => {
  expect([...stacks.keys()]).toEqual(expect.arrayContaining(environments.map(({ name }) => name)));
  expect([...stacks.keys()].filter((name) => registryStacks.includes(name)).toSorted()).toEqual(
    [...new Set(environments.flatMap(registryStacksOf))].toSorted(),
  );
});

test("the examples have agents of their own, and stand beside whatever is listed", async () => {
  const folder = join(__dirname, "../stacks/environments/examples");
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const modules = await Promise.all(files.map((file) => import(join(folder, file))));
  const examples = modules.flatMap((module): Environment[] =>
    Object.values<Partial<Environment>>(module).filter((each): each is Environment => "stage" in each),
  );
  const others = environments.filter(({ name }) => examples.every((example) => example.name !== name));
  expect(examples.filter(({ fleet }) => fleet === undefined)).toEqual([]);
  const held = await buildFleet(testApp(), { agents, environments: [...others, ...examples] });
  expect(held.map(({ subject }) => subject)).toEqual(refused.map(({ subject }) => subject));
});
