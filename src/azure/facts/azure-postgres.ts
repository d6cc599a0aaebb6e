import { z } from "zod";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { postgresSkus } from "../../vendor-limits";
import { azureCloud } from "./azure-cloud";

/** A Postgres flexible server, with a database for each agent, which logs in with its managed identity. */
export interface AzurePostgres {
  readonly kind: "azure-postgres";
  /**
   * SKU. Burstable ones (`B_`) cannot survive the loss of a zone.
   *
   * @default - "GP_Standard_D2ds_v5" where the environment is highly available, otherwise "B_Standard_B1ms"
   */
  readonly sku?: string;
  /** Days that backups are kept, 7 to 35. @default 14 */
  readonly backupRetentionDays?: number;
}

export const azurePostgres: TaskStoreTraits<AzurePostgres> = {
  kind: "azure-postgres",
  title: "Azure Database for PostgreSQL",
  place: azureCloud,
  shared: true,
  // Without SQL there is no other login than an administrator's.
  apart: "names",
  schema: z.strictObject({
    kind: z.literal("azure-postgres"),
    sku: z
      .string()
      .refine((sku) => postgresSkus.includes(sku), {
        message: "is no SKU of a flexible server; write it as azurerm does: GP_Standard_D2ds_v5",
      })
      .optional(),
    backupRetentionDays: z.int().min(7).max(35).optional(),
  }),
  secrets: () => [],
};
