import { z } from "zod";
import { bucketName, cronSchedule, httpUrl, imageName, kubernetesName, port, whole } from "../../shapes";
import { nameOf } from "../../vendor-limits";

/** Scheduled backups of what the cluster itself keeps. */
export interface BackupSettings {
  readonly storage: BackupStorage;

  /**
   * Name of a Secret of the agents' namespace, made by its owner, that opens the storage. Its keys: `access-key-id` and
   * `secret-access-key` (s3), `account-key` (azure-blob), `service-account-json` (google-storage).
   */
  readonly credentialsSecret: string;

  /** When, as a cron expression, UTC. @default "17 2 * * *" */
  readonly schedule?: string;

  /** Days that backups are kept. @default 30 */
  readonly retentionDays?: number;

  /** Room for one dump on the node, in GiB. @default 20 */
  readonly scratchGiB?: number;

  /** rclone, by exact version. @default - the official image, 1.71.2 */
  readonly transferImage?: string;
}

/** Where backups go. The bucket or container exists: it has to outlive the fleet. */
export type BackupStorage =
  | {
      readonly kind: "s3";
      readonly bucket: string;
      readonly region: string;
      /** URL of a storage that is not Amazon's. @default - Amazon's */
      readonly endpoint?: string;
      /**
       * Where it is, when that is a private address: network policies know no names.
       *
       * @default - the endpoint's host and port, at a Service's pods or at public addresses
       */
      readonly address?: { readonly cidr: string; readonly port: number };
    }
  | { readonly kind: "azure-blob"; readonly account: string; readonly container: string }
  | { readonly kind: "google-storage"; readonly bucket: string };

/** Keys of the Secret that opens a storage, by the name that rclone has for what is in them. */
export function storageCredentials({ kind }: BackupStorage): Readonly<Record<string, string>> {
  switch (kind) {
    case "s3":
      return { ACCESS_KEY_ID: "access-key-id", SECRET_ACCESS_KEY: "secret-access-key" };
    case "azure-blob":
      return { KEY: "account-key" };
    case "google-storage":
      return { SERVICE_ACCOUNT_CREDENTIALS: "service-account-json" };
  }
}

export const backupsSchema = z.strictObject({
  storage: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("s3"),
      bucket: bucketName,
      region: z.string().regex(/^[a-z0-9-]{1,64}$/, "is no region; use a name such as eu-central-1"),
      endpoint: httpUrl.optional(),
      address: z.strictObject({ cidr: z.cidrv4(), port }).optional(),
    }),
    z.strictObject({
      kind: z.literal("azure-blob"),
      account: nameOf("storage account"),
      container: nameOf("storage container"),
    }),
    z.strictObject({ kind: z.literal("google-storage"), bucket: bucketName }),
  ]),
  credentialsSecret: kubernetesName,
  schedule: cronSchedule.optional(),
  retentionDays: whole.min(1).max(3650).optional(),
  scratchGiB: whole.min(1).max(16_384).optional(),
  transferImage: imageName.optional(),
}) satisfies z.ZodType<BackupSettings>;
