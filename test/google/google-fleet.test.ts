import { beforeAll, describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { GoogleFleetRegistry } from "../../src/google/facts/artifact-registries";
import { GoogleRegistryStack } from "../../src/google/google-registry-stack";
import { agents } from "../support/fleet/agents";
import { google } from "../support/fleet/examples/google";
import { production } from "../support/fleet/stacks/environments/production";
import { type Deployed, type StackPlan, usePlanning } from "../support/plan-stack";
import { environmentStack, FinishedStack, synthEnvironment, testApp } from "../support/synth";

const billing: AgentDefinition = {
  name: "billing",
  description: "Writes invoices",
  version: "1.0.0",
  secrets: { BILLING_KEY: "billing-key" },
  skills: [{ id: "invoice", name: "Invoice", description: "Writes an invoice", tags: ["invoice"] }],
};

const { deployStack, destroyStack, planStack } = usePlanning();

/** What happens to what, without cdktf's hashes. */
function changes(plan: StackPlan): string[] {
  return [...plan.actions]
    .filter(([, action]) => action !== "no-op" && action !== "read")
    .map(([address, action]) => `${action} ${address.replace(/_[0-9A-F]{8}$/, "")}`)
    .toSorted();
}

describe("the fleet on Google alone", () => {
  let deployed: Deployed;

  beforeAll(async () => {
    const images = await deployStack(
      new GoogleRegistryStack(testApp(), google.registry as GoogleFleetRegistry),
    );
    deployed = await deployStack(environmentStack(google), { cloud: images });
  });

  test("deploys, and the second plan is empty", async () => {
    expect(
      deployed.state.resources.filter(({ address }) => address.includes("cloud_run_v2_service.")),
    ).toHaveLength(8);
    expect((await planStack(environmentStack(google), { prior: deployed })).isEmpty).toBe(true);
  });

  test("uses no other cloud, and keeps its state in Cloud Storage", () => {
    const { json } = synthEnvironment(google);
    expect(Object.keys(json.provider).toSorted()).toEqual(["google", "time"]);
    expect(json.terraform.backend).toEqual({ gcs: { bucket: "a2a-example-state", prefix: "google" } });
  });

  test("leaves nothing behind", async () => {
    const { state } = await destroyStack(environmentStack(google), { prior: deployed });
    expect(state.resources.map(({ address }) => address)).toEqual([]);
  });

  test("leaves a secret alone that an operator has set, and the APIs of the project when it goes", () => {
    const { resource, output } = synthEnvironment(google).json;
    const versions = Object.values<Record<string, unknown>>(resource.google_secret_manager_secret_version);
    const placeholders = versions.filter(({ secret_data_wo }) => secret_data_wo !== undefined);
    expect(placeholders.length).toBeGreaterThan(0);
    expect(placeholders.every(({ secret_data_wo_version }) => secret_data_wo_version === 1)).toBe(true);
    expect(output.google_secrets_to_set.value["openai-api-key"]).toBe(
      "gcloud secrets versions add google-openai-api-key --project a2a-example-google --data-file=<file with the value>",
    );
    const services = Object.values<Record<string, unknown>>(resource.google_project_service);
    expect(services.every(({ disable_on_destroy }) => disable_on_destroy === false)).toBe(true);
  });

  test("gets an agent more without touching the others, nor the certificate", async () => {
    const plan = await planStack(environmentStack(google, [...agents, billing]), { prior: deployed });
    const touched = changes(plan).filter((change) => !change.startsWith("create"));
    // Who calls every internal agent is told of it.
    expect(touched).toEqual([
      "update google_cloud_run_v2_service.orchestrator-acme_service_resource",
      "update google_cloud_run_v2_service.orchestrator-globex_service_resource",
    ]);
    expect(changes(plan)).toContain("create google_cloud_run_v2_service.billing_service_resource");
    expect(changes(plan).filter((change) => change.includes("google_front"))).toEqual([]);
  });

  test("makes a new revision of what changed, in place, and of nothing else", async () => {
    const next = agents.map((agent) => (agent.name === "anomaly" ? { ...agent, version: "1.1.0" } : agent));
    const plan = await planStack(environmentStack(google, next), { prior: deployed });
    expect(changes(plan)).toEqual(["update google_cloud_run_v2_service.anomaly_service_resource"]);
    const [address = ""] = [...plan.actions.keys()].filter((each) =>
      each.includes(".anomaly_service_resource"),
    );
    expect(plan.changedArguments(address).map(({ path }) => path)).toContain("template.0.revision");
  });

  test("takes another host name with a certificate of its own, made before the old one goes", async () => {
    const moved = {
      ...google,
      cloudRun: { front: { kind: "load-balancer", host: "agents.google.example.com" } },
    } as const;
    const plan = await planStack(environmentStack(moved), { prior: deployed });
    const [certificate = ""] = [...plan.actions.keys()].filter((address) =>
      address.includes("managed_ssl_certificate"),
    );
    expect(plan.change(certificate).change.actions).toEqual(["create", "delete"]);
  });
});

describe("images on Google", () => {
  test("are in a stack of their own, deployed before everything that pulls them", () => {
    const own = new FinishedStack(new GoogleRegistryStack(testApp(), google.registry as GoogleFleetRegistry));
    expect(own.at("images/resource").arguments).toMatchObject({
      mode: "STANDARD_REPOSITORY",
      docker_config: { immutable_tags: true },
      lifecycle: { prevent_destroy: true },
    });
    expect(own.json.output.server.value).toBe("us-central1-docker.pkg.dev/a2a-example-images/agents");
    expect(synthEnvironment(google).resources("google_artifact_registry_repository")).toEqual([]);
  });

  test("are fetched from another cloud's registry, with a password that is a reference", () => {
    const fetched = new FinishedStack(
      new GoogleRegistryStack(testApp(), production.google?.images as GoogleFleetRegistry),
    );
    const { remote_repository_config: remote, mode } = fetched.at("images/resource").arguments;
    expect(mode).toBe("REMOTE_REPOSITORY");
    expect(remote.common_repository.uri).toBe("https://a2afleetimages.azurecr.io");
    expect(remote.upstream_credentials.username_password_credentials.password_secret_version).toMatch(
      /^projects\/a2a-example-images\/secrets\/\$\{.*\.secret_id\}\/versions\/latest$/,
    );
    expect(fetched.json.output.google_secrets_to_set.value["image-pull-password"]).toMatch(
      /^gcloud secrets versions add/,
    );
  });

  test("of another project are opened to Cloud Run of the environment's", () => {
    const here = { ...google, registry: { kind: "google" } } as const;
    expect(synthEnvironment(here).resources("google_artifact_registry_repository_iam_member")).toEqual([]);
    const [pull] = synthEnvironment(google).resources("google_artifact_registry_repository_iam_member");
    expect(pull?.arguments).toMatchObject({
      project: "a2a-example-images",
      location: "us-central1",
      role: "roles/artifactregistry.reader",
      member: "serviceAccount:service-000000000000@serverless-robot-prod.iam.gserviceaccount.com",
    });
  });
});
