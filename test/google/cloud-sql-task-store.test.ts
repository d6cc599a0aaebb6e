import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { cloudRunService } from "../support/cloud-run-service";
import { helper, onGoogle } from "../support/fleet-on-google";
import { type FinishedStack, synthEnvironment } from "../support/synth";

const digest = `sha256:${"a1".repeat(32)}`;
const writer = { ...helper, name: "writer", description: "Writes" };
const keeper = { ...helper, name: "keeper", taskStore: "memory" as const, maxReplicas: 1, minReplicas: 1 };

const development: Environment = { ...onGoogle, taskStore: { kind: "cloud-sql" } };
const production: Environment = {
  ...development,
  name: "live",
  stage: "production",
  agents: { helper: { image: digest }, writer: { image: digest }, keeper: { image: digest } },
  exceptions: { "production-keeps-tasks": { reason: "It keeps none", until: "2030-12-31" } },
};

const small = synthEnvironment(development, [helper, writer, keeper]);
const large = synthEnvironment(production, [helper, writer, keeper]);

const serverOf = (stack: FinishedStack) => stack.resources("google_sql_database_instance")[0]?.arguments;
const of = (stack: FinishedStack, type: string, agent: string) => {
  const found = stack.resources(type).find(({ path }) => path.startsWith(`${agent}/`));
  if (found === undefined) throw new Error(`${agent} has no ${type}`);
  return found;
};

describe("a managed Postgres on Google", () => {
  test("has no address but in the network, and takes nobody without TLS", () => {
    const { settings, depends_on } = serverOf(small);
    expect(settings.ip_configuration).toEqual({
      ipv4_enabled: false,
      private_network: expect.stringMatching(/^\$\{google_compute_network\..*\.id\}$/),
      ssl_mode: "ENCRYPTED_ONLY",
    });
    const peering = small.resources("google_service_networking_connection")[0]?.address;
    expect(depends_on).toContain(peering);
    const api = small
      .resources("google_project_service")
      .find(({ arguments: { service } }) => service === "sqladmin.googleapis.com");
    expect(depends_on).toContain(api?.address);
  });

  test("has the API only where it is asked for", () => {
    const services = synthEnvironment(onGoogle, [helper]).resources("google_project_service");
    expect(services.map(({ arguments: { service } }) => service)).not.toContain("sqladmin.googleapis.com");
  });

  test("is as safe as the stage says", () => {
    const said = (stack: FinishedStack) => {
      const { deletion_protection, settings, lifecycle } = serverOf(stack);
      const { availability_type, deletion_protection_enabled, tier, edition } = settings;
      return [
        availability_type,
        tier,
        edition,
        deletion_protection,
        deletion_protection_enabled,
        lifecycle.prevent_destroy,
      ];
    };
    expect(said(small)).toEqual(["ZONAL", "db-custom-1-3840", "ENTERPRISE", false, false, false]);
    expect(said(large)).toEqual(["REGIONAL", "db-custom-2-7680", "ENTERPRISE", true, true, true]);
  });

  test("can go back to any second of a week, in every stage", () => {
    for (const stack of [small, large]) {
      expect(serverOf(stack).settings.backup_configuration).toMatchObject({
        enabled: true,
        point_in_time_recovery_enabled: true,
        transaction_log_retention_days: 7,
        backup_retention_settings: { retained_backups: 14, retention_unit: "COUNT" },
      });
    }
    const kept = synthEnvironment(
      { ...development, taskStore: { kind: "cloud-sql", backupRetentionDays: 30 } },
      [helper],
    );
    const { retained_backups } = serverOf(kept).settings.backup_configuration.backup_retention_settings;
    expect(retained_backups).toBe(30);
  });

  test("is of the edition that its size is sold under", () => {
    const stack = synthEnvironment(
      { ...development, taskStore: { kind: "cloud-sql", tier: "db-perf-optimized-N-4" } },
      [helper],
    );
    expect(serverOf(stack).settings).toMatchObject({
      tier: "db-perf-optimized-N-4",
      edition: "ENTERPRISE_PLUS",
    });
  });
});

