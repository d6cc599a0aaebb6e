import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AzureClient } from "../../../src/azure/preflight/azure-client";
import { missingActions } from "../../../src/azure/preflight/permissions";
import type { Environment } from "../../../src/environment/environment";
import { type CheckResult, Unanswered } from "../../../src/preflight/check";
import { preflightExitCode, preflightReport } from "../../../src/preflight/report";
import { preflight } from "../../../src/stacks/preflight";
import { type FakeAzure, FakeAzureServer } from "../../support/fake-azure";
import { definitions, environment as sample } from "../../support/sample-fleet";

const server = new FakeAzureServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

const environment: Environment = {
  ...sample,
  domain: "test.acme.io",
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
  state: { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "acmestate" },
};

interface Situation {
  readonly cloud?: Partial<FakeAzure>;
  readonly environment?: Partial<Environment>;
  /** Host names that lead somewhere. */
  readonly hosts?: readonly string[];
}

function check({ cloud, environment: change, hosts = [] }: Situation = {}): Promise<CheckResult[]> {
  return preflight({ ...environment, ...change }, definitions, {
    azure: async () => server.client(cloud),
    cluster: () => noCluster(),
    resolves: async (host) => hosts.includes(host),
    placeOf: () => "stacks/environments/test.ts:1",
  });
}

function noCluster(): never {
  throw new Error("nobody asked for a cluster");
}

const findingsOf = (results: readonly CheckResult[]) => results.flatMap(({ findings }) => findings);

