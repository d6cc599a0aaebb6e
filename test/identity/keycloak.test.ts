import { join } from "node:path";
import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { ContainerAppsEnvironment } from "../../src/azure/container-apps/container-apps-environment";
import { EntraIdentityProvider } from "../../src/azure/identity-provider/entra-identity-provider";
import { KeycloakIdentityProvider } from "../../src/azure/identity-provider/keycloak-identity-provider";
import { KeyVaultSecrets } from "../../src/azure/key-vault-secrets";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { existingIdentityProvider, tokenChecks } from "../../src/identity/identity-provider";
import { publicPathsOf } from "../../src/identity/keycloak/keycloak-issuer";
import {
  findRealmProblems,
  type KeycloakRealm,
  keycloakRealm,
  refuseBadRealm,
} from "../../src/identity/keycloak/keycloak-realm";
import { asYaml } from "../support/as-yaml";
import { billing, definitions, environment as sample, workloadOf } from "../support/sample-fleet";
import { synth, synthEnvironment, testApp } from "../support/synth";

const environment: Environment = { ...sample, gateway: {}, identityProvider: { kind: "keycloak" } };
const { workloads } = resolveFleet(definitions, environment);
const stack = synthEnvironment(environment, definitions);
const identity = { id: "id", clientId: "client", principalId: "principal", name: "id-desk" };

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly secret_name?: string;
}
const variablesOf = (path: string): Record<string, string | undefined> =>
  Object.fromEntries(
    (stack.at(path).arguments.template.container[0].env as Variable[]).map(({ name, value, secret_name }) => [
      name,
      value ?? (secret_name === undefined ? undefined : `secret ${secret_name}`),
    ]),
  );

