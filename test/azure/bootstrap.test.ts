import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type AzureBootstrapProps, AzureBootstrapStack } from "../../src/azure/azure-bootstrap-stack";
import {
  DIRECTORY_ROLE,
  deployerRoles,
  GRANTED_ROLES,
  STATE_READING_ROLE,
  STATE_ROLE,
} from "../../src/azure/facts/deployer-roles";
import type { AzureClient } from "../../src/azure/preflight/azure-client";
import { azureFacts } from "../../src/azure/preflight/environment-facts";
import { rightsCheck } from "../../src/azure/preflight/rights-check";
import type { Environment } from "../../src/environment/environment";
import { environments } from "../support/fleet/stacks/environments";
import { TerraformRefusal, usePlanning } from "../support/plan-stack";
import { environment as sample } from "../support/sample-fleet";
import { FinishedStack, testApp } from "../support/synth";

const ROOT = join(__dirname, "../..");
const REPOSITORY = "acme/fleet";
const PERSON = "33333333-3333-4333-8333-333333333333";

const state = { kind: "azure-storage", resourceGroup: "rg-acme-state", storageAccount: "acmestate" } as const;
const staging: Environment = { ...sample, name: "staging", state };
const production: Environment = { ...staging, name: "production", stage: "production" };
const dev: Environment = { ...staging, name: "dev", stage: "development" };

const stackOf = (props: AzureBootstrapProps) => new AzureBootstrapStack(testApp(), props);
const finished = (props: Partial<AzureBootstrapProps> = {}) =>
  new FinishedStack(stackOf({ environments: [staging], repository: REPOSITORY, ...props }));

/** Who has which role where: `staging-plan: Reader @ /subscriptions/…`. */
function grantsOf(stack: FinishedStack) {
  return stack.resources("azurerm_role_assignment").map(({ path, arguments: given }) => ({
    who: path.split("/")[0]?.replace(/^(?:workflow|deployer)-/, "") ?? "",
    role: String(given.role_definition_name),
    scope: String(given.scope),
    condition: given.condition as string | undefined,
  }));
}

const rolesOf = (stack: FinishedStack, who: string) =>
  grantsOf(stack)
    .filter((grant) => grant.who === who)
    .map(({ role }) => role)
    .toSorted();

