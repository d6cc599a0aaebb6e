import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { describe, expect, it, onTestFinished } from "vitest";
import { ClusterBackups } from "../../src/cluster/backups/cluster-backups";
import { type RestoreCronJob, restoreJob } from "../../src/cluster/backups/restore-job";
import { ClusterRedisTaskStore } from "../../src/cluster/cluster-redis-task-store";
import { type Manifest, readManifests, withNames } from "../support/kubernetes-manifests";
import { findViolations } from "../support/kubernetes-pod-security";
import { synth } from "../support/synth";

const cronJob: RestoreCronJob = {
  metadata: { name: "task-store-restore", namespace: "agents" },
  spec: {
    jobTemplate: {
      metadata: { labels: { "app.kubernetes.io/component": "backup" } },
      spec: {
        template: {
          spec: {
            initContainers: [
              {
                name: "fetch",
                env: [
                  { name: "RESTORE", value: "latest" },
                  { name: "DESTINATION", value: "b/task-store" },
                ],
              },
            ],
            containers: [{ name: "restore", env: [{ name: "REPLACE", value: "no" }] }],
          },
        },
      },
    },
  },
};

describe("restoreJob", () => {
  const now = new Date("2026-11-21T03:00:00Z");

  it("keeps whatever the finished template says of its pods, beside that", () => {
    const { json } = synth((scope) => {
      new KubernetesProvider(scope, "kubernetes", {});
      new HelmProvider(scope, "helm", {});
      const store = new ClusterRedisTaskStore(scope, "store", { namespace: "agents" });
      const settings = {
        storage: { kind: "google-storage", bucket: "acme-backups" },
        credentialsSecret: "backup-storage",
      } as const;
      new ClusterBackups(scope, "backups", {
        namespace: "agents",
        name: "task-store",
        source: { kind: "redis", store },
        settings,
      });
    });
    const finished = readManifests(withNames(json)).find(
      ({ kind, metadata }) => kind === "CronJob" && metadata.name === "task-store-restore",
    ) as Manifest;
    const { spec } = finished.spec.jobTemplate;
    const job = restoreJob(finished as never, { backup: "20261121T021700Z", replace: true, now });
    const told = JSON.stringify(spec)
      .replaceAll('"name":"RESTORE","value":"latest"', '"name":"RESTORE","value":"20261121T021700Z"')
      .replaceAll('"name":"REPLACE","value":"no"', '"name":"REPLACE","value":"yes"');
    expect(told).not.toBe(JSON.stringify(spec));
    expect(job.spec).toEqual(JSON.parse(told));
    expect(findViolations({ ...job, address: "job" } as never)).toEqual([]);
  });

  it("is the template, told which backup and whether to replace, and nothing else", () => {
    const job = restoreJob(cronJob, { backup: "20261121T021700Z", replace: true, now });
    expect(job.metadata).toEqual({
      name: "task-store-restore-1795230000",
      namespace: "agents",
      labels: { "app.kubernetes.io/component": "backup" },
    });
    expect(job.spec.template.spec).toEqual({
      initContainers: [
        {
          name: "fetch",
          env: [
            { name: "RESTORE", value: "20261121T021700Z" },
            { name: "DESTINATION", value: "b/task-store" },
          ],
        },
      ],
      containers: [{ name: "restore", env: [{ name: "REPLACE", value: "yes" }] }],
    });
    const careful = restoreJob(cronJob, { backup: "latest", replace: false, now });
    expect(careful.spec.template.spec.containers[0]?.env).toEqual([{ name: "REPLACE", value: "no" }]);
  });
});

describe("npm run restore", () => {
  /** A kubectl that knows one CronJob, keeps what it is told to create, and says how the job ended. */
  function fakeKubectl(end: "Complete" | "Failed") {
    const folder = mkdtempSync(join(tmpdir(), "kubectl-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "cronjob.json"), JSON.stringify(cronJob));
    const script = [
      "#!/bin/sh",
      `case "$*" in`,
      `*"get cronjob task-store-restore"*) cat ${folder}/cronjob.json ;;`,
      `*"get cronjob"*) echo 'Error from server (NotFound)' >&2; exit 1 ;;`,
      `*create*) cat >${folder}/created.json ;;`,
      `*"get job"*) printf '${end}' ;;`,
      `*logs*) echo 'restored into task-store: 7 keys of 7' ;;`,
      "esac",
      "",
    ].join("\n");
    writeFileSync(join(folder, "kubectl"), script);
    chmodSync(join(folder, "kubectl"), 0o755);
    const run = (...args: string[]) =>
      new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
        execFile(
          process.execPath,
          ["--import", "tsx", join(__dirname, "../../src/cli/restore.ts"), ...args],
          { env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` } },
          (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        );
      });
    const created = () =>
      existsSync(join(folder, "created.json"))
        ? JSON.parse(readFileSync(join(folder, "created.json"), "utf8"))
        : undefined;
    return { run, created };
  }

  it("creates the job, shows what it said, and ends as it ended", async () => {
    const good = fakeKubectl("Complete");
    const restored = await good.run("task-store", "--context", "plain", "--backup", "20261121T021700Z");
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining("7 keys of 7") });
    const { env } = good.created().spec.template.spec.initContainers[0];
    expect(env).toContainEqual({ name: "RESTORE", value: "20261121T021700Z" });
    const bad = await fakeKubectl("Failed").run("task-store", "--context", "plain");
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing was restored") });
  });

  it("prints without creating, and says when nothing restores such a store", async () => {
    const { run, created } = fakeKubectl("Complete");
    const printed = await run("task-store", "--context", "plain", "--print");
    expect(JSON.parse(printed.stdout)).toMatchObject({ kind: "Job" });
    expect(created()).toBeUndefined();
    const unknown = await run("postgres", "--context", "plain");
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing restores 'postgres'"),
    });
  });
});