describe("the server", () => {
  const variables = variablesOf("shared/identity-provider/server/resource");
  const { arguments: app } = stack.at("shared/identity-provider/server/resource");

  test("runs in production mode, on its database, known by its public name", () => {
    expect(app.template.container[0].args).toEqual(["start"]);
    expect(variables).toMatchObject({
      KC_DB: "postgres",
      KC_HOSTNAME: "https://api.test.acme.example/identity",
      KC_HOSTNAME_ADMIN: expect.stringMatching(/^https:\/\/keycloak\.\$\{azurerm_container_app_environment/),
      KC_PROXY_HEADERS: "xforwarded",
      KC_HEALTH_ENABLED: "true",
    });
    expect(variables.KC_DB_URL).toMatch(/\?sslmode=verify-full&/);
  });

  test("gets its passwords by reference, and no other way", () => {
    expect(variables).toMatchObject({
      KC_DB_PASSWORD: "secret postgres-password",
      KC_BOOTSTRAP_ADMIN_PASSWORD: "secret keycloak-administrator-password",
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: "secret keycloak-administrator-client",
    });
    for (const secret of app.secret) {
      expect(secret).toMatchObject({ key_vault_secret_id: expect.any(String), identity: expect.any(String) });
      expect(secret.value).toBeUndefined();
    }
  });

  test("is watched on its management port, and given time to build itself", () => {
    const [{ startup_probe: startup }] = app.template.container;
    expect(startup[0]).toMatchObject({ path: "/health/started", port: 9000 });
    expect(startup[0].interval_seconds * startup[0].failure_count_threshold).toBeGreaterThanOrEqual(300);
  });

  test("starts without building where its image is built, and without a database in development mode only", () => {
    const optimized = synthEnvironment(
      {
        ...environment,
        identityProvider: { kind: "keycloak", optimizedImage: "acmeimages.azurecr.io/keycloak:26.4.0" },
      },
      definitions,
    ).at("shared/identity-provider/server/resource").arguments.template.container[0];
    expect(optimized).toMatchObject({
      image: "acmeimages.azurecr.io/keycloak:26.4.0",
      args: ["start", "--optimized"],
    });
    const development = synthEnvironment(
      { ...sample, stage: "development", identityProvider: { kind: "keycloak", mode: "development" } },
      definitions,
    );
    expect(
      development.at("shared/identity-provider/server/resource").arguments.template.container[0].args,
    ).toEqual(["start-dev"]);
    expect(development.resources("azurerm_postgresql_flexible_server")).toEqual([]);
  });
});

test("what the server is told is whole, and so are the paths that it has for others", () => {
  expect(variablesOf("shared/identity-provider/server/resource")).toMatchSnapshot();
  expect(publicPathsOf({ realm: "a2a" })).toMatchInlineSnapshot(`
    {
      "discovery": "/realms/a2a/.well-known/openid-configuration",
      "keys": "/realms/a2a/protocol/openid-connect/certs",
      "token": "/realms/a2a/protocol/openid-connect/token",
    }
  `);
});

test("an issuer that exists is told to agents with the role that they ask for, and with nobody to get tokens from", () => {
  const identityProvider = {
    kind: "existing",
    issuer: "https://id.acme.example",
    jwksUrl: "https://id.acme.example/keys",
  } as const;
  const workload = workloadOf("billing", { environment: { identityProvider } });
  const { kind: _, ...addresses } = identityProvider;
  expect(workload.tokenIssuer).toEqual({ ...addresses, tokenUrl: null, keycloak: null });
  const { variables } = tokenChecks(existingIdentityProvider).bind(
    new TerraformStack(testApp(), "own"),
    workload,
    null,
  );
  expect(variables).toMatchObject({
    OIDC_ISSUER: addresses.issuer,
    OIDC_JWKS_URL: addresses.jwksUrl,
    REQUIRED_ROLE: "billing",
  });
});

describe("the database", () => {
  const { arguments: server } = stack.at("shared/postgres/resource");

  test("is reached from the network alone, with backups", () => {
    expect(server).toMatchObject({ public_network_access_enabled: false, backup_retention_days: 14 });
    expect(server.delegated_subnet_id).toMatch(/network_postgres/);
    expect(stack.at("shared/network/postgres").arguments.delegation[0].service_delegation.name).toBe(
      "Microsoft.DBforPostgreSQL/flexibleServers",
    );
  });

  test("takes the password that the vault kept, not one that was made up again", () => {
    const [, address] =
      /^\$\{ephemeral\.azurerm_key_vault_secret\.(\w[\w-]*)\.value\}$/.exec(
        server.administrator_password_wo,
      ) ?? [];
    // Known once the secret is there: a vault that exists already is not looked into before.
    expect(stack.json.ephemeral.azurerm_key_vault_secret[address as string].version).toBe(
      `\${azurerm_key_vault_secret.${address}.version}`,
    );
    expect(stack.json.ephemeral.azurerm_key_vault_secret[address as string].depends_on).toEqual([
      `azurerm_key_vault_secret.${address}`,
    ]);
    expect(server.administrator_password).toBeUndefined();
  });

  test("survives the loss of a zone where the environment does", () => {
    const available = synthEnvironment({ ...environment, highAvailability: true }, definitions);
    expect(available.at("shared/postgres/resource").arguments).toMatchObject({
      high_availability: { mode: "ZoneRedundant" },
      sku_name: expect.stringMatching(/^GP_/),
    });
    expect(server.high_availability).toBeUndefined();
  });
});

describe("secrets of clients", () => {
  test("are made up once, straight into the vault", () => {
    for (const client of ["desk-globex", "customer-globex"]) {
      const { arguments: secret } = stack.at(`shared/identity-provider/client-${client}`);
      expect(secret).toMatchObject({
        name: `keycloak-client-${client}`,
        value_wo: expect.stringMatching(/^\$\{ephemeral\.random_password\..*\.result\}$/),
        value_wo_version: 1,
      });
    }
  });

  test("are read by the caller and by the app that applies the realm, and by nobody else", () => {
    const readers = stack
      .resources("azurerm_role_assignment")
      .filter(({ arguments: grant }) => /client-desk-globex/.test(grant.scope))
      .map(({ path }) => path);
    expect(readers.toSorted()).toEqual([
      "desk-globex/read-keycloak-client-desk-globex",
      "shared/identity-provider/realm/read-keycloak-client-desk-globex",
    ]);
    expect(variablesOf("desk-globex/resource")).toMatchObject({
      A2A_CLIENT_ID: "desk-globex",
      A2A_CLIENT_SECRET: "secret keycloak-client-desk-globex",
    });
    expect(variablesOf("billing/resource").A2A_CLIENT_SECRET).toBeUndefined();
  });
});

test("agents ask for keys and tokens on the inside, and know the issuer by its public name", () => {
  expect(variablesOf("billing/resource")).toMatchObject({
    OIDC_ISSUER: "https://api.test.acme.example/identity/realms/a2a",
    OIDC_JWKS_URL: expect.stringMatching(
      /^https:\/\/keycloak\.\$\{azurerm_.*\/realms\/a2a\/protocol\/openid-connect\/certs$/,
    ),
    OIDC_JWKS_REFRESH_SECONDS: "3600",
    KEYCLOAK_URL: "https://api.test.acme.example/identity",
    KEYCLOAK_REALM: "a2a",
    KEYCLOAK_AUDIENCE: `api://${environment.tenant}/test-billing`,
    REQUIRED_ROLE: "billing",
  });
});

test("a realm is stated whole", async () => {
  const settings: Environment = {
    ...environment,
    identityProvider: {
      kind: "keycloak",
      applications: { portal: ["desk-globex", "books"] },
      skillRoles: { portal: ["books.read"] },
    },
  };
  const [skill] = billing.skills;
  const third = {
    ...billing,
    name: "books",
    skills: [{ ...(skill as typeof skill & object), requiredRole: "books.read" }],
  };
  const fleet = resolveFleet([...definitions, third], settings);
  expect(fleet.problems).toEqual([]);
  await expect(asYaml(keycloakRealm(fleet.workloads, settings))).toMatchFileSnapshot(
    join(__dirname, "__snapshots__/realm.yaml"),
  );
});

describe("a realm whose tokens would be refused is refused", () => {
  const realm = keycloakRealm(workloads, environment);
  const withoutMapper = (mapper: string): KeycloakRealm => ({
    ...realm,
    clientScopes: realm.clientScopes.map((scope) =>
      /test-billing/.test(scope.name)
        ? { ...scope, protocolMappers: scope.protocolMappers.filter(({ name }) => name !== mapper) }
        : scope,
    ),
  });

  const rolesMapper = (change: Readonly<Record<string, string>>): KeycloakRealm => ({
    ...realm,
    clientScopes: realm.clientScopes.map((scope) => ({
      ...scope,
      protocolMappers: scope.protocolMappers.map((mapper) =>
        /test-billing/.test(scope.name) && mapper.name === "roles"
          ? { ...mapper, config: { ...mapper.config, ...change } }
          : mapper,
      ),
    })),
  });

  test("the generated one passes", () => {
    expect(findRealmProblems(realm, workloads)).toEqual([]);
    expect(() => refuseBadRealm(realm, workloads)).not.toThrow();
  });

  test.each([1, 900])("and one whose tokens and sessions live %i s", (seconds) => {
    const edge = { ...realm, accessTokenLifespan: seconds, ssoSessionMaxLifespan: seconds };
    expect(findRealmProblems(edge, workloads)).toEqual([]);
  });

  test.each<[string, KeycloakRealm, RegExp]>([
    ["no audience", withoutMapper("audience"), /agent 'billing': no mapper puts the audience/],
    ["no flat roles", withoutMapper("roles"), /agent 'billing': no mapper puts the flat 'roles' claim/],
    [
      "roles in a claim of Keycloak's own",
      rolesMapper({ "claim.name": "realm_access.roles" }),
      /agent 'billing': no mapper/,
    ],
    [
      "one of the roles",
      rolesMapper({ multivalued: "false" }),
      /agent 'billing': no mapper puts the flat 'roles' claim/,
    ],
    ["sessions for an hour", { ...realm, ssoSessionMaxLifespan: 3600 }, /sessions live 3600 s/],
    ["sessions for no time", { ...realm, ssoSessionMaxLifespan: 0 }, /sessions live 0 s/],
    ["tokens for no time", { ...realm, accessTokenLifespan: 0 }, /live 0 s/],
    ["tokens for two agents", { ...realm, clientPolicies: { policies: [] } }, /one token for the agents/],
    [
      "a policy for which two agents are one",
      {
        ...realm,
        clientPolicies: {
          policies: realm.clientPolicies.policies.map((policy) => ({
            ...policy,
            conditions: policy.conditions.map(({ condition, configuration }, place) => {
              const scopes = place === 0 ? realm.clientScopes.map(({ name }) => name) : [];
              return { condition, configuration: { ...configuration, scopes } };
            }),
          })),
        },
      },
      /one token for the agents/,
    ],
    [
      "a policy that is off",
      {
        ...realm,
        clientPolicies: {
          policies: realm.clientPolicies.policies.map((policy) => ({ ...policy, enabled: false })),
        },
      },
      /one token for the agents/,
    ],
    ["tokens for an hour", { ...realm, accessTokenLifespan: 3600 }, /live 3600 s/],
    [
      "no role",
      { ...realm, roles: { realm: realm.roles.realm.filter(({ name }) => name !== "billing") } },
      /the role 'billing' is missing/,
    ],
    [
      "clients with all of their roles in every token",
      {
        ...realm,
        clients: realm.clients.map((client) => ({
          ...client,
          fullScopeAllowed: client.clientId === "desk-globex",
        })),
      },
      /client 'desk-globex': with fullScopeAllowed/,
    ],
  ])("%s", (_what, broken, says) => {
    const problems = findRealmProblems(broken, workloads);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
    expect(problems[0]).toMatchSnapshot();
    expect(() => refuseBadRealm(broken, workloads)).toThrow(problems[0]);
  });

  test("a realm that is longer than a variable can be says so", () => {
    const [scope] = realm.clientScopes;
    const build = (scopes: number) => () =>
      synth((stack) => {
        new AzurermProvider(stack, "azurerm", { features: [{}] });
        new RandomProvider(stack, "random");
        new TimeProvider(stack, "time");
        new KeycloakIdentityProvider(stack, "identity", {
          resourceGroup: { id: "group", name: "rg-acme-test", location: "westeurope", tags: {} },
          environment: ContainerAppsEnvironment.fromExisting(stack, "apps", {
            name: "cae-acme-test",
            resourceGroupName: "rg-acme-test",
            internal: true,
          }),
          secrets: KeyVaultSecrets.fromExisting(stack, "vault", {
            name: "kv-acme-test",
            resourceGroupName: "rg-acme-test",
            secrets: [],
          }),
          workloads,
          settings: environment,
          identityName: (app) => `id-acme-test-${app}`,
          database: "development",
          realm: {
            ...realm,
            clientScopes: [...realm.clientScopes, ...Array.from({ length: scopes }, () => scope as never)],
          },
        });
      });
    expect(build(100)).not.toThrow();
    expect(build(1000)).toThrow(/its agents and callers make \d+ bytes/);
  });
});

describe("an issuer that another stack made, for agents in this one", () => {
  const place = { features: [{}] };

  test("Keycloak: the agent's client and its secret by reference", () => {
    let variables: Record<string, string> = {};
    let secrets: readonly string[] = [];
    const other = synth((scope) => {
      new AzurermProvider(scope, "azurerm", place);
      const vault = KeyVaultSecrets.fromExisting(scope, "vault", {
        name: "kv-acme-test",
        resourceGroupName: "rg-acme-test",
        secrets: ["keycloak-client-desk-globex"],
      });
      const keycloak = KeycloakIdentityProvider.fromExisting({
        issuer: {
          realm: "a2a",
          publicUrl: "https://api.test.acme.example/identity",
          internalUrl: "https://keycloak.internal.example",
        },
        workloads,
        settings: environment,
        secrets: vault,
      });
      // Nothing of it is made here, so nothing has to be waited for.
      expect(keycloak).toMatchObject({ dependencyName: "Keycloak", checkableAfter: [] });
      const binding = keycloak.bind(scope, workloads[0] as AgentWorkload, identity);
      variables = { ...binding.variables };
      secrets = (binding.secrets ?? []).map(({ variable, id }) => `${variable} from ${id}`);
    });
    expect(variables).toMatchObject({
      A2A_CLIENT_ID: "desk-globex",
      OIDC_ISSUER: "https://api.test.acme.example/identity/realms/a2a",
      OIDC_JWKS_URL: "https://keycloak.internal.example/realms/a2a/protocol/openid-connect/certs",
    });
    expect(secrets).toEqual([
      "A2A_CLIENT_SECRET from https://kv-acme-test.vault.azure.net/secrets/keycloak-client-desk-globex",
    ]);
    expect(other.tree()).toEqual(["read-keycloak-client-desk-globex  azurerm_role_assignment"]);
  });

  test("Entra: the same roles, found by the agents' audiences, and the way to its keys; a gateway waits for nothing", () => {
    const settings: Environment = { ...environment, identityProvider: { kind: "entra" } };
    const fleet = resolveFleet(definitions, settings).workloads;
    const other = synth((scope) => {
      new AzureadProvider(scope, "azuread", {});
      const entra = EntraIdentityProvider.fromExisting(scope, "entra", {
        workloads: fleet,
        settings,
        tenantId: settings.tenant,
      });
      const { egress } = entra.bind(scope, fleet[0] as AgentWorkload, identity);
      expect(egress).toEqual([{ host: "login.microsoftonline.com" }]);
      expect(entra.checkableAfter).toEqual([]);
    });
    expect(other.tree()).toEqual(["may-call-billing  azuread_app_role_assignment"]);
    const made = synthEnvironment(settings, definitions).at("desk-globex/may-call-billing").arguments;
    expect(other.at("may-call-billing").arguments.app_role_id).toBe(made.app_role_id);
  });
});