describe("the state's storage", () => {
  test("keeps every version, has no keys and nothing public, and stays", () => {
    const stack = finished();
    expect(stack.at("state/resource").arguments).toMatchObject({
      name: "acmestate",
      shared_access_key_enabled: false,
      default_to_oauth_authentication: true,
      allow_nested_items_to_be_public: false,
      min_tls_version: "TLS1_2",
      blob_properties: {
        versioning_enabled: true,
        delete_retention_policy: { days: 30 },
        container_delete_retention_policy: { days: 30 },
      },
      lifecycle: { prevent_destroy: true },
    });
    expect(stack.at("state/tfstate").arguments).toMatchObject({
      container_access_type: "private",
      lifecycle: { prevent_destroy: true },
    });
  });

  test("holds the bootstrap's own state too, where all environments have theirs", () => {
    expect(finished().json.terraform.backend.azurerm).toMatchObject({
      resource_group_name: "rg-acme-state",
      storage_account_name: "acmestate",
      container_name: "tfstate",
      key: "bootstrap-azure.tfstate",
      use_azuread_auth: true,
    });
  });

  describe("with a container for each environment", () => {
    const inOwn = (environment: Environment): Environment => ({
      ...environment,
      state: { ...state, container: `tfstate-${environment.name}` },
    });
    const each = { environments: [dev, staging, production].map(inOwn) };
    const writes = (stack: FinishedStack, who: string, role = STATE_ROLE) =>
      grantsOf(stack)
        .filter((grant) => grant.who === who && grant.role === role)
        .map(({ scope }) => /state_([\w-]+)_[0-9A-F]{8}/.exec(scope)?.[1])
        .toSorted();

    test("makes each, and one for what all share, where its own state is", () => {
      const stack = finished(each);
      expect(stack.resources("azurerm_storage_container").map(({ arguments: { name } }) => name)).toEqual(
        expect.arrayContaining(["tfstate", "tfstate-dev", "tfstate-staging", "tfstate-production"]),
      );
      expect(stack.json.terraform.backend.azurerm.container_name).toBe("tfstate");
      expect(finished().resources("azurerm_storage_container")).toHaveLength(1);
    });

    test("lets a workflow write and read its own, and no other", () => {
      const stack = finished(each);
      expect(writes(stack, "staging")).toEqual(["tfstate-staging"]);
      expect(writes(stack, "production")).toEqual(["tfstate-production"]);
      expect(writes(stack, "production-plan", STATE_READING_ROLE)).toEqual(["tfstate-production"]);
    });

    test("lets people write those of what they deploy, and what all share where that is everything", () => {
      const other = "44444444-4444-4444-8444-444444444444";
      const [first, ...rest] = each.environments as [Environment, ...Environment[]];
      const alsoOther = {
        ...first,
        azure: { ...first.azure, deployerObjectIds: [PERSON, other] },
      } as Environment;
      const stack = finished({ environments: [alsoOther, ...rest] });
      expect(writes(stack, other)).toEqual(["tfstate-dev"]);
      expect(writes(stack, PERSON)).toEqual([
        "tfstate",
        "tfstate-dev",
        "tfstate-production",
        "tfstate-staging",
      ]);
    });

    test("keeps one that all name as it was", () => {
      const named = [staging, production].map((environment) => ({
        ...environment,
        state: { ...state, container: "states" },
      }));
      const stack = finished({ environments: named });
      expect(stack.resources("azurerm_storage_container")).toHaveLength(1);
      expect(stack.json.terraform.backend.azurerm.container_name).toBe("states");
    });
  });

  test("is one: another account, or none, is refused by name", () => {
    const elsewhere: Environment = { ...production, state: { ...state, storageAccount: "otherstate" } };
    expect(() => stackOf({ environments: [staging, elsewhere] })).toThrow(
      /environment 'production' keeps its state in the storage account 'otherstate'.*'acmestate'/,
    );
    expect(() => stackOf({ environments: [{ ...staging, state: { kind: "local" } }] })).toThrow(
      /environment 'staging' keeps its state in 'local'/,
    );
    expect(() => stackOf({ environments: [staging, production] })).not.toThrow();
  });
});

