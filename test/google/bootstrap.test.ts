import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { deployerRoles, GRANTED_ROLES } from "../../src/google/facts/deployer-roles";
import { type GoogleBootstrapProps, GoogleBootstrapStack } from "../../src/google/google-bootstrap-stack";
import { google as alone } from "../support/fleet/examples/google";
import { environments } from "../support/fleet/stacks/environments";
import { usePlanning } from "../support/plan-stack";
import { FinishedStack, testApp } from "../support/synth";

const ROOT = join(__dirname, "../..");
const stackOf = (props: Partial<GoogleBootstrapProps> = {}) =>
  new GoogleBootstrapStack(testApp(), { environments: [alone], repository: "acme/fleet", ...props });
const finished = (props: Partial<GoogleBootstrapProps> = {}) => new FinishedStack(stackOf(props));

/** Roles in projects, by who has them. */
function rolesOf(stack: FinishedStack, who: string): string[] {
  const own = stack.resources("google_project_iam_member").filter(({ path }) => path.startsWith(`${who}/`));
  return [...new Set(own.map(({ arguments: { role } }) => role as string))].toSorted();
}

describe("the state's bucket", () => {
  test("keeps versions, is reached by roles alone, and stays", () => {
    const [bucket] = finished().resources("google_storage_bucket");
    expect(bucket?.arguments).toMatchObject({
      name: alone.state.kind === "google-storage" ? alone.state.bucket : "",
      uniform_bucket_level_access: true,
      public_access_prevention: "enforced",
      versioning: { enabled: true },
      soft_delete_policy: { retention_duration_seconds: 30 * 24 * 3600 },
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    expect(finished().json.terraform.backend.gcs).toMatchObject({ prefix: "bootstrap-google" });
  });

  test("is written by who deploys, and read by who plans", () => {
    const roles = finished()
      .resources("google_storage_bucket_iam_member")
      .map(({ path, arguments: { role } }) => `${path.split("/")[0]} ${role}`);
    expect(roles.toSorted()).toEqual([
      "workflow-google roles/storage.objectUser",
      "workflow-google-plan roles/storage.objectViewer",
    ]);
  });

  test("is one for each that is named: an environment's writes its own, and the bootstrap's own is what all share", () => {
    const own: Environment = { ...alone, state: { kind: "google-storage", bucket: "acme-state-google" } };
    const stack = finished({ environments: [own], deployers: ["group:platform@example.com"] });
    const shared = alone.state.kind === "google-storage" ? alone.state.bucket : "";
    expect(stack.resources("google_storage_bucket").map(({ arguments: { name } }) => name)).toEqual(
      expect.arrayContaining([shared, "acme-state-google"]),
    );
    expect(stack.json.terraform.backend.gcs.bucket).toBe(shared);
    const members = stack
      .resources("google_storage_bucket_iam_member")
      .map(({ path }) => path.replace("/state-", " "))
      .toSorted();
    expect(members).toEqual([
      `deployer-group-platform-example-com ${shared}`,
      "deployer-group-platform-example-com acme-state-google",
      "workflow-google acme-state-google",
      "workflow-google-plan acme-state-google",
    ]);
  });

  test("is not there where another cloud has the state, the bootstrap's own as well", () => {
    const beside = finished({ environments });
    expect(beside.resources("google_storage_bucket")).toEqual([]);
    expect(beside.json.terraform.backend.azurerm).toMatchObject({ key: "bootstrap-google.tfstate" });
  });
});

test("goes to no cloud while a project's number is the repository's placeholder", () => {
  const state = { kind: "google-storage", bucket: "acme-state" } as const;
  const heldBack = (projectNumber: string) => {
    const google = { projectId: "acme-agents", projectNumber, region: "europe-west4" };
    const environment: Environment = { ...alone, google, registry: { kind: "google" }, state };
    const props = { environments: [environment], repository: "acme/fleet" };
    const stack = new FinishedStack(new GoogleBootstrapStack(testApp({}), props));
    const [guard] = stack.resources("terraform_data");
    return guard?.arguments.lifecycle.precondition[0].error_message;
  };
  expect(heldBack("123456789012")).toBeUndefined();
  expect(heldBack("000000000000")).toContain("placeholders: 000000000000 (");
});

describe("workflows", () => {
  test("are believed of one repository, each account by the environment of its job alone", () => {
    const stack = finished();
    expect(stack.at("github").arguments).toMatchObject({
      attribute_condition: "assertion.repository == 'acme/fleet'",
      attribute_mapping: { "google.subject": "assertion.sub" },
      oidc: { issuer_uri: "https://token.actions.githubusercontent.com" },
    });
    const members = stack
      .resources("google_service_account_iam_member")
      .map(({ path, arguments: { member, role } }) => [
        path.split("/")[0],
        role,
        String(member).split("/subject/")[1],
      ]);
    expect(members.toSorted()).toEqual([
      ["workflow-google", "roles/iam.workloadIdentityUser", "repo:acme/fleet:environment:google"],
      ["workflow-google-plan", "roles/iam.workloadIdentityUser", "repo:acme/fleet:environment:google-plan"],
    ]);
    expect(stack.resources("google_service_account_key")).toEqual([]);
  });

  test("that plan may look, those that deploy what the first deploy's page lists", () => {
    const roles = [...deployerRoles].toSorted();
    expect(rolesOf(finished(), "workflow-google-plan")).toEqual(["roles/viewer"]);
    expect(rolesOf(finished(), "workflow-google")).toEqual(roles);
    const page = readFileSync(join(ROOT, "docs/deploy-google.md"), "utf8");
    expect([...page.matchAll(/^\| `(roles\/[\w.]+)`/gm)].map(([, role]) => role).toSorted()).toEqual(roles);
  });

  test("are there where a repository is, and people where they are named", () => {
    const member = "group:platform@acme.io";
    const people = finished({ repository: undefined, deployers: [member] });
    expect(people.resources("google_iam_workload_identity_pool")).toEqual([]);
    expect(people.json.output).toBeUndefined();
    expect(rolesOf(people, "deployer-group-platform-acme-io")).toEqual(
      rolesOf(finished(), "workflow-google"),
    );
    expect(rolesOf(finished(), "deployer-group-platform-acme-io")).toEqual([]);
  });

  test("of development there are none", () => {
    const dev: Environment = { ...alone, stage: "development" };
    expect(finished({ environments: [dev] }).resources("google_service_account")).toEqual([]);
  });
});

describe("whoever grants roles", () => {
  test("grants what the fleet's own stacks grant in a project, and nothing else", () => {
    const granting = finished()
      .resources("google_project_iam_member")
      .filter(({ arguments: { role } }) => role === "roles/resourcemanager.projectIamAdmin");
    expect(granting.length).toBeGreaterThan(0);
    for (const { arguments: given } of granting) {
      expect(given.condition.expression).toBe(
        "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', [])" +
          ".hasOnly(['roles/cloudtrace.agent', 'roles/logging.logWriter', 'roles/monitoring.metricWriter'])",
      );
    }
    expect(GRANTED_ROLES).toHaveLength(3);
  });

  test("no other source makes roles of projects", () => {
    const files = readdirSync(join(ROOT, "src/google"), { recursive: true, encoding: "utf8" });
    const makers = files.filter(
      (file) =>
        file.endsWith(".ts") &&
        readFileSync(join(ROOT, "src/google", file), "utf8").includes("new ProjectIamMember"),
    );
    expect(makers.toSorted()).toEqual(["google-bootstrap-stack.ts", "google-telemetry.ts"]);
  });
});

describe("carried out", () => {
  const { deployStack, planStack } = usePlanning();

  test("it changes nothing the second time, and isn't destroyed", async () => {
    const deployed = await deployStack(stackOf());
    expect((await planStack(stackOf(), { prior: deployed })).isEmpty).toBe(true);
    await expect(planStack(stackOf(), { prior: deployed, destroy: true })).rejects.toThrow(/prevent_destroy/);
  });
});