describe("an agent in it", () => {
  test("has a database and a user of its own, and the password alone is a secret", () => {
    for (const agent of ["helper", "writer"]) {
      const name = `trial_${agent}`;
      expect(of(small, "google_sql_database", agent).arguments.name).toBe(name);
      expect(of(small, "google_sql_user", agent).arguments).toMatchObject({ name, password_wo_version: 1 });
      const { variables, secrets, agent: container } = readAgent(agent);
      expect(variables).toMatchObject({
        TASK_STORE: "postgres",
        PGHOST: expect.stringMatching(/^\$\{google_sql_database_instance\..*\.private_ip_address\}$/),
        PGPORT: "5432",
        PGDATABASE: name,
        PGUSER: name,
        PGSSLMODE: "verify-ca",
        PGSSLROOTCERT: "/etc/a2a/task-store/ca.pem",
      });
      expect(variables).not.toHaveProperty("PGPASSWORD");
      expect(secrets.PGPASSWORD?.secret).toBe(`\${${secretOf(agent).address}.secret_id}`);
      expect(container.folders).toContain("/etc/a2a/task-store");
    }
    const names = small.resources("google_sql_user").map(({ arguments: { name } }) => name);
    expect(names.toSorted()).toEqual(["trial_helper", "trial_writer"]);
  });

  test("is the only one that reads its password", () => {
    const readers = small
      .resources("google_secret_manager_secret_iam_member")
      .filter(({ arguments: { secret_id } }) => secret_id === `\${${secretOf("helper").address}.secret_id}`);
    expect(readers.map(({ path }) => path.split("/")[0])).toEqual(["helper"]);
  });

  test("gets a password that is in no plan and no state", () => {
    const user = of(small, "google_sql_user", "helper").arguments;
    const version = of(small, "google_secret_manager_secret_version", "helper").arguments;
    expect(user.password_wo).toMatch(/^\$\{ephemeral\.random_password\.[\w-]+\.result\}$/);
    expect(version.secret_data_wo).toBe(user.password_wo);
    const [, made = ""] = /random_password\.([\w-]+)\./.exec(user.password_wo) ?? [];
    expect(small.json.ephemeral.random_password[made]).toEqual({ length: 48, special: false });
    for (const { arguments: each } of small.resources("google_sql_user"))
      expect(each).not.toHaveProperty("password");
    expect(small.resources("random_password")).toEqual([]);
  });

  test("has user and password written one right after the other, and its database goes before its user", () => {
    const user = of(small, "google_sql_user", "helper");
    expect(user.arguments.depends_on).toEqual([secretOf("helper").address]);
    const version = of(small, "google_secret_manager_secret_version", "helper");
    expect(version.arguments.depends_on).toEqual([user.address]);
    const database = of(small, "google_sql_database", "helper");
    expect(database.arguments.depends_on).toEqual([user.address]);
    const { dependsOn } = cloudRunService(small, "helper");
    expect(dependsOn).toEqual(expect.arrayContaining([database.address, version.address]));
  });

  test("has none of it where it keeps its tasks to itself", () => {
    expect(small.resources().filter(({ path }) => path.startsWith("keeper/task-"))).toEqual([]);
  });

  function readAgent(agent: string) {
    const service = cloudRunService(small, agent);
    return { ...service.agent, agent: service.agent };
  }

  function secretOf(agent: string) {
    return of(small, "google_secret_manager_secret", agent);
  }
});

describe("what is made up", () => {
  test("has one provider, beside a Keycloak on Azure that makes up its own", () => {
    const stack = synthEnvironment(
      {
        ...development,
        azure: {
          subscriptionId: "22222222-2222-4222-8222-222222222222",
          location: "westeurope",
          deployerObjectIds: ["33333333-3333-4333-8333-333333333333"],
          network: { kind: "created" },
        },
        platform: "container-apps",
        registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
        vault: { kind: "key-vault" },
        google: { ...(onGoogle.google as NonNullable<Environment["google"]>), images: { kind: "google" } },
        taskStore: { kind: "managed-redis" },
        cloudRun: { taskStore: { kind: "cloud-sql" } },
        identityProvider: { kind: "keycloak", mode: "development" },
        agents: { helper: { platform: "cloud-run" } },
      },
      [helper, writer],
    );
    expect(stack.resources("google_sql_user")).toHaveLength(1);
    expect(stack.json.provider.random).toEqual([{}]);
  });
});

describe("a tier", () => {
  const problemsOf = (tier: string) => {
    try {
      synthEnvironment({ ...development, taskStore: { kind: "cloud-sql", tier } }, [helper]);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    "db-f1-micro",
    "db-g1-small",
    "db-custom-1-3840",
    "db-custom-96-638976",
    "db-perf-optimized-N-128",
  ])("%s is one", (tier) => {
    expect(problemsOf(tier)).toBe("");
  });

  test.each([
    ["db-n1-standard-1", "db-custom-2-7680"],
    ["my-db-custom-2-7680", "is no tier"],
    ["db-custom-2-7680-mine", "is no tier"],
    ["my-db-perf-optimized-N-2", "is no tier"],
    ["db-perf-optimized-N-2-mine", "is no tier"],
    ["db-custom-3-7680", "even number"],
    ["db-custom-98-638976", "up to 96"],
    ["db-custom-1-3839", "3840 to 6656"],
    ["db-custom-1-6912", "3840 to 6656"],
    ["db-custom-2-7681", "steps of 256"],
    ["db-perf-optimized-N-3", "db-custom-2-7680"],
  ])("%s is none, and it is said what is", (tier, words) => {
    expect(problemsOf(tier)).toContain(words);
  });
});
