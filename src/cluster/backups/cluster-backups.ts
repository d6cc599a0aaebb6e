import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import {
  CronJobV1,
  type CronJobV1SpecJobTemplateSpecTemplateSpecContainer,
} from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { EgressDestination } from "../../parts/agent-dependency";
import { wayTo, wayToHost } from "../../parts/way-to";
import { terraformText } from "../../terraform-text";
import { wayOut } from "../agent/agent-network-policy";
import { type ClusterRedisTaskStore, STORE_CA_FILE, storeClientLabels } from "../cluster-redis-task-store";
import { type BackupSettings, type BackupStorage, storageCredentials } from "../facts/backup-settings";
import { nameLookup } from "../name-lookup";
import { restrictedContainer, restrictedPod } from "../restricted-pod";

/** What is backed up. */
export type BackupSource =
  /** The store in the cluster. */
  | { readonly kind: "redis"; readonly store: ClusterRedisTaskStore }
  /** A database, anywhere. */
  | {
      readonly kind: "postgres";
      readonly host: string;
      /** @default 5432 */
      readonly port?: number;
      readonly database: string;
      readonly user: string;
      /** Name of a Secret of the namespace, with the key `password`. */
      readonly passwordSecret: string;
      /** How the server is verified. @default "require" */
      readonly sslMode?: "verify-full" | "require" | "disable";
      /** Official image, not older than the server. @default - 17.6 */
      readonly image?: string;
      /** Where it is, for the network policy. @default - the host: a Service's pods, or public addresses */
      readonly destination?: EgressDestination;
    };

export interface ClusterBackupsProps {
  /** Namespace of the jobs. It has to exist. */
  readonly namespace: string;
  /** Name of what is backed up: the jobs are `<name>-backup` and `<name>-restore`. */
  readonly name: string;
  readonly source: BackupSource;
  readonly settings: BackupSettings;
  /**
   * What ran at the time, file name to text: it goes with every backup. Never a secret.
   *
   * @default {}
   */
  readonly configuration?: Readonly<Record<string, string>>;
  /** What has to be there first. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** Official image of rclone, which speaks to all kinds of object storage. @see https://rclone.org/install/#docker */
const RCLONE_IMAGE = "docker.io/rclone/rclone:1.71.2";
const POSTGRES_PORT = 5432;
const POSTGRES_IMAGE = "docker.io/library/postgres:17.6";

/** Both official images know a user of this number; the files between them are its. */
const JOB_USER = 999;

const SCRIPTS = join(__dirname, "scripts");

/**
 * Scheduled backups of one store to object storage, and the restore as a job that waits to be started:
 * `npm run restore -- <name>` starts it.
 *
 * A dump is checked before it is sent, a backup counts once its checksums are there, and a restore refuses to overwrite
 * what a store holds unless it is told to.
 *
 * @example
 * new ClusterBackups(this, "backups", {
 *   namespace: "agents",
 *   name: "task-store",
 *   source: { kind: "redis", store: taskStore },
 *   settings: { storage: { kind: "s3", bucket: "backups", region: "eu-central-1" }, credentialsSecret: "backup-storage" },
 * });
 */
export class ClusterBackups extends Construct {
  constructor(scope: Construct, id: string, props: ClusterBackupsProps) {
    super(scope, id);
    const { namespace, name, source, settings, dependsOn = [] } = props;
    const labels = jobLabels(props);
    const scripts = new ConfigMapV1(this, "scripts", {
      metadata: { name: `${name}-backup-scripts`, namespace, labels },
      data: Object.fromEntries(scriptsOf(source).map((file) => [file, script(file)])),
      dependsOn: [...dependsOn],
    });
    const configuration = new ConfigMapV1(this, "configuration", {
      metadata: { name: `${name}-backup-configuration`, namespace, labels },
      data: Object.fromEntries(
        Object.entries(props.configuration ?? {}).map(([file, text]) => [file, terraformText(text)]),
      ),
      dependsOn: [...dependsOn],
    });
    const policy = new NetworkPolicyV1(this, "network-policy", {
      metadata: { name: `${name}-backup`, namespace, labels },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        egress: [nameLookup(), ...wayOut([...wayToSource(source), ...wayToStorage(settings.storage)])],
      },
      dependsOn: [...dependsOn],
    });
    const job = {
      scripts: scripts.metadata.name,
      configuration: configuration.metadata.name,
      dependsOn: [...dependsOn, scripts, configuration, policy],
    };
    this.cronJob("backup", props, job, {
      schedule: settings.schedule ?? "17 2 * * *",
      suspend: false,
      first: dumpStep(source, "backup"),
      second: transferStep(props, "upload"),
    });
    // Never due: `npm run restore` makes a job of it.
    this.cronJob("restore", props, job, {
      schedule: "0 0 31 2 *",
      suspend: true,
      first: transferStep(props, "fetch"),
      second: dumpStep(source, "restore"),
    });
  }