describe("workflows", () => {
  test("are believed by the environment of their job alone, and have no secret", () => {
    const stack = finished({ environments: [dev, staging, production] });
    const trusted = stack
      .resources("azurerm_federated_identity_credential")
      .map(({ arguments: given }) => [given.subject, given.issuer, given.audience]);
    const issuer = "https://token.actions.githubusercontent.com";
    expect(trusted.toSorted()).toEqual(
      ["production", "production-plan", "staging", "staging-plan"].map((name) => [
        `repo:acme/fleet:environment:${name}`,
        issuer,
        ["api://AzureADTokenExchange"],
      ]),
    );
    expect(JSON.stringify(stack.json)).not.toMatch(/password|client_secret/);
  });

  test("that plan may read, and write nothing, not even state", () => {
    expect(rolesOf(finished(), "staging-plan")).toEqual(["Reader", "Storage Blob Data Reader"]);
    const onAks = finished({ environments: [{ ...staging, platform: "kubernetes", kubernetes: {} }] });
    expect(rolesOf(onAks, "staging-plan")).toEqual([
      "Azure Kubernetes Service Cluster User Role",
      "Azure Kubernetes Service RBAC Reader",
      "Reader",
      "Storage Blob Data Reader",
    ]);
  });

  test("are there where a repository is, and people alone where none is", () => {
    const without = finished({ repository: undefined });
    expect(without.resources("azurerm_user_assigned_identity")).toEqual([]);
    expect(without.json.output).toBeUndefined();
    expect(new Set(grantsOf(without).map(({ who }) => who))).toEqual(new Set([PERSON]));
    expect(finished().json.output.github_variables.value).toEqual([
      `gh variable set AZURE_TENANT_ID --body ${sample.tenant}`,
      expect.stringMatching(/^gh variable set AZURE_CLIENT_ID_READ --env staging-plan --body \$\{/),
      expect.stringMatching(/^gh variable set AZURE_CLIENT_ID_DEPLOY --env staging --body \$\{/),
    ]);
  });

  test("that have their roles already are no people, once their ids are among the deployers", () => {
    const workflow = "44444444-4444-4444-8444-444444444444";
    const listed: Environment = {
      ...staging,
      azure: { ...staging.azure, deployerObjectIds: [PERSON, workflow] } as Environment["azure"],
    };
    const who = (stack: FinishedStack) => new Set(grantsOf(stack).map((grant) => grant.who));
    expect(who(finished({ environments: [listed], workflowObjectIds: [workflow] }))).not.toContain(workflow);
    expect(who(finished({ environments: [listed] }))).toContain(workflow);
  });

  test("are those of the environments that the workflows name, each as what it is there", () => {
    const folder = join(ROOT, ".github/workflows");
    const jobs = readdirSync(folder).flatMap((file) =>
      Object.values<{ environment?: string; env?: Readonly<Record<string, string>> }>(
        parse(readFileSync(join(folder, file), "utf8")).jobs,
      ),
    );
    const logins = jobs.flatMap(({ environment, env }) =>
      environment === undefined
        ? []
        : [[environment, /AZURE_CLIENT_ID_\w+/.exec(env?.ARM_CLIENT_ID ?? "")?.[0]]],
    );
    const given = finished({
      environments: [staging, production],
    }).json.output.github_variables.value.flatMap((line: string) =>
      [...line.matchAll(/set (AZURE_CLIENT_ID_\w+) --env (\S+)/g)].map(([, name, env]) => [env, name]),
    );
    expect(new Set(logins.map(String))).toEqual(new Set(given.map(String)));
  });
});

describe("whoever deploys", () => {
  const group = {
    ...staging,
    azure: { ...staging.azure, resourceGroup: { existing: "rg-landing" } } as Environment["azure"],
  };

  /** What a built-in role lets its holder do to resources. @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
  const actionsOf: Readonly<Record<string, { actions: string[]; notActions: string[] }>> = {
    Contributor: {
      actions: ["*"],
      notActions: [
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
      ],
    },
    "Role Based Access Control Administrator": {
      actions: [
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "*/read",
        "Microsoft.Support/*",
      ],
      notActions: [],
    },
    "Key Vault Reader": {
      actions: ["Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/locations/deletedVaults/read"],
      notActions: [],
    },
    Reader: { actions: ["*/read"], notActions: [] },
  };

  /** What preflight says to somebody with these roles. */
  async function missing(environment: Environment, grants: ReturnType<typeof grantsOf>): Promise<string[]> {
    const client = {
      manage: async (path: string) => {
        const asked = path.replace("/providers/Microsoft.Authorization/permissions", "");
        const held = grants.filter(({ scope }) => `${asked}/`.startsWith(`${scope}/`));
        return { status: 200, body: { value: held.flatMap(({ role }) => actionsOf[role] ?? []) } };
      },
    } as unknown as AzureClient;
    const facts = azureFacts(environment);
    if (facts === undefined) throw new Error(`${environment.name} is not in Azure`);
    return (await rightsCheck(facts, client).run()).map(({ remedy }) => remedy);
  }

  test.each([
    ["a subscription", staging, ["Contributor", "Role Based Access Control Administrator"]],
    ["a group", group, ["Contributor", "Key Vault Reader", "Role Based Access Control Administrator"]],
  ])(
    "of %s may what preflight asks, people and workflow alike, and less is missed",
    async (_what, environment, roles) => {
      const stack = finished({ environments: [environment] });
      for (const who of [PERSON, "staging"]) {
        expect(rolesOf(stack, who)).toEqual([...roles, STATE_ROLE].toSorted());
        const grants = grantsOf(stack).filter((grant) => grant.who === who);
        expect(await missing(environment, grants)).toEqual([]);
        const needed = ["Contributor", "Key Vault Reader"].filter((role) => roles.includes(role));
        for (const role of needed) {
          const without = await missing(
            environment,
            grants.filter((grant) => grant.role !== role),
          );
          expect(without.join(), role).toContain(`'${role}'`);
        }
      }
    },
  );

  test("may grant what the fleet's own stacks grant, and nothing else", () => {
    const stack = finished();
    const granting = grantsOf(stack).filter(({ role }) => role === "Role Based Access Control Administrator");
    expect(granting).toHaveLength(2);
    const asked = Object.values<{ name: string }>(stack.json.data.azurerm_role_definition).map(
      ({ name }) => name,
    );
    expect(asked.toSorted()).toEqual([...GRANTED_ROLES]);
    for (const { condition = "" } of granting) {
      expect(condition).toMatch(/ActionMatches\{'Microsoft\.Authorization\/roleAssignments\/write'\}/);
      expect(condition).toMatch(/ActionMatches\{'Microsoft\.Authorization\/roleAssignments\/delete'\}/);
      // Each id twice: what may be granted, and what may be taken back.
      expect(condition.match(/basename\(data\.azurerm_role_definition/g)).toHaveLength(
        2 * GRANTED_ROLES.length,
      );
    }
    expect(grantsOf(stack).filter(({ role, condition }) => role === "Contributor" && condition)).toEqual([]);
  });

  test("those are all that the sources grant", () => {
    const files = readdirSync(join(ROOT, "src/azure"), { recursive: true, encoding: "utf8" });
    const granted = files
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => [
        ...readFileSync(join(ROOT, "src/azure", file), "utf8").matchAll(/roleDefinitionName: "([^"]+)"/g),
      ])
      .map(([, role]) => role);
    expect([...new Set(granted)].toSorted()).toEqual([...GRANTED_ROLES]);
  });

  test("pulls from a registry in another subscription, and lets agents pull, there", () => {
    const images = "99999999-9999-4999-8999-999999999999";
    const registry = {
      kind: "fleet",
      name: "acmeimages",
      resourceGroup: "rg-images",
      subscriptionId: images,
      tenant: sample.tenant,
      location: "westeurope",
      state,
    } as const;
    const there = grantsOf(finished({ environments: [{ ...staging, registry }] })).filter(
      ({ who, scope }) => who === "staging" && scope === `/subscriptions/${images}`,
    );
    expect(there.map(({ role }) => role).toSorted()).toEqual([
      "AcrPull",
      "Role Based Access Control Administrator",
    ]);
    expect(there.find(({ condition }) => condition)?.condition?.match(/basename/g)).toHaveLength(2);
  });

  test("registers agents in Entra where an environment does", () => {
    const directory = (environment: Environment) =>
      finished({ environments: [environment] })
        .resources("azuread_directory_role_assignment")
        .map(({ path }) => path);
    expect(directory(staging)).toEqual([]);
    expect(directory({ ...staging, identityProvider: { kind: "entra" } }).toSorted()).toEqual([
      "directory/staging",
      "directory/staging-plan",
    ]);
  });

  test("has on the page of the first deploy the roles that are granted", () => {
    const page = readFileSync(join(ROOT, "docs/deploy-azure.md"), "utf8");
    const rows = [...page.matchAll(/^\| ([A-Z][\w ]*\w)(?:,[^|]*)? \| /gm)].map(([, role]) => role);
    expect(rows).toEqual([
      ...deployerRoles.map(({ role }) => role),
      STATE_ROLE,
      `${DIRECTORY_ROLE} in Entra`,
    ]);
  });
});

