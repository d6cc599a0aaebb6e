import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { RegistryStack } from "../../src/azure/registry-stack";
import type { Environment } from "../../src/environment/environment";
import { readPlanFile } from "../../src/review/plan-file";
import { renderReview, unacknowledged } from "../../src/review/render-review";
import { type Review, reviewPlans } from "../../src/review/review-plans";
import { clusterStack } from "../support/kubernetes-fleet";
import { type Deployed, usePlanning } from "../support/plan-stack";
import { billing, desk, environment } from "../support/sample-fleet";
import { environmentStack, testApp } from "../support/synth";

/** What was deployed: a customer's desk that calls billing, which has a secret, and a helper that nobody calls. */
const helper: AgentDefinition = {
  name: "helper",
  description: "Helps",
  version: "1.0.0",
  skills: [{ id: "help", name: "Help", description: "Helps", tags: ["help"] }],
};
const before: Environment = { ...environment, identityProvider: { kind: "entra" } };
const agents: readonly AgentDefinition[] = [desk, billing, helper];

const { deployStack, planStack } = usePlanning();
let deployed: Deployed;
let images: Deployed;
beforeAll(async () => {
  const { tenant, azure } = before;
  if (azure === undefined) throw new Error("the sample is on Azure");
  images = await deployStack(
    new RegistryStack(testApp(), {
      kind: "fleet",
      name: "acmeimages",
      resourceGroup: "rg-images",
      subscriptionId: azure.subscriptionId,
      tenant,
      location: azure.location,
      state: { kind: "local" },
    }),
  );
  deployed = await deployStack(environmentStack(before, agents), { cloud: images });
}, 120_000);

async function reviewOf(change: Partial<Environment>, definitions = agents): Promise<Review> {
  const { json } = await planStack(environmentStack({ ...before, ...change }, definitions), {
    prior: deployed,
  });
  return reviewPlans([readPlanFile(JSON.stringify(json), "plan.json")]);
}

/** The review as people read it, without the hashes that end addresses. */
function told(review: Review): string {
  return renderReview(review, { title: "test", accepted: [] }).replaceAll(/_[0-9A-F]{8}\b/g, "");
}

describe("what a change means", () => {
  test("nothing", async () => {
    expect(told(await reviewOf({}))).toContain("Nothing changes.");
  });

  test.each<[string, Partial<Environment>, readonly AgentDefinition[]]>([
    ["a new image", { agents: { billing: { image: "1.1.0" } } }, agents],
    ["a new agent", {}, [...agents, { ...billing, name: "stock", secrets: {} }]],
    ["an agent that goes", {}, [desk, billing]],
    [
      "a renamed secret",
      {},
      [desk, { ...billing, secrets: { ERP_TOKEN: "billing-erp-token-of-2027" } }, helper],
    ],
    ["an agent that opens", { agents: { billing: { reach: "internet" } } }, agents],
    ["a new caller", {}, [desk, { ...billing, calls: ["desk"] }, helper]],
    ["replica counts", { agents: { billing: { minReplicas: 2, maxReplicas: 8 } } }, agents],
    ["another customer", { customers: ["globex", "acme"] }, agents],
  ])("%s", async (_what, change, definitions) => {
    const review = await reviewOf(change, definitions);
    expect(review.lost).toEqual([]);
    const text = told(review);
    expect(text).toMatchSnapshot();
    expect(text.split("\n").length).toBeLessThan(120);
  });

  test("another region loses data, and is refused until each loss is acknowledged", async () => {
    const { azure } = before;
    if (azure === undefined) throw new Error("the sample is on Azure");
    const review = await reviewOf({ azure: { ...azure, location: "northeurope" } });
    const lost = unacknowledged(review, []);
    expect(lost.map(({ keeps }) => keeps)).toContain("tasks");
    const addresses = lost.map(({ address }) => address);
    expect(unacknowledged(review, addresses.slice(1))).toHaveLength(1);
    expect(unacknowledged(review, addresses)).toEqual([]);
    expect(told(review)).toContain("because of `location`");
  });

  test("another platform takes an agent out of one stack and into another, and loses nothing", async () => {
    // Nobody calls it: whoever did would have to reach it from another platform then.
    const alone = [{ ...desk, calls: [] }, billing, helper];
    const both: Environment = {
      ...before,
      kubernetes: {
        edge: { kind: "gateway-api", certificates: { kind: "acme", email: "ops@acme.example" } },
      },
      agents: { helper: { platform: "kubernetes" } },
    };
    const shared = await deployStack(environmentStack(both, alone), { cloud: images });
    const cluster = await deployStack(clusterStack(both, alone), { cloud: shared });
    const moved: Environment = { ...both, agents: { ...both.agents, billing: { platform: "kubernetes" } } };
    const plans = [
      await planStack(environmentStack(moved, alone), { prior: shared }),
      await planStack(clusterStack(moved, alone), { prior: cluster }),
    ];
    const review = reviewPlans(
      plans.map(({ json }, index) => readPlanFile(JSON.stringify(json), `plan-${index}.json`)),
    );
    expect(review.lost).toEqual([]);
    const moves = review.owners.find(({ name }) => name === "billing")?.resources ?? [];
    expect(moves.filter(({ action }) => action === "destroyed").map(({ address }) => address)).toContainEqual(
      expect.stringMatching(/^azurerm_container_app\./),
    );
    expect(moves.filter(({ action }) => action === "created").map(({ address }) => address)).toContainEqual(
      expect.stringMatching(/^kubernetes_deployment_v1\./),
    );
    // The same image runs elsewhere, with the rights that it had: nothing of that is new.
    expect(review.images).toEqual([
      {
        owner: { kind: "agent", name: "billing" },
        before: "acmeimages.azurecr.io/agents/billing:1.0.0",
        after: "acmeimages.azurecr.io/agents/billing:1.0.0",
        moves: true,
      },
    ]);
    expect(review.roles).toEqual([]);
    const text = told(review);
    expect(text).toMatchSnapshot();
    expect(text.split("\n").length).toBeLessThan(120);

    const newer: Environment = {
      ...moved,
      agents: { ...both.agents, billing: { platform: "kubernetes", image: "1.1.0" } },
    };
    const away = await planStack(environmentStack(newer, alone), { prior: shared });
    const there = await planStack(clusterStack(newer, alone), { prior: cluster });
    const files = [away, there].map(({ json }, index) =>
      readPlanFile(JSON.stringify(json), `plan-${index}.json`),
    );
    expect(told(reviewPlans(files))).toContain(
      "`acmeimages.azurecr.io/agents/billing:1.0.0` → `acmeimages.azurecr.io/agents/billing:1.1.0`, on another platform",
    );
    // Where the old one stays, a second one is new.
    expect(told(reviewPlans(files.slice(1)))).toContain("`acmeimages.azurecr.io/agents/billing:1.1.0`, new");
  });

  test("a plan that a rehearsal kept says the same as Terraform's own, but for marks of what is sensitive", async () => {
    const { redactPlan } = await import("../../src/rehearsal/run/plan-report");
    const change = { agents: { billing: { image: "1.1.0" } } };
    const { json } = await planStack(environmentStack({ ...before, ...change }, agents), { prior: deployed });
    const own = reviewPlans([readPlanFile(JSON.stringify(json), "plan.json")]);
    const kept = reviewPlans([readPlanFile(JSON.stringify(redactPlan(json)), "plan.json")]);
    expect(told(kept)).toBe(told(own));
  });
});
