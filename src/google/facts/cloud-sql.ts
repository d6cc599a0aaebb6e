import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { googleCloud } from "./google-cloud";

/** A Postgres at Cloud SQL, with a database and a user for each agent. */
export interface CloudSql {
  readonly kind: "cloud-sql";
  /**
   * Size of the machine: `db-custom-<cores>-<MiB>`, `db-perf-optimized-N-<cores>` (Enterprise Plus), or one of the two
   * with a shared core, which Google gives no promise for.
   *
   * @default - "db-custom-2-7680" where the environment is highly available, otherwise "db-custom-1-3840"
   */
  readonly tier?: string;
  /** Days that daily backups are kept, 7 to 365. Any second of the last 7 can be gone back to. @default 14 */
  readonly backupRetentionDays?: number;
}

export const cloudSql: TaskStoreTraits<CloudSql> = {
  kind: "cloud-sql",
  title: "Cloud SQL",
  place: googleCloud,
  shared: true,
  // Users that Google's API makes are all members of one role, which owns the databases.
  apart: "names",
  schema: z.strictObject({
    kind: z.literal("cloud-sql"),
    tier: z
      .string()
      .superRefine((tier, context) => {
        const problem = findTierProblem(tier);
        if (problem !== undefined) context.addIssue({ code: "custom", message: problem, input: tier });
      })
      .optional(),
    backupRetentionDays: z.int().min(7).max(365).optional(),
  }),
  secrets: () => [],
};

/** Tiers that share a core with others. */
const SHARED_CORE: readonly string[] = ["db-f1-micro", "db-g1-small"];

const PERFORMANCE_CORES: readonly number[] = [2, 4, 8, 16, 32, 48, 64, 80, 96, 128];

/** Says what is wrong with a tier. @see https://cloud.google.com/sql/docs/postgres/instance-settings#machine-type-2ndgen */
function findTierProblem(tier: string): string | undefined {
  if (SHARED_CORE.includes(tier)) return undefined;
  const performance = /^db-perf-optimized-N-(\d+)$/.exec(tier);
  if (performance !== null && PERFORMANCE_CORES.includes(Number(performance[1]))) return undefined;
  const custom = /^db-custom-([1-9]\d*)-([1-9]\d*)$/.exec(tier);
  if (custom === null) return "is no tier of Cloud SQL for Postgres; write it like db-custom-2-7680";
  const [cores, memoryMiB] = [Number(custom[1]), Number(custom[2])];
  if (cores > 96 || (cores !== 1 && cores % 2 === 1)) {
    return `has ${cores} cores, and Cloud SQL has machines with 1, or an even number of up to 96`;
  }
  const [least, most] = [Math.max(3840, Math.ceil(cores * 0.9 * 1024)), cores * 6.5 * 1024];
  return memoryMiB % 256 === 0 && memoryMiB >= least && memoryMiB <= most
    ? undefined
    : `has ${memoryMiB} MiB of memory, and ${cores} cores go with ${least} to ${most} MiB, in steps of 256`;
}

/** What Google sells a tier under: it has to be said, since the newer versions' default is the dearer one. */
export function editionOf(tier: string): "ENTERPRISE" | "ENTERPRISE_PLUS" {
  return tier.startsWith("db-perf-optimized-") ? "ENTERPRISE_PLUS" : "ENTERPRISE";
}
