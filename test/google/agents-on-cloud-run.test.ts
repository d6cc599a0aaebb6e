import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { ArtifactRegistry } from "../../src/google/artifact-registry";
import { CloudRunAgent } from "../../src/google/cloud-run/cloud-run-agent";
import { GoogleProject } from "../../src/google/google-project";
import { SecretManagerSecrets } from "../../src/google/secret-manager-secrets";
import { cloudRunService } from "../support/cloud-run-service";
import { helper, onGoogle, workloadOf } from "../support/fleet-on-google";
import { FinishedStack, synthEnvironment, testApp } from "../support/synth";

const keyed: AgentDefinition = { ...helper, secrets: { API_KEY: "helper-api-key" } };
const front: AgentDefinition = { ...helper, name: "front", audience: "customer-facing", calls: ["helper"] };

describe("a service", () => {
  const stack = synthEnvironment(onGoogle, [keyed]);
  const service = cloudRunService(stack, "helper");

  test("says what the provider would decide otherwise", () => {
    expect(service.agent).toMatchObject({ cpuIdle: false, startupBoost: true });
    expect(service.deletionProtection).toBe(false);
    expect(
      cloudRunService(synthEnvironment({ ...onGoogle, deletionProtection: true }, [keyed]), "helper"),
    ).toMatchObject({
      deletionProtection: true,
    });
  });

  test("leaves PORT to Cloud Run, which refuses a service that sets it", () => {
    expect(service.agent.port).toBe(8000);
    expect(service.agent.variables).not.toHaveProperty("PORT");
    expect(service.agent.variables.A2A_PORT).toBe("8000");
  });

  test("is probed at the start and while it lives, on its own port", () => {
    expect(service.agent.startupProbe).toMatchObject({
      http_get: { path: "/.well-known/agent-card.json", port: 8000 },
      period_seconds: 2,
      failure_threshold: 30,
    });
    expect(service.agent.livenessProbe).toMatchObject({ period_seconds: 30, failure_threshold: 3 });
  });

  test("waits for the versions of its secrets and for the grants on them", () => {
    const [{ secret } = { secret: "" }] = Object.values(service.agent.secrets);
    expect(service.agent.secrets.API_KEY?.version).toBe("latest");
    expect(secret).toMatch(/^\$\{google_secret_manager_secret\./);
    const wanted = Object.values(service.agent.secrets).map(({ secret: id }) => id);
    for (const id of wanted) {
      const version = stack
        .resources("google_secret_manager_secret_version")
        .find(({ arguments: { secret: owner } }) => owner === id.replace(".secret_id}", ".id}"));
      const grant = stack
        .resources("google_secret_manager_secret_iam_member")
        .find(({ arguments: { secret_id } }) => secret_id === id);
      expect(service.dependsOn).toContain(version?.address);
      expect(service.dependsOn).toContain(grant?.address);
    }
  });

  test("waits until grants hold, again when they change", () => {
    const [wait] = stack.resources("time_sleep");
    expect(service.dependsOn).toContain(wait?.address);
    const grants = stack
      .resources()
      .filter(
        ({ type, path }) =>
          type.endsWith("_iam_member") && path.startsWith("helper/") && !path.includes("file"),
      );
    expect(Object.values(wait?.arguments.triggers).toSorted()).toEqual(
      grants.map(({ address }) => `\${${address}.id}`).toSorted(),
    );
  });

  test("starts after the collector beside it", () => {
    expect(service.sidecars.map(({ name }) => name)).toEqual(["collector"]);
    expect(service.agent.waitsFor).toEqual(["collector"]);
    expect(service.sidecars[0]?.startupProbe.http_get).toEqual({ path: "/", port: 13133 });
    expect(service.agent.variables.OTEL_EXPORTER_OTLP_ENDPOINT).toBe("http://127.0.0.1:4318");
  });

  test("reaches the store through the network, and knows all of its authorities", () => {
    const { template } = stack.at("helper/service/resource").arguments;
    expect(template.vpc_access.egress).toBe("PRIVATE_RANGES_ONLY");
    const folder = service.agent.variables.REDIS_CA_FILE?.replace(/\/[^/]+$/, "");
    expect(service.agent.folders).toEqual([folder]);
    const [volume] = template.volumes;
    expect(volume.secret.items[0].version).toMatch(/\.version\}$/);
    const content = stack
      .resources("google_secret_manager_secret_version")
      .find(({ address }) => volume.secret.items[0].version === `\${${address}.version}`);
    expect(content?.arguments.secret_data).toMatch(/server_ca_certs\[\*\]\.cert/);
  });

  test("is labelled with what it is", () => {
    expect(service.labels).toMatchObject({
      app: "helper",
      protocol: "a2a",
      environment: "trial",
      version: "1-2-0",
      "managed-by": "a2a-fleet",
    });
  });

  test("is labelled with its customer, if it has one, and as the fleet's, whatever the environment's tags", () => {
    const tagged = { ...onGoogle, customers: ["contoso"], tags: { "managed-by": "somebody", team: "care" } };
    const { labels } = cloudRunService(
      synthEnvironment(tagged, [{ ...helper, perCustomer: true }]),
      "helper-contoso",
    );
    expect(labels).toEqual({
      app: "helper-contoso",
      customer: "contoso",
      protocol: "a2a",
      environment: "trial",
      version: "1-2-0",
      team: "care",
      "managed-by": "a2a-fleet",
    });
    expect(service.labels).not.toHaveProperty("customer");
  });

  test("runs as its own account", () => {
    const accounts = stack.resources("google_service_account");
    const own = accounts.filter(({ path }) => path.startsWith("helper/"));
    expect(own).toHaveLength(1);
    const { template } = stack.at("helper/service/resource").arguments;
    expect(template.service_account).toBe(`\${${own[0]?.address}.email}`);
  });

  test("mounts what it keeps as files where its container looks for them", () => {
    const { template } = stack.at("helper/service/resource").arguments;
    const mounted = template.containers.flatMap(
      ({ volume_mounts = [] }: { volume_mounts?: { name: string }[] }) => volume_mounts,
    );
    expect(template.volumes.map(({ name }: { name: string }) => name)).toEqual(["file-0"]);
    expect(mounted).toEqual([expect.objectContaining({ name: "file-0" })]);
  });

  test("hands its collector the configuration that it is started with", () => {
    const [collector] = service.sidecars;
    const configuration = JSON.parse(collector?.variables.COLLECTOR_CONFIG?.replaceAll("$${", "${") ?? "");
    expect(configuration.receivers.otlp.protocols.http.endpoint).toMatch(/:4318$/);
  });

  test("has no secret's value anywhere in its stack, only references and placeholders", () => {
    const written = stack
      .resources("google_secret_manager_secret_version")
      .map(({ arguments: { secret_data, secret_data_wo } }) =>
        secret_data_wo === undefined
          ? /^(?:rediss:\/\/:)?\$\{/.test(secret_data)
          : secret_data_wo === "placeholder",
      );
    expect(written.length).toBeGreaterThan(2);
    expect(written.every(Boolean)).toBe(true);
  });
});

describe("revisions", () => {
  const revisionOf = (definition: AgentDefinition, environment: Environment = onGoogle) =>
    cloudRunService(synthEnvironment(environment, [definition]), "helper").revision;
  const plain: Environment = { ...onGoogle, taskStore: { kind: "memory" }, replicaLimit: 1 };

  test("are named after version and content", () => {
    expect(revisionOf(helper)).toMatch(/^trial-helper-v1-2-0-\$\{substr\(sha256\(/);
    expect(revisionOf(helper)).toBe(revisionOf(helper));
    expect(revisionOf({ ...helper, variables: { COLOUR: "blue" } })).not.toBe(revisionOf(helper));
    expect(revisionOf({ ...helper, version: "1.3.0" })).toMatch(/^trial-helper-v1-3-0-/);
  });

  test("hash what only the deploy knows, so that a store that moved is another revision", () => {
    expect(revisionOf(helper)).toMatch(/google_redis_instance\.[\w-]+\.host/);
    expect(revisionOf(helper, plain)).not.toMatch(/google_redis_instance/);
  });

  test("hash whole references, each of which stands in the service", () => {
    const [service] = synthEnvironment(onGoogle, [helper]).resources("google_cloud_run_v2_service");
    const { revision, ...template } = service?.arguments.template ?? {};
    const [, list = ""] = /\["[0-9a-f]{64}", (.*)\]\)\), 0, 8\)\}$/.exec(revision) ?? [];
    const references = list.split(", ");
    expect(references.length).toBeGreaterThan(1);
    const text = JSON.stringify(template);
    for (const reference of references) expect(text).toContain(`\${${reference}}`);
  });

  test("share traffic by weight, each under its whole name, tagged where it is to be tried", () => {
    const split: Environment = {
      ...onGoogle,
      agents: {
        helper: {
          traffic: [
            { revision: "latest", percent: 10, tag: "next" },
            { revision: "v1-1-0-0a1b2c3d", percent: 90 },
          ],
        },
      },
    };
    expect(cloudRunService(synthEnvironment(split, [helper]), "helper").traffic).toEqual([
      { percent: 10, tag: "next", type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" },
      {
        percent: 90,
        type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
        revision: "trial-helper-v1-1-0-0a1b2c3d",
      },
    ]);
  });
});

describe("who may call", () => {
  const mutual = [
    { ...helper, calls: ["other"] },
    { ...helper, name: "other", calls: ["helper"] },
    { ...helper, name: "lonely" },
  ];
  const checked: Environment = {
    ...onGoogle,
    cloudRun: { invokers: { kind: "callers", members: ["group:ops@acme.test"] } },
  };

  /** Pairs of caller and called, read out of the finished policies. */
  function invocations(stack: FinishedStack): string[] {
    const names = new Map(
      stack
        .resources("google_cloud_run_v2_service")
        .map(({ address, arguments: { labels } }) => [address, labels.app]),
    );
    const accounts = new Map(
      stack.resources("google_service_account").map(({ address, path }) => [address, path.split("/")[0]]),
    );
    return stack
      .resources("google_cloud_run_v2_service_iam_member")
      .map(({ arguments: { name, member, role } }) => {
        const called = names.get(name.replace(/^\$\{|\.name\}$/g, ""));
        const caller = accounts.get(member.replace(/^\$\{|\.member\}$/g, "")) ?? member;
        return `${role}: ${caller} -> ${called}`;
      })
      .toSorted();
  }

  test("is exactly who calls, where IAM checks, also for two that call each other", () => {
    const stack = synthEnvironment(checked, mutual);
    expect(invocations(stack)).toEqual([
      "roles/run.invoker: group:ops@acme.test -> helper",
      "roles/run.invoker: group:ops@acme.test -> lonely",
      "roles/run.invoker: group:ops@acme.test -> other",
      "roles/run.invoker: helper -> other",
      "roles/run.invoker: other -> helper",
    ]);
    expect(cloudRunService(stack, "helper").open).toBe(false);
    // An agent learns which peers want the identity token, and that Authorization stays its own.
    expect(cloudRunService(stack, "helper").agent.variables).toMatchObject({
      PEER_TOKEN_HEADER: "X-Serverless-Authorization",
      PEER_TOKEN_AUDIENCES: JSON.stringify({
        "https://trial-other-123456789012.europe-west4.run.app/":
          "https://trial-other-123456789012.europe-west4.run.app",
      }),
    });
  });

  test("is everyone who reaches it otherwise, and nothing is granted beside that", () => {
    const stack = synthEnvironment(onGoogle, mutual);
    expect(invocations(stack)).toEqual([]);
    expect(cloudRunService(stack, "helper").open).toBe(true);
    expect(cloudRunService(stack, "helper").agent.variables).not.toHaveProperty("PEER_TOKEN_HEADER");
  });

  test.each([
    ["an internal agent, from the network only", onGoogle, "helper", "INGRESS_TRAFFIC_INTERNAL_ONLY"],
    ["a customer-facing one, from anywhere", onGoogle, "front", "INGRESS_TRAFFIC_ALL"],
    [
      "one behind a load balancer, through it only",
      { ...onGoogle, cloudRun: { front: { kind: "load-balancer" } } } as Environment,
      "front",
      "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
    ],
  ])("reaches %s", (_what, environment, agent, ingress) => {
    expect(cloudRunService(synthEnvironment(environment, [helper, front]), agent).ingress).toBe(ingress);
  });

  test("a closed agent can still be called by its peers: run.app leads through the network", () => {
    const stack = synthEnvironment(onGoogle, [helper, front]);
    const zone = stack.at("google/network/run-app").arguments;
    expect(zone).toMatchObject({ dns_name: "run.app.", visibility: "private" });
    expect(stack.at("google/network/subnetwork").arguments.private_ip_google_access).toBe(true);
    expect(cloudRunService(stack, "front").dependsOn).toContain(
      stack.at("google/network/run-app-addresses").address,
    );
  });
});

/** The project of an application that composes the constructs itself. */
const project = GoogleProject.fromExisting({
  id: "acme-agents",
  number: "123456789012",
  region: "europe-west4",
});

test("a CloudRunAgent stands alone in somebody else's stack, with nothing but a project", () => {
  const stack = new TerraformStack(testApp(), "theirs");
  new GoogleProvider(stack, "google", { project: "acme-agents" });
  const workload = workloadOf("helper", [helper], {
    ...onGoogle,
    taskStore: { kind: "memory" },
    replicaLimit: 1,
  });
  const agent = new CloudRunAgent(stack, "helper", { workload, project });
  new TerraformOutput(stack, "url", { value: agent.url });

  const finished = new FinishedStack(stack);
  expect(finished.tree()).toEqual([
    "helper/identity  google_service_account",
    "helper/resource  google_cloud_run_v2_service",
  ]);
  const { agent: container, deletionProtection } = cloudRunService(finished, "helper");
  expect(deletionProtection).toBe(true);
  expect(container.variables).toMatchObject({ AGENT_NAME: "helper", TASK_STORE: "memory" });
  expect(finished.json.output.url.value).toBe("https://trial-helper-123456789012.europe-west4.run.app/");
});

test("images of another project are pulled by the agents' own, and are called by where they are", () => {
  const stack = new TerraformStack(testApp(), "theirs");
  new GoogleProvider(stack, "google", { project: "acme-agents" });
  const images = { region: "europe-west1", repository: "agents", path: [] };
  const server = (id: string, projectId: string) => {
    const found = ArtifactRegistry.fromExisting(stack, id, { project, images: { ...images, projectId } });
    new TerraformOutput(stack, `${id}-server`, { value: found.server });
  };
  server("own", "acme-agents");
  server("shared", "acme-images");
  const finished = new FinishedStack(stack);
  expect(finished.tree()).toEqual(["shared/pull  google_artifact_registry_repository_iam_member"]);
  expect(finished.at("shared/pull").arguments).toMatchObject({
    project: "acme-images",
    member: "serviceAccount:service-123456789012@serverless-robot-prod.iam.gserviceaccount.com",
  });
  const servers = Object.values<{ value: string }>(finished.json.output).map(({ value }) => value);
  expect(servers).toEqual([
    "europe-west1-docker.pkg.dev/acme-agents/agents",
    "europe-west1-docker.pkg.dev/acme-images/agents",
  ]);
});

test("a CloudRunAgent that is handed a variable twice is refused, and a long description is cut as Google takes it", () => {
  const workload = workloadOf("helper", [{ ...helper, description: "d".repeat(600) }], {
    ...onGoogle,
    taskStore: { kind: "memory" },
    replicaLimit: 1,
  });
  const stack = new TerraformStack(testApp(), "theirs");
  new GoogleProvider(stack, "google", { project: "acme-agents" });
  new CloudRunAgent(stack, "helper", { workload, project });
  const { description } = new FinishedStack(stack).at("helper/resource").arguments;
  expect(description).toBe("d".repeat(512));

  const file = { path: "/etc/helper/a.json", content: "{}" };
  const binding = { files: [file, file] };
  expect(() => new CloudRunAgent(stack, "again", { workload, project, binding })).toThrow(
    "agent 'helper': file /etc/helper/a.json is set by what it leans on and by what it leans on; leave one of them out",
  );
});

test("an agent reads each of its secrets that somebody else made by a role on that one alone", () => {
  const stack = new TerraformStack(testApp(), "theirs");
  new GoogleProvider(stack, "google", { project: "acme-agents" });
  const secrets = SecretManagerSecrets.fromExisting({
    project,
    secretId: (name) => `theirs-${name}`,
    secrets: ["erp-token", "other-token"],
  });
  const workload = workloadOf("helper", [{ ...helper, secrets: { ERP_TOKEN: "erp-token" } }], onGoogle);
  const email = "helper@acme-agents.iam.gserviceaccount.com";
  const identity = { email, member: `serviceAccount:${email}`, uniqueId: "7" };
  secrets.bind(new Construct(stack, "helper"), workload, identity);
  const roles = new FinishedStack(stack).resources("google_secret_manager_secret_iam_member");
  expect(roles.map(({ arguments: { secret_id, role } }) => [secret_id, role])).toEqual([
    ["theirs-erp-token", "roles/secretmanager.secretAccessor"],
  ]);
  expect(() => secrets.secret("third-token")).toThrow(/third-token/);
});

test("names that Google cuts short stay apart", () => {
  const long = { ...helper, name: "helper-with-a-very-long-name-a" };
  const other = { ...helper, name: "helper-with-a-very-long-name-b" };
  const accounts = synthEnvironment(onGoogle, [long, other])
    .resources("google_service_account")
    .map(({ arguments: { account_id } }) => account_id as string);
  expect(new Set(accounts).size).toBe(2);
  expect(accounts.every((id) => /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(id))).toBe(true);
});

test.each([
  ["fxa", /^eu-fxa$/],
  ["fx", /^eu-fx-[0-9a-f]{6}$/],
  ["a".repeat(27), /^eu-a{27}$/],
  ["a".repeat(28), /^eu-a{20}-[0-9a-f]{6}$/],
])("an account of %s has that name wherever Google takes it, and is not made anew", (name, id) => {
  const [account] = synthEnvironment({ ...onGoogle, name: "eu" }, [{ ...helper, name }]).resources(
    "google_service_account",
  );
  expect(account?.arguments.account_id).toMatch(id);
});

test("an account whose name would be too short for Google has a longer one of its own", () => {
  const short = [
    { ...helper, name: "fx" },
    { ...helper, name: "ai" },
  ];
  const accounts = synthEnvironment({ ...onGoogle, name: "eu" }, short)
    .resources("google_service_account")
    .map(({ arguments: { account_id } }) => account_id as string);
  expect(accounts.map((id) => id.replace(/-[0-9a-f]{6}$/, "")).sort()).toEqual(["eu-ai", "eu-fx"]);
  expect(accounts.every((id) => /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(id))).toBe(true);
});
