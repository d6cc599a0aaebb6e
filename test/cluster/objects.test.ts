import { createHash } from "node:crypto";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { clusterLayout } from "../../src/choices/clusters";
import { AgentNamespace } from "../../src/cluster/agent/agent-namespace";
import { kubernetesPlatform } from "../../src/cluster/agent/kubernetes-platform";
import { serviceAccountIdentities } from "../../src/cluster/agent/service-account-identities";
import { ClusterBackups } from "../../src/cluster/backups/cluster-backups";
import { ClusterRedisTaskStore } from "../../src/cluster/cluster-redis-task-store";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agentHost } from "../../src/parts/agent-host";
import { AgentService } from "../../src/parts/agent-service";
import { asYaml } from "../support/as-yaml";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { type Manifest, readManifests, withNames } from "../support/kubernetes-manifests";
import { readResourceReleases } from "../support/kubernetes-resources";
import { billing, desk, environment as sample } from "../support/sample-fleet";
import { type FinishedStack, synth } from "../support/synth";

// Every object of a cluster, whole, as the API server gets it: what no other test asks about is seen to change here.

/** Arguments that are Terraform's business. */
const TERRAFORMS = [/^lifecycle$/, /^timeouts$/, /^wait_/, /^data_wo/, /^depends_on$/];

const SNAPSHOTS = join(__dirname, "__snapshots__");

const busy: AgentDefinition = {
  ...billing,
  calls: [],
  model: "gpt-test",
  scaling: {
    kind: "event",
    scaler: "rabbitmq",
    metadata: { queueName: "orders", value: "9" },
    authentication: { password: "billing-erp-token" },
  },
  egress: [{ host: "erp.acme.example" }, { cidr: "10.8.0.0/16", port: 5671 }],
};

const plain: Environment = {
  ...kubernetesEnvironment,
  name: sample.name,
  domain: sample.domain,
  tenant: sample.tenant,
  stage: "production",
  customers: ["globex"],
  kubernetes: {
    cluster: { kind: "existing", context: "plain" },
    autoscaling: "keda",
    prometheusUrl: "http://prometheus.monitoring:9090",
    prometheusOperator: true,
    edge: { kind: "gateway-api", certificates: { kind: "acme", email: "operations@acme.example" } },
    backups: {
      storage: {
        kind: "s3",
        bucket: "acme-backups",
        region: "eu-central-1",
        endpoint: "https://minio.acme.example:9000",
        address: { cidr: "192.168.10.5/32", port: 9000 },
      },
      credentialsSecret: "backup-storage",
    },
  },
  identityProvider: {
    kind: "keycloak",
    applications: { portal: ["desk-globex"] },
    database: {
      url: "jdbc:postgresql://postgres.acme.example:5432/keycloak?sslmode=verify-full",
      credentialsSecret: "keycloak-database",
      address: { cidr: "192.168.10.6/32", port: 5432 },
    },
  },
  modelGateway: { url: "http://litellm.models:4000" },
  telemetry: {
    sampleRatio: 0.1,
    forwardTo: { endpoint: "https://otlp.acme.example", headers: { authorization: "telemetry-login" } },
  },
  vault: { kind: "kubernetes", secrets: ["registry-password", "billing-erp-token", "litellm-api-key"] },
  agents: {
    billing: { image: `sha256:${"1".repeat(64)}` },
    desk: { image: `sha256:${"2".repeat(64)}` },
  },
};

type Cluster = readonly [Environment, readonly AgentDefinition[]];