describe("carried out", () => {
  const { deployStack, planStack } = usePlanning();
  const shipped = () => stackOf({ environments, repository: "a2a-example/fleet" });

  test("it changes nothing the second time, and isn't destroyed", async () => {
    const deployed = await deployStack(shipped());
    expect((await planStack(shipped(), { prior: deployed })).isEmpty).toBe(true);
    await expect(planStack(shipped(), { prior: deployed, destroy: true })).rejects.toThrow(/prevent_destroy/);
    // Another deployer is somebody more, and touches nobody else.
    const [first, ...others] = environments;
    const more = {
      ...first,
      azure: { ...first?.azure, deployerObjectIds: [...(first?.azure?.deployerObjectIds ?? []), PERSON] },
    } as Environment;
    const grown = await planStack(
      stackOf({ environments: [more, ...others], repository: "a2a-example/fleet" }),
      {
        prior: deployed,
      },
    );
    const changes = [...grown.actions].filter(([, action]) => action !== "no-op" && action !== "read");
    expect(new Set(changes.map(([address, action]) => `${action} ${address.split(".")[0]}`))).toEqual(
      new Set(["create azurerm_role_assignment", "replace time_sleep"]),
    );
  });

  test("placeholders keep it away from a cloud", async () => {
    const held = new AzureBootstrapStack(testApp({}), { environments, repository: "a2a-example/fleet" });
    await expect(planStack(held)).rejects.toBeInstanceOf(TerraformRefusal);
    expect(new FinishedStack(held).json.terraform.backend).toBeUndefined();
  });
});
