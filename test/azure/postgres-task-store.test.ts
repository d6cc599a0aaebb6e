import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentDefinition } from "../support/kubernetes-environment";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { readManifests, withNames } from "../support/kubernetes-manifests";
import { canReach, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { readContainerApp, readDeployment } from "../support/observed-agent";
import { environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

const taskStore = { kind: "azure-postgres" } as const;
const definitions = [{ ...agentDefinition("desk"), perCustomer: true }, agentDefinition("billing")];
const SERVER = "psql-acme-test-tasks";
/** The server's name, written out or by reference. */
const HOST = new RegExp(
  `^(?:${SERVER}|\\$\\{azurerm_postgresql_flexible_server\\.[\\w-]+\\.name\\})\\.postgres\\.database\\.azure\\.com$`,
);

const apps = synthEnvironment({ ...environment, taskStore }, definitions);
const shared = synthEnvironment({ ...aksEnvironment, taskStore }, definitions);
const cluster = synthCluster({ ...aksEnvironment, taskStore }, definitions);

describe("the server", () => {
  const [server, ...others] = apps.resources("azurerm_postgresql_flexible_server");

  test("is in the network alone, in a subnet that is delegated to it, and has no password", () => {
    expect(others).toEqual([]);
    expect(server?.arguments).toMatchObject({
      name: SERVER,
      public_network_access_enabled: false,
      authentication: { active_directory_auth_enabled: true, password_auth_enabled: false },
      lifecycle: { prevent_destroy: false },
    });
    expect(Object.keys(server?.arguments ?? {}).filter((name) => name.startsWith("administrator"))).toEqual(
      [],
    );
    const subnet = apps
      .resources("azurerm_subnet")
      .find(({ address }) => server?.arguments.delegated_subnet_id === `\${${address}.id}`);
    expect(JSON.stringify(subnet?.arguments.delegation)).toContain(
      "Microsoft.DBforPostgreSQL/flexibleServers",
    );
  });

  test("survives the loss of a zone where the environment does", () => {
    const [standby] = synthEnvironment(
      { ...environment, taskStore, highAvailability: true },
      definitions,
    ).resources("azurerm_postgresql_flexible_server");
    expect(standby?.arguments.high_availability).toEqual({ mode: "ZoneRedundant" });
    expect(server?.arguments).not.toHaveProperty("high_availability");
  });

  test("is registered for with its provider, and made by the environment's stack alone", () => {
    expect(JSON.stringify(apps.json.provider)).toContain("Microsoft.DBforPostgreSQL");
    expect(shared.resources("azurerm_postgresql_flexible_server")).toHaveLength(1);
    expect(cluster.resources("azurerm_postgresql_flexible_server")).toEqual([]);
  });
});

describe.each([
  ["Container Apps", apps, readContainerApp],
  ["AKS", cluster, readDeployment],
])("an agent on %s", (_, stack, read) => {
  test("logs in to a database of its own as its identity, and has no password", () => {
    const { variables, secrets } = read(stack, "desk-globex");
    expect(variables).toMatchObject({
      TASK_STORE: "postgres",
      PGHOST: expect.stringMatching(HOST),
      PGDATABASE: "test_desk_globex",
      PGUSER: expect.stringMatching(/^id-acme-test-desk-globex$|\.name\}$/),
      PGSSLMODE: "verify-full",
      POSTGRES_LOGIN: "entra",
    });
    expect(variables.AZURE_CLIENT_ID).toBeDefined();
    expect(secrets).not.toHaveProperty("PGPASSWORD");
    expect(secrets).not.toHaveProperty("REDIS_URL");
  });

  test("has a database and a login that are made before it, and go with it", () => {
    const databases = stack.resources("azurerm_postgresql_flexible_server_database");
    expect(databases.map(({ arguments: { name } }) => name).toSorted()).toEqual([
      "test_billing",
      "test_desk_globex",
    ]);
    const logins = stack.resources("azurerm_postgresql_flexible_server_active_directory_administrator");
    expect(logins).toHaveLength(2);
    for (const { arguments: login } of logins) {
      const [, identity] = /^\$\{(.*)\.principal_id\}$/.exec(login.object_id) ?? [];
      expect(identity).toMatch(/^azurerm_user_assigned_identity\./);
      // What PGUSER says: Postgres knows the identity by its name.
      const own = stack
        .resources("azurerm_user_assigned_identity")
        .find(({ address }) => address === identity);
      expect([`\${${identity}.name}`, own?.arguments.name]).toContain(login.principal_name);
      expect(login.principal_type).toBe("ServicePrincipal");
    }
    const { startsAfter } = read(stack, "billing");
    const own = [...databases, ...logins]
      .map(({ address }) => address)
      .filter((each) => each.includes("billing"));
    expect(own).toHaveLength(2);
    expect(startsAfter).toEqual(expect.arrayContaining(own));
  });
});

test("pods are let out to the server's subnet", () => {
  const manifests = readManifests(withNames(cluster.json));
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
  const pod = podsOf(manifests).find(({ name }) => name === "billing") as PolicyPod;
  // The fifth of the small subnets of 10.40.0.0/16.
  expect(canReach(policies, pod, { address: "10.40.4.7" }, 5432)).toBe(true);
  expect(canReach(policies, pod, { address: "10.40.2.7" }, 5432)).toBe(false);
});

test("a network that exists has to have a subnet for it", () => {
  const existing = (postgresSubnet: string | undefined): Environment => ({
    ...environment,
    taskStore,
    azure: {
      ...(environment.azure as NonNullable<Environment["azure"]>),
      network: {
        kind: "existing",
        name: "vnet",
        resourceGroup: "rg-network",
        containerAppsSubnet: "apps",
        privateEndpointsSubnet: "endpoints",
        ...(postgresSubnet === undefined ? {} : { postgresSubnet }),
      },
    },
  });
  const problemsOf = (each: Environment) =>
    resolveFleet(definitions, each).problems.map(({ message }) => message);
  expect(problemsOf(existing("postgres"))).toEqual([]);
  const [problem, ...others] = problemsOf(existing(undefined));
  expect(problem).toContain("postgresSubnet");
  expect(others).toEqual([]);
});