const { subscriptionId } = environment.azure as { subscriptionId: string };
const vaultIn = (group: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/kv-acme-test`;
const ownContainer = {
  kind: "azure-storage",
  resourceGroup: "rg-state",
  storageAccount: "acmestate",
  container: "tfstate-test",
} as const;
const digest = `sha256:${"ab".repeat(32)}`;
const reader = { actions: ["*/read"], notActions: [] };

test("a cloud where everything is fine misses nothing, and every check says so", async () => {
  const results = await check();
  expect(results.map(({ name }) => name)).toEqual([
    "fleet",
    "placeholders",
    "login and subscription",
    "rights",
    "resource providers",
    "global names",
    "images",
    "state",
  ]);
  expect(findingsOf(results)).toEqual([]);
  expect(results.every(({ unanswered }) => unanswered === null)).toBe(true);
  expect(preflightExitCode(results)).toBe(0);
});

test("what an environment accepts or leaves open is on the list, and doesn't keep it from being deployed", async () => {
  const exception = { reason: "a fair", until: "2026-12-31" };
  const results = await check({
    environment: {
      identityProvider: undefined,
      exceptions: { "callers-are-authenticated": exception },
    },
  });
  expect(findingsOf(results)).toEqual([
    {
      what: expect.stringMatching(/^let pass until 2026-12-31 \(a fair\): .*whoever reaches desk-globex/),
      remedy: expect.any(String),
      weight: "doubtful",
    },
  ]);
  expect(preflightExitCode(results)).toBe(preflightExitCode(await check()));
});

test("a preflight only reads", async () => {
  server.asked.length = 0;
  await check();
  const writing = server.asked.filter(
    (question) => !/^(GET|HEAD) |\/(?:checkNameAvailability|oauth2\/(?:exchange|token))$/.test(question),
  );
  expect(server.asked.length).toBeGreaterThan(10);
  expect(writing).toEqual([]);
});

test.each<[string, Situation, RegExp, RegExp]>([
  [
    "the subscription is not visible",
    { cloud: { subscriptionVisible: false } },
    /subscription 2222.* is not visible/,
    /^az login --tenant 1111/,
  ],
  [
    "no role may be granted",
    { cloud: { permissions: [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/write"] }] } },
    /you may not let agents pull images and read their secrets in subscription/,
    /'Role Based Access Control Administrator'/,
  ],
  [
    "deleted vaults may not be read",
    { cloud: { permissions: [{ actions: ["*"], notActions: ["Microsoft.KeyVault/locations/*"] }] } },
    /you may not read deleted vaults/,
    /ask an owner/,
  ],
  [
    "a resource provider may not be registered",
    {
      cloud: {
        unregistered: ["Microsoft.App"],
        permissions: [{ actions: ["*"], notActions: ["*/register/action"] }],
      },
    },
    /resource provider Microsoft\.App is not registered/,
    /az provider register --namespace Microsoft\.App/,
  ],
  [
    "the vault's name is somebody else's",
    { cloud: { taken: ["kv-acme-test"] } },
    /the vault 'kv-acme-test' belongs to somebody else/,
    /change 'prefix' \(now 'acme'\)/,
  ],
  [
    "the vault was deleted in another group",
    { cloud: { deleted: { "kv-acme-test": vaultIn("rg-other") } } },
    /the vault 'kv-acme-test' was deleted in resource group rg-other/,
    /purge it/,
  ],
  [
    "the store's name is somebody else's",
    { hosts: ["redis-acme-test.westeurope.redis.azure.net"] },
    /the task store 'redis-acme-test' belongs to somebody else/,
    /change 'prefix'/,
  ],
  [
    "the name of a store on Postgres is somebody else's",
    {
      cloud: { taken: ["psql-acme-test-tasks"] },
      environment: { taskStore: { kind: "azure-postgres" } },
    },
    /the task store 'psql-acme-test-tasks' belongs to somebody else/,
    /change 'prefix'/,
  ],
  [
    "the name of Keycloak's database is somebody else's",
    {
      cloud: { taken: ["psql-acme-test"] },
      environment: { gateway: {}, identityProvider: { kind: "keycloak" } },
    },
    /the database of Keycloak 'psql-acme-test' belongs to somebody else/,
    /change 'prefix'/,
  ],
  [
    "the gateway's name is somebody else's",
    {
      cloud: { taken: ["apim-acme-test"] },
      environment: { gateway: {} },
    },
    /the gateway 'apim-acme-test' belongs to somebody else/,
    /change 'prefix'/,
  ],
  [
    "the registry is not there",
    { cloud: { existing: [] } },
    /the registry 'acmeimages' does not exist yet/,
    /correct 'registry'/,
  ],
  [
    "the registry's name is somebody else's",
    { cloud: { existing: [], taken: ["acmeimages"] } },
    /the registry 'acmeimages' belongs to somebody else/,
    /choose another name/,
  ],
  [
    "an image is not in the registry",
    { cloud: { missingImages: ["agents/billing:1.0.0"] } },
    /agent 'billing': the image acmeimages\.azurecr\.io\/agents\/billing:1\.0\.0 is not in its registry/,
    /npm run images -- push billing --environment test/,
  ],
  [
    "a digest is not in the registry",
    {
      cloud: { missingImages: [`agents/billing@${digest}`] },
      environment: { agents: { billing: { image: digest } } },
    },
    /agents\/billing@sha256:ab.* is not in its registry/,
    /correct agents\.billing\.image; npm run images -- list --environment test/,
  ],
  [
    "the state has no container",
    { cloud: { state: 404 } },
    /storage account acmestate has no container 'tfstate'/,
    /az storage container create --account-name acmestate --name tfstate/,
  ],
  [
    "the state is in the container of before",
    {
      cloud: { states: ["tfstate/test.tfstate"] },
      environment: { state: ownContainer },
    },
    /the state of test is still in container 'tfstate', and a deploy from 'tfstate-test' would begin anew/,
    /az storage blob copy .*--source-blob test\.tfstate --destination-container tfstate-test/,
  ],
  [
    "the state may not be read",
    { cloud: { state: 403 } },
    /you may not read the state in storage account acmestate/,
    /'Storage Blob Data Contributor'/,
  ],
])("where %s, that is the one thing missing, with what to do", async (_what, situation, what, remedy) => {
  const results = await check(situation);
  expect(findingsOf(results)).toEqual([
    { what: expect.stringMatching(what), remedy: expect.stringMatching(remedy), weight: "missing" },
  ]);
  expect(preflightExitCode(results)).toBe(1);
});

test.each<[string, Situation]>([
  [
    "the vault is the environment's own",
    { cloud: { taken: ["kv-acme-test"], existing: [vaultIn("rg-acme-test"), "/registries/"] } },
  ],
  [
    "the vault was deleted with the environment",
    { cloud: { deleted: { "kv-acme-test": vaultIn("rg-acme-test") } } },
  ],
  ["a missing resource provider is registered by the deploy", { cloud: { unregistered: ["Microsoft.App"] } }],
  [
    "the group exists and rights in it are enough",
    {
      environment: {
        azure: { ...sample.azure, resourceGroup: { existing: "rg-given" } } as Environment["azure"],
      },
    },
  ],
])("where %s, nothing is missing", async (_what, situation) => {
  expect(findingsOf(await check(situation))).toEqual([]);
});

test.each<[string, Situation, RegExp]>([
  [
    "somebody deploys who is not listed",
    { cloud: { caller: "44444444-4444-4444-8444-444444444444" } },
    /you \(object id 4444.*\) are not among azure\.deployerObjectIds/,
  ],
  ["the registry lets nobody look", { cloud: { mayPull: false } }, /does not say whether it has/],
  [
    "images are somebody else's business",
    {
      environment: {
        registry: { kind: "other", server: "ghcr.io/acme", username: "u", passwordSecret: "ghcr" },
      },
    },
    /images at ghcr\.io\/acme are not looked up/,
  ],
])("where %s, a deploy may still work", async (_what, situation, what) => {
  const results = await check(situation);
  expect(findingsOf(results).length).toBeGreaterThan(0);
  for (const finding of findingsOf(results)) {
    expect(finding).toMatchObject({ what: expect.stringMatching(what), weight: "doubtful" });
  }
  expect(preflightExitCode(results)).toBe(0);
});

test.each([
  ["there already", { states: ["tfstate/test.tfstate", "tfstate-test/test.tfstate"] }],
  ["nowhere yet", {}],
])("a state in a container of its own that is %s begins nothing anew", async (_where, cloud) => {
  expect(findingsOf(await check({ cloud, environment: { state: ownContainer } }))).toEqual([]);
});

describe("all at once", () => {
  test("several things missing are all said, each with its remedy", async () => {
    const results = await check({
      cloud: {
        taken: ["kv-acme-test"],
        missingImages: ["agents/billing:1.0.0", "agents/desk:2.1.0"],
        state: 404,
      },
    });
    const report = preflightReport("test", results);
    expect(findingsOf(results)).toHaveLength(4);
    for (const { what, remedy } of findingsOf(results)) {
      expect(report).toContain(what);
      expect(report).toContain(remedy);
    }
    expect(report).toContain("test cannot be deployed yet: 4 things are missing");
  });

  test("placeholders are said with their places, and nobody is asked about them", async () => {
    server.asked.length = 0;
    const results = await check({ environment: { domain: "example.com" } });
    expect(findingsOf(results)).toEqual([
      {
        what: "environment 'test' still holds the placeholder example.com",
        remedy: "put your own value there: stacks/environments/test.ts:1",
        weight: "missing",
      },
    ]);
    expect(server.asked).toEqual([]);
  });

  test("problems of the fleet are said beside what Azure lacks", async () => {
    const results = await check({
      cloud: { state: 404 },
      environment: { agents: { billing: { traffic: [{ revision: "latest", percent: 90 }] } } },
    });
    expect(findingsOf(results).map(({ what }) => what)).toEqual([
      expect.stringMatching(/agent 'billing'.*90/),
      expect.stringMatching(/no container/),
    ]);
  });
});

describe("without an answer", () => {
  const asking = (azure: AzureClient) =>
    preflight(environment, definitions, {
      azure: async () => azure,
      cluster: () => noCluster(),
      resolves: async () => false,
      placeOf: () => "",
    });

  test("one line says so, and nothing counts as fine", async () => {
    const nowhere = { management: "http://127.0.0.1:9", registry: () => "", blobs: () => "" };
    const token = { getToken: async () => ({ token: "e30.e30.c2ln" }) };
    const results = await asking(new AzureClient(token, nowhere));
    expect(findingsOf(results)).toEqual([]);
    expect(results.filter(({ unanswered }) => unanswered !== null)).toEqual([
      {
        name: "login and subscription",
        findings: [],
        unanswered: expect.stringMatching(/^127\.0\.0\.1:9 does not answer \(.+\)$/),
      },
    ]);
    expect(preflightExitCode(results)).toBe(2);
    expect(preflightReport("test", results)).toContain("not everything could be asked");
  });

  test("nobody being logged in is said with what to do", async () => {
    const refuse = async () => {
      throw new Unanswered("nobody is logged in; az login --tenant t");
    };
    const results = await asking(new AzureClient({ getToken: refuse }));
    expect(preflightReport("test", results)).toContain(
      "login and subscription: nobody is logged in; az login --tenant t",
    );
    expect(preflightExitCode(results)).toBe(2);
  });
});

describe("rights", () => {
  test.each([
    [[reader], "Microsoft.KeyVault/vaults/read", true],
    [[reader], "Microsoft.KeyVault/vaults/write", false],
    [
      [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] }],
      "Microsoft.Authorization/roleAssignments/write",
      false,
    ],
    [
      [
        { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] },
        { actions: ["microsoft.authorization/roleassignments/write"], notActions: [] },
      ],
      "Microsoft.Authorization/roleAssignments/write",
      true,
    ],
    [
      [{ actions: ["Microsoft.KeyVault/vaults/*"], notActions: [] }],
      "Microsoft.KeyVaultX/vaults/write",
      false,
    ],
    [[], "Microsoft.KeyVault/vaults/read", false],
  ])("%j allow %s: %s", (permissions, action, allowed) => {
    expect(missingActions(permissions, [action])).toEqual(allowed ? [] : [action]);
  });
});