  private cronJob(
    kind: "backup" | "restore",
    props: ClusterBackupsProps,
    job: {
      readonly scripts: string;
      readonly configuration: string;
      readonly dependsOn: readonly ITerraformDependable[];
    },
    steps: {
      readonly schedule: string;
      readonly suspend: boolean;
      readonly first: JobContainer;
      readonly second: JobContainer;
    },
  ): CronJobV1 {
    const { namespace, name, source, settings } = props;
    const labels = jobLabels(props);
    return new CronJobV1(this, kind, {
      metadata: { name: `${name}-${kind}`, namespace, labels },
      spec: {
        schedule: steps.schedule,
        timezone: "Etc/UTC",
        suspend: steps.suspend,
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            // A restore that failed is looked at by somebody before it is tried again.
            backoffLimit: kind === "backup" ? 2 : 0,
            activeDeadlineSeconds: 4 * 60 * 60,
            template: {
              metadata: { labels },
              spec: {
                ...restrictedPod(JOB_USER),
                restartPolicy: "Never",
                initContainer: [steps.first],
                container: [steps.second],
                volume: [
                  { name: "backup", emptyDir: { sizeLimit: `${settings.scratchGiB ?? 20}Gi` } },
                  { name: "tmp", emptyDir: { sizeLimit: `${settings.scratchGiB ?? 20}Gi` } },
                  { name: "scripts", configMap: { name: job.scripts } },
                  { name: "configuration", configMap: { name: job.configuration } },
                  ...(source.kind === "redis"
                    ? [
                        {
                          name: "tls",
                          secret: {
                            secretName: source.store.certificateName,
                            items: [{ key: "ca.crt", path: "ca.crt" }],
                          },
                        },
                      ]
                    : []),
                ],
              },
            },
          },
        },
      },
      dependsOn: [...job.dependsOn],
    });
  }
}

type JobContainer = CronJobV1SpecJobTemplateSpecTemplateSpecContainer;

function jobLabels({ name, source }: ClusterBackupsProps): Record<string, string> {
  return source.kind === "redis"
    ? storeClientLabels(source.store)
    : { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "backup" };
}

function scriptsOf({ kind }: BackupSource): string[] {
  return [
    ...(kind === "redis" ? ["redis-connection.sh"] : []),
    `${kind}-backup.sh`,
    `${kind}-restore.sh`,
    "upload.sh",
    "fetch.sh",
  ];
}

function script(file: string): string {
  return terraformText(readFileSync(join(SCRIPTS, file), "utf8"));
}

/** The step that talks to the store: it makes the dump, or puts it back. */
function dumpStep(source: BackupSource, action: "backup" | "restore"): JobContainer {
  const tls =
    source.kind === "redis"
      ? [{ name: "tls", mountPath: STORE_CA_FILE.replace(/\/[^/]+$/, ""), readOnly: true }]
      : [];
  return {
    name: action === "backup" ? "dump" : "restore",
    image: source.kind === "redis" ? source.store.image : (source.image ?? POSTGRES_IMAGE),
    // To restore, a second Redis holds all that the first one will.
    ...stepOf(`${source.kind}-${action}.sh`, source.kind === "redis" ? source.store.memoryMiB + 256 : 1024),
    env: [...common(), ...connection(source)],
    volumeMount: [...mounts(), ...tls],
  };
}

