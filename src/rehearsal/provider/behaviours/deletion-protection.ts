import type { Behaviour } from "../behaviour";
import { CloudError } from "../cloud-error";
import { textAt } from "../value";
import { isWithin } from "./role-assignment";

/** Types that are protected when nobody says anything. */
const PROTECTED_BY_DEFAULT: ReadonlySet<string> = new Set([
  "google_active_directory_domain",
  "google_bigquery_table",
  "google_bigtable_instance",
  "google_cloud_run_v2_job",
  "google_cloud_run_v2_service",
  "google_cloud_run_v2_worker_pool",
  "google_compute_storage_pool",
  "google_container_cluster",
  "google_folder",
  "google_privateca_certificate_authority",
  "google_spanner_database",
  "google_sql_database_instance",
  "google_workflows_workflow",
]);

/** Protection has to be turned off, and that applied, before a deletion. */
export const deletionProtection: Behaviour = {
  types: ["google_*"],
  beforeDelete({ cloud, type, id, attributes }) {
    const isProtected = attributes.deletion_protection ?? PROTECTED_BY_DEFAULT.has(type);
    if (cloud.scenario.unprotected || isProtected !== true) return;
    throw new CloudError(
      `cannot destroy ${id} without setting deletion_protection=false and running \`terraform apply\``,
    );
  },
};

/** What a lock guards, it guards below as well. */
export const managementLock: Behaviour = {
  types: ["azurerm_*"],
  beforeDelete({ cloud, type, id }) {
    if (cloud.scenario.unprotected || type === "azurerm_management_lock" || !id.startsWith("/")) return;
    const lock = cloud
      .ofType("azurerm_management_lock")
      .find(({ attributes }) => isWithin(id, textAt(attributes, "scope") ?? ""));
    if (!lock) return;
    throw new CloudError(
      `deleting ${id}: unexpected status 409 (409 Conflict) with error: ScopeLocked: The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${textAt(lock.attributes, "scope")}'. Please remove the lock and try again.`,
    );
  },
};
