import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Testing } from "cdktf";
import { afterAll, describe, expect, it } from "vitest";
import { ClusterBackups, type ClusterBackupsProps } from "../../src/cluster/backups/cluster-backups";
import { ClusterRedisTaskStore } from "../../src/cluster/cluster-redis-task-store";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { freePort } from "../../src/local/free-port";
import { findCrdProblems } from "../support/find-crd-problems";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { readCustomResources } from "../support/kubernetes-resources";
import { PROGRAM_PATH, withPrograms } from "../support/real-programs";
import { type FinishedStack, synth } from "../support/synth";

const { workloads } = resolveFleet([agentDefinition("billing")], kubernetesEnvironment);

function storeStack(memoryMiB?: number): { store: ClusterRedisTaskStore; stack: FinishedStack } {
  let store: ClusterRedisTaskStore | undefined;
  const stack = synth((scope) => {
    new KubernetesProvider(scope, "kubernetes", {});
    new HelmProvider(scope, "helm", {});
    store = new ClusterRedisTaskStore(scope, "store", { namespace: "agents", agents: workloads, memoryMiB });
  });
  return { store: store as ClusterRedisTaskStore, stack };
}

describe("ClusterRedisTaskStore", () => {
  const { store, stack } = storeStack();

  it("hands agents references, the authority's certificate, and the way there", () => {
    const [workload] = workloads;
    if (workload === undefined) throw new Error("no workload");
    const identity = { serviceAccount: "billing", namespace: "agents" };
    const binding = store.bind(Testing.app(), workload, identity);
    expect(binding.variables).toMatchObject({
      TASK_STORE: "redis",
      REDIS_HOST: "task-store.agents.svc.cluster.local",
      REDIS_PORT: "6379",
      REDIS_TLS: "true",
      REDIS_CA_FILE: "/etc/task-store/ca.crt",
      REDIS_USERNAME: `${workload.environment}-billing`,
    });
    expect(binding.secrets?.map(({ variable, vault, id }) => [variable, vault, id])).toEqual([
      ["REDIS_URL", "task-store--billing", "url"],
      ["REDIS_PASSWORD", "task-store--billing", "password"],
    ]);
    expect(binding.secretFolders).toEqual([
      { path: "/etc/task-store", secret: "task-store-tls", keys: ["ca.crt"] },
    ]);
    expect(store.bind(Testing.app(), { ...workload, taskStore: "memory" }, identity)).toEqual({});
    expect(() => store.bind(Testing.app(), { ...workload, name: "task-store" }, identity)).toThrow(
      "agent 'task-store' has the name of its task store",
    );
  });

  it("has certificates that cert-manager accepts, signed by an authority of its own", () => {
    const resources = readCustomResources(stack.json);
    expect(resources.flatMap(findCrdProblems)).toEqual([]);
    const certificate = resources.find(({ metadata }) => metadata.name === "task-store-tls");
    expect(certificate?.spec.dnsNames).toContain("task-store.agents.svc.cluster.local");
    const issuer = resources.find(
      ({ kind, metadata }) => kind === "Issuer" && metadata.name === certificate?.spec.issuerRef.name,
    );
    const authority = resources.find(({ spec }) => spec.secretName === issuer?.spec.ca.secretName);
    expect(authority?.spec.isCA).toBe(true);
  });

  it("states the update strategy as the API server answers it, so that a second plan is empty", () => {
    const [server] = stack.resources("kubernetes_stateful_set_v1");
    expect(server?.arguments).toMatchObject({
      spec: { update_strategy: [{ type: "RollingUpdate", rolling_update: [{ partition: 0 }] }] },
    });
  });

  it("restarts when its password is to change", () => {
    const at = (passwordRevision: number) =>
      synth((scope) => {
        new KubernetesProvider(scope, "kubernetes", {});
        new HelmProvider(scope, "helm", {});
        new ClusterRedisTaskStore(scope, "store", { namespace: "agents", passwordRevision });
      });
    const [before, after] = [at(1), at(2)];
    expect(after.at("store/password").arguments.data_wo_revision).toBe(2);
    const podOf = (finished: FinishedStack) =>
      JSON.stringify(finished.at("store/resource").arguments.spec.template);
    expect(podOf(after)).not.toBe(podOf(before));
    expect(podOf(at(1))).toBe(podOf(before));
  });

  withPrograms("its settings, with a real Redis", ["redis-server", "redis-cli", "openssl"], () => {
    const root = mkdtempSync(join(tmpdir(), "task-store-"));
    let server: ReturnType<typeof spawn> | undefined;
    afterAll(() => {
      server?.kill("SIGKILL");
      rmSync(root, { recursive: true, force: true });
    });

    it("start it encrypted, appending, evicting nothing; and its probe sees it", async () => {
      const port = await freePort();
      const data = stack.at("store/settings").arguments.data as Record<string, string>;
      // What the pod mounts at the root is mounted below a folder here.
      const place = (text: string) =>
        text
          .replaceAll("$${", "${")
          .replaceAll("6379", String(port))
          .replace(/(?<=[\s"])\/(tls|auth|users|data|tmp)\b/g, `${root}/$1`);
      for (const folder of ["tls", "auth", "users", "data", "tmp"]) mkdirSync(join(root, folder));
      writeFileSync(join(root, "redis.conf"), place(data["redis.conf"] ?? ""));
      writeFileSync(join(root, "alive.sh"), place(data["alive.sh"] ?? ""));
      writeFileSync(join(root, "auth", "auth.conf"), "requirepass not-a-secret");
      execFileSync(
        "openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"].concat([
          "-keyout",
          join(root, "tls/tls.key"),
          "-out",
          join(root, "tls/tls.crt"),
        ]),
        { stdio: "ignore" },
      );
      execFileSync("cp", [join(root, "tls/tls.crt"), join(root, "tls/ca.crt")]);
      server = spawn("redis-server", [join(root, "redis.conf")], {
        stdio: "ignore",
        env: { PATH: PROGRAM_PATH },
      });
      const env = { PATH: PROGRAM_PATH, REDISCLI_AUTH: "not-a-secret" };
      const alive = (environment: Record<string, string>) =>
        spawnSync("sh", [join(root, "alive.sh")], { env: environment }).status;
      for (let tries = 0; tries < 100 && alive(env) !== 0; tries += 1) {
        await new Promise((done) => setTimeout(done, 50));
      }
      expect(alive(env)).toBe(0);
      const marker = join(root, "tmp", "certificate");
      const readAt = statSync(marker).mtimeMs;
      expect(alive(env)).toBe(0);
      expect(statSync(marker).mtimeMs).toBe(readAt);
      // A renewal: the certificate is read again, once.
      utimesSync(join(root, "tls/tls.crt"), new Date(), new Date(Date.now() + 60_000));
      expect(alive(env)).toBe(0);
      expect(statSync(marker).mtimeMs).toBeGreaterThan(readAt);
      expect(alive({ PATH: PROGRAM_PATH })).not.toBe(0);
      const redis = (...args: string[]) =>
        execFileSync(
          "redis-cli",
          ["-p", String(port), "--tls", "--cacert", join(root, "tls/ca.crt"), "--no-auth-warning", ...args],
          { env, encoding: "utf8" },
        ).trim();
      expect(redis("CONFIG", "GET", "appendonly")).toContain("yes");
      expect(redis("CONFIG", "GET", "maxmemory-policy")).toContain("noeviction");
      expect(redis("CONFIG", "GET", "maxmemory")).toContain(String(768 * 1024 * 1024));
      expect(redis("CONFIG", "GET", "port")).toMatch(/\n0$/);
    });
  });
});

describe("ClusterBackups", () => {
  const settings: ClusterBackupsProps["settings"] = {
    storage: { kind: "azure-blob", account: "backups", container: "fleet" },
    credentialsSecret: "backup-storage",
  };

  it("backs up a database that is elsewhere, by its own address and password", () => {
    const stack = synth((scope) => {
      new KubernetesProvider(scope, "kubernetes", {});
      new HelmProvider(scope, "helm", {});
      new ClusterBackups(scope, "backups", {
        namespace: "agents",
        name: "litellm",
        source: {
          kind: "postgres",
          host: "postgres.example.com",
          database: "litellm",
          user: "litellm",
          passwordSecret: "litellm-database",
          destination: { cidr: "10.1.2.3/32", port: 5432 },
        },
        settings: { ...settings, schedule: "0 3 * * 0", retentionDays: 90 },
        configuration: { "fleet.json": "${not a template}" },
      });
    });
    const { spec } = stack.at("backups/backup").arguments;
    expect(spec).toMatchObject({ schedule: "0 3 * * 0", suspend: false, concurrency_policy: "Forbid" });
    const pod = spec.job_template.spec.template.spec;
    const [dump] = pod.init_container;
    const [upload] = pod.container;
    expect(dump.image).toBe("docker.io/library/postgres:17.6");
    expect(dump.env).toContainEqual({ name: "PGSSLMODE", value: "require" });
    expect(dump.env).toContainEqual({
      name: "PGPASSWORD",
      value_from: { secret_key_ref: { name: "litellm-database", key: "password" } },
    });
    expect(upload.env).toContainEqual({ name: "RETENTION_DAYS", value: "90" });
    expect(upload.env).toContainEqual({
      name: "RCLONE_CONFIG_BACKUP_KEY",
      value_from: { secret_key_ref: { name: "backup-storage", key: "account-key" } },
    });
    const restore = stack.at("backups/restore").arguments.spec.job_template.spec.template.spec;
    expect(restore.init_container[0].name).toBe("fetch");
    expect(restore.container[0].name).toBe("restore");
    const policy = stack.at("backups/network-policy").arguments.spec;
    expect(policy.egress).toContainEqual({
      to: [{ ip_block: { cidr: "10.1.2.3/32" } }],
      ports: [{ port: "5432", protocol: "TCP" }],
    });
    expect(stack.at("backups/configuration").arguments.data["fleet.json"]).toBe("$${not a template}");
  });

  it("gives a restore the memory of the store that it holds", () => {
    const stack = synth((scope) => {
      new KubernetesProvider(scope, "kubernetes", {});
      new HelmProvider(scope, "helm", {});
      const store = new ClusterRedisTaskStore(scope, "store", { namespace: "agents", memoryMiB: 4096 });
      const source = { kind: "redis", store } as const;
      new ClusterBackups(scope, "backups", { namespace: "agents", name: "task-store", source, settings });
    });
    const [restore] = stack.at("backups/restore").arguments.spec.job_template.spec.template.spec.container;
    const [redis] = stack.at("store/resource").arguments.spec.template.spec.container;
    const mebibytes = ({ resources }: { resources: { limits: { memory: string } } }) =>
      Number.parseInt(resources.limits.memory, 10);
    expect(mebibytes(redis)).toBe(4096);
    expect(mebibytes(restore)).toBeGreaterThan(4096);
  });

  it("mounts exactly the scripts that its jobs run", () => {
    const stack = synth((scope) => {
      new KubernetesProvider(scope, "kubernetes", {});
      new HelmProvider(scope, "helm", {});
      const store = new ClusterRedisTaskStore(scope, "store", { namespace: "agents" });
      const source = { kind: "redis", store } as const;
      new ClusterBackups(scope, "backups", { namespace: "agents", name: "task-store", source, settings });
    });
    const files = Object.keys(stack.at("backups/scripts").arguments.data);
    const run = ["backup", "restore"].flatMap((kind) => {
      const pod = stack.at(`backups/${kind}`).arguments.spec.job_template.spec.template.spec;
      return [...pod.init_container, ...pod.container].map(({ command }) =>
        command[1].replace("/scripts/", ""),
      );
    });
    expect(files.sort()).toEqual([...run, "redis-connection.sh"].sort());
  });
});