/** One with everything in it, and others that show what it leaves out. */
const clusters: Readonly<Record<string, Cluster>> = {
  plain: [plain, [desk, busy]],
  aks: [
    { ...aksEnvironment, corsOrigins: ["https://app.acme.example"] },
    [desk, { ...billing, scaling: { kind: "active-tasks", tasksPerReplica: 5 } }],
  ],
  nginx: [
    {
      ...plain,
      kubernetes: {
        ...plain.kubernetes,
        autoscaling: "metrics-adapter",
        edge: {
          kind: "nginx",
          controller: "ingress-nginx",
          certificates: { kind: "acme", email: "operations@acme.example" },
          exception: { reason: "Its successor is being tried", until: "2027-01-31" },
        },
        backups: {
          storage: { kind: "azure-blob", account: "acmebackups", container: "fleet" },
          credentialsSecret: "backup-storage",
        },
      },
      identityProvider: {
        kind: "existing",
        issuer: "https://id.acme.example",
        jwksUrl: "https://id.acme.example/keys",
      },
    },
    [desk, { ...busy, scaling: { kind: "active-tasks", tasksPerReplica: 5 } }],
  ],
  "behind-a-gateway": [
    {
      ...aksEnvironment,
      gateway: {},
      identityProvider: { kind: "entra" },
      azure: { ...(aksEnvironment.azure as NonNullable<Environment["azure"]>), network: { kind: "created" } },
      kubernetes: {
        edge: {
          kind: "nginx",
          controller: "app-routing",
          certificates: {
            kind: "acme",
            email: "operations@acme.example",
            dnsZone: { name: "acme.example", resourceGroup: "rg-dns" },
          },
          internalAddress: { subnet: "edge", address: "10.40.9.10", allowedRanges: ["10.40.7.0/24"] },
        },
      },
    },
    // Nobody reads metrics of it, so no port is open for them.
    [desk, { ...billing, metricsPort: null, scaling: { kind: "resources", cpuPercent: 60 } }],
  ],
};

/** What Terraform does with an object beside handing it over. */
function ofTerraform(resource: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(resource).filter(([key]) => TERRAFORMS.some((name) => name.test(key)));
  return own.length === 0 ? {} : { terraform: Object.fromEntries(own) };
}

