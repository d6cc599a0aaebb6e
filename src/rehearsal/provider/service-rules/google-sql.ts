import type { ServiceRules } from "./service-rules";

/** Databases that have point-in-time recovery under that name; MySQL calls it its binary log. */
const RECOVERED = ["POSTGRES", "SQLSERVER"];

export const googleSql: readonly ServiceRules[] = [
  { types: ["google_sql_database", "google_sql_user"] },
  {
    types: ["google_sql_database_instance"],
    refusals: {
      "point-in-time recovery of MySQL": ({ after }) =>
        after.flag("settings.0.backup_configuration.0.point_in_time_recovery_enabled") &&
        !RECOVERED.some((kind) => after.text("database_version").includes(kind))
          ? `point_in_time_recovery_enabled is only available for the following [${RECOVERED.join(" ")}]. You may want to consider using binary_log_enabled instead and remove point_in_time_recovery_enabled (removing point_in_time_recovery_enabled and adding binary_log_enabled will enable pitr for MYSQL)`
          : undefined,
    },
    replacements: {
      "a disk that shrinks": ({ before, after }) =>
        after.number("settings.0.disk_size") < before.number("settings.0.disk_size")
          ? ["settings.0.disk_size"]
          : [],
      "out of the network": ({ before, after }) =>
        before.text("settings.0.ip_configuration.0.private_network") !== "" &&
        after.text("settings.0.ip_configuration.0.private_network") === ""
          ? ["settings.0.ip_configuration.0.private_network"]
          : [],
      "another primary": () => ["master_instance_name", "replica_configuration.0.cascadable_replica"],
    },
  },
];