/** The step that talks to the storage. */
function transferStep({ name, settings }: ClusterBackupsProps, action: "upload" | "fetch"): JobContainer {
  const { storage, credentialsSecret, retentionDays = 30 } = settings;
  return {
    name: action,
    image: settings.transferImage ?? RCLONE_IMAGE,
    ...stepOf(`${action}.sh`, 1024),
    env: [
      ...common(),
      { name: "DESTINATION", value: `${bucketOf(storage)}/${name}` },
      { name: "RETENTION_DAYS", value: String(retentionDays) },
      { name: "RESTORE", value: "latest" },
      // Everything comes from variables; an empty name keeps rclone from looking for a file.
      { name: "RCLONE_CONFIG", value: "" },
      ...Object.entries(rcloneSettings(storage)).map(([key, value]) => ({
        name: `RCLONE_CONFIG_BACKUP_${key}`,
        value,
      })),
      ...Object.entries(storageCredentials(storage)).map(([key, secretKey]) => ({
        name: `RCLONE_CONFIG_BACKUP_${key}`,
        valueFrom: { secretKeyRef: { name: credentialsSecret, key: secretKey } },
      })),
    ],
    volumeMount: [...mounts(), { name: "configuration", mountPath: "/configuration", readOnly: true }],
  };
}

function stepOf(file: string, memoryMiB: number) {
  return {
    imagePullPolicy: "IfNotPresent",
    command: ["sh", `/scripts/${file}`],
    resources: {
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { memory: `${memoryMiB}Mi` },
    },
    securityContext: restrictedContainer(),
  };
}

function common() {
  return [
    { name: "BACKUP", value: "/backup/files" },
    { name: "HOME", value: "/tmp" },
    { name: "REPLACE", value: "no" },
  ];
}

function mounts() {
  return [
    { name: "backup", mountPath: "/backup" },
    { name: "tmp", mountPath: "/tmp" },
    { name: "scripts", mountPath: "/scripts", readOnly: true },
  ];
}

function connection(source: BackupSource) {
  const password = (variable: string, secret: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secret, key: "password" } },
  });
  if (source.kind === "redis") {
    const { host, port, secretName } = source.store;
    return [
      { name: "REDIS_HOST", value: host },
      { name: "REDIS_PORT", value: String(port) },
      { name: "REDIS_CA_FILE", value: STORE_CA_FILE },
      password("REDISCLI_AUTH", secretName),
    ];
  }
  return [
    { name: "PGHOST", value: source.host },
    { name: "PGPORT", value: String(source.port ?? POSTGRES_PORT) },
    { name: "PGDATABASE", value: source.database },
    { name: "PGUSER", value: source.user },
    { name: "PGSSLMODE", value: source.sslMode ?? "require" },
    password("PGPASSWORD", source.passwordSecret),
  ];
}

function bucketOf(storage: BackupStorage): string {
  return storage.kind === "azure-blob" ? storage.container : storage.bucket;
}

/** @see https://rclone.org/docs/#config-file: each setting of a remote is a variable too. */
function rcloneSettings(storage: BackupStorage): Record<string, string> {
  switch (storage.kind) {
    case "s3":
      return {
        TYPE: "s3",
        PROVIDER: storage.endpoint === undefined ? "AWS" : "Other",
        REGION: storage.region,
        ...(storage.endpoint === undefined ? {} : { ENDPOINT: storage.endpoint }),
        NO_CHECK_BUCKET: "true",
      };
    case "azure-blob":
      return { TYPE: "azureblob", ACCOUNT: storage.account, NO_CHECK_CONTAINER: "true" };
    case "google-storage":
      return { TYPE: "google cloud storage", BUCKET_POLICY_ONLY: "true", NO_CHECK_BUCKET: "true" };
  }
}

function wayToSource(source: BackupSource): EgressDestination[] {
  if (source.kind === "postgres") {
    const { destination, host, port = POSTGRES_PORT } = source;
    return destination === undefined ? wayToHost(host, port) : [destination];
  }
  const { namespace, name, port } = source.store;
  return [
    {
      namespace,
      port,
      podLabels: { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "task-store" },
    },
  ];
}

function wayToStorage(storage: BackupStorage): EgressDestination[] {
  if (storage.kind === "s3" && storage.address !== undefined) return [storage.address];
  if (storage.kind === "s3" && storage.endpoint !== undefined) return wayTo(storage.endpoint);
  return [{ host: "object storage" }];
}