/** Every object of a finished stack, by what it is and how it is called. */
function objectsIn(finished: FinishedStack): Record<string, object> {
  const json = withNames(finished.json);
  const made = new Map(readResourceReleases(json).map((release) => [release.address, release.resources]));
  const found: Record<string, object> = {};
  const add = ({ apiVersion, kind, metadata, ...rest }: Omit<Manifest, "address">) => {
    const { name, namespace = "-", ...others } = metadata;
    found[`${apiVersion} ${kind} ${namespace}/${name}`] = inShort({ ...others, ...rest }) as object;
  };
  for (const { address, ...object } of readManifests(json)) {
    const [type = "", id = ""] = address.split(".");
    const { data, ...rest } = object;
    // What agents are told is the contract's business.
    const { name, labels } = object.metadata;
    const isAgents = object.kind === "ConfigMap" && labels?.protocol === "a2a" && labels.app === name;
    add({
      ...rest,
      ...(isAgents || data === undefined ? {} : { data }),
      ...ofTerraform(json.resource[type][id]),
    });
  }
  for (const [id, password] of Object.entries<object>(json.ephemeral?.random_password ?? {})) {
    found[`password of ${id}`] = password;
  }
  for (const [id, release] of Object.entries<Record<string, unknown>>(json.resource.helm_release ?? {})) {
    const { values = [], chart, name, "//": _, ...rest } = release;
    const resources = made.get(`helm_release.${id}`);
    // Alerts are the signals' business.
    for (const resource of resources ?? []) if (resource.kind !== "PrometheusRule") add({ ...resource });
    found[`release ${name}`] =
      resources === undefined
        ? { chart, ...rest, values: (values as string[]).map((text) => parse(text)) }
        : { ...rest, resources: resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`) };
  }
  return found;
}

const names = Object.keys(clusters);
const made = new Map<string, Record<string, object>>();

function objectsOf(name: string): Record<string, object> {
  const objects = made.get(name) ?? objectsIn(synthCluster(...(clusters[name] as Cluster)));
  made.set(name, objects);
  return objects;
}

test.each(names)("of a cluster (%s), where they differ from those before it", async (name) => {
  const before = names.slice(0, names.indexOf(name)).map(objectsOf);
  const differing = Object.entries(objectsOf(name)).filter(([key, object]) =>
    before.every((known) => !isDeepStrictEqual(object, known[key])),
  );
  const text = asYaml(Object.fromEntries(differing));
  await expect(text).toMatchFileSnapshot(join(SNAPSHOTS, `${name}.yaml`));
});

test("of a store and of backups that somebody builds by hand", async () => {
  const finished = synth((scope) => {
    new KubernetesProvider(scope, "kubernetes", {});
    new HelmProvider(scope, "helm", {});
    const namespace = "own";
    new ClusterRedisTaskStore(scope, "store", {
      namespace,
      name: "own-store",
      storageGiB: 20,
      storageClass: "fast",
      memoryMiB: 2048,
      cpu: 0.5,
      image: "registry.acme.example/redis:8.2.3",
      deletionProtection: false,
    });
    new ClusterBackups(scope, "backups", {
      namespace,
      name: "database",
      source: {
        kind: "postgres",
        host: "postgres.acme.example",
        database: "tasks",
        user: "backup",
        passwordSecret: "database-login",
        port: 5433,
        sslMode: "verify-full",
        image: "registry.acme.example/postgres:17.6",
        destination: { cidr: "10.9.8.7/32", port: 5433 },
      },
      settings: {
        storage: { kind: "google-storage", bucket: "acme-backups" },
        credentialsSecret: "backup-storage",
        schedule: "5 4 * * *",
        retentionDays: 10,
        scratchGiB: 50,
        transferImage: "registry.acme.example/rclone:1.71.2",
      },
    });
  });
  await expect(asYaml(objectsIn(finished))).toMatchFileSnapshot(join(SNAPSHOTS, "by-hand.yaml"));
});

test("of an agent to which somebody's own part gives files, keys of a Secret and a container beside it", async () => {
  const finished = synth((scope) => {
    new KubernetesProvider(scope, "kubernetes", {});
    const part = {
      dependencyName: "a proxy",
      bind: () => ({
        files: [
          { path: "/etc/proxy/routes", content: "to ${somewhere}" },
          { path: "/etc/proxy/ca.pem", content: "its authority" },
        ],
        secretFolders: [{ path: "/etc/login", secret: "proxy-login", keys: ["user", "password"] }],
        sidecars: [
          {
            name: "proxy",
            image: "ghcr.io/acme/proxy:1.0.0",
            cpu: 0.25,
            memoryMiB: 128,
            variables: { MODE: "${strict} $(HOME)" },
            args: ["--listen=127.0.0.1"],
            healthPort: 9000,
            healthPath: "/healthz",
          },
        ],
      }),
    };
    const platform = kubernetesPlatform({
      layout: clusterLayout(kubernetesEnvironment),
      namespace: new AgentNamespace(scope, "namespace", {
        name: "own",
        labels: { team: "billing", "pod-security.kubernetes.io/enforce": "privileged" },
        deletionProtection: true,
      }),
      identities: serviceAccountIdentities("own"),
    });
    const host = agentHost({ platform, dependencies: [part] });
    const { workloads } = resolveFleet([agentDefinition("billing")], kubernetesEnvironment);
    for (const workload of workloads) new AgentService(scope, workload.name, { workload, host });
  });
  await expect(asYaml(objectsIn(finished))).toMatchFileSnapshot(join(SNAPSHOTS, "own-part.yaml"));
});

test("of backups of a Postgres of which nothing but the place is said", () => {
  const finished = synth((scope) => {
    new KubernetesProvider(scope, "kubernetes", {});
    new ClusterBackups(scope, "backups", {
      namespace: "own",
      name: "database",
      source: {
        kind: "postgres",
        host: "db.acme.example",
        database: "tasks",
        user: "u",
        passwordSecret: "login",
      },
      settings: { storage: { kind: "s3", bucket: "b", region: "eu-central-1" }, credentialsSecret: "s" },
    });
  });
  const {
    init_container: [dump],
    volume,
  } = finished.at("backups/backup").arguments.spec.job_template.spec.template.spec;
  expect(dump.image).toBe("docker.io/library/postgres:17.6");
  expect(dump.env).toContainEqual({ name: "PGPORT", value: "5432" });
  expect(dump.env).toContainEqual({ name: "PGSSLMODE", value: "require" });
  expect(volume.map(({ empty_dir }: { empty_dir?: object }) => empty_dir).filter(Boolean)).toEqual([
    { size_limit: "20Gi" },
    { size_limit: "20Gi" },
  ]);
  const [, database] = finished.at("backups/network-policy").arguments.spec.egress;
  expect(database.ports).toEqual([{ port: "5432", protocol: "TCP" }]);
  expect(database.to[0].ip_block.cidr).toBe("0.0.0.0/0");
});

/** Programs stand for themselves in their own files, and the realm in test/identity. */
function inShort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inShort);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      /\.(?:sh|cjs)$|^realm\.json$/.test(key) && typeof item === "string"
        ? [key, `sha256:${createHash("sha256").update(item).digest("hex").slice(0, 12)}`]
        : [key, inShort(item)],
    ),
  );
}
