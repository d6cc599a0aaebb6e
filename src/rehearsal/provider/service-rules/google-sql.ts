import { samenesses } from "../planning/sameness";
import { textAt } from "../value";
import type { ServiceRules } from "./service-rules";
import { emptyOr } from "./value-checks";

/** Databases that have point-in-time recovery under that name; MySQL calls it its binary log. */
const RECOVERED = ["POSTGRES", "SQLSERVER"];

/** What a maintenance version says of the day that it is from. */
const DAY_LENGTH = 14;

/** The first version of MySQL 8.0 that Google moves on by itself. */
const FIRST_MOVED = 35;

export const googleSql: readonly ServiceRules[] = [
  { types: ["google_sql_database"] },
  {
    types: ["google_sql_user"],
    same: {
      // IAM's users are kept without their domain.
      name: (before, after, { proposed }) =>
        (textAt(proposed, "type") ?? "").includes("IAM") && before === String(after ?? "").split("@")[0],
      type: emptyOr("BUILT_IN"),
    },
  },
  {
    types: ["google_sql_database_instance"],
    same: {
      "settings.disk_type": (before, after) =>
        String(after ?? "")
          .replaceAll("-", "_")
          .toUpperCase() === String(before ?? "").toUpperCase(),
      // Google moves on to newer ones by itself.
      maintenance_version: (before, after) =>
        [before, after].every((version) => String(version ?? "").length > DAY_LENGTH) &&
        String(before).slice(-DAY_LENGTH) >= String(after).slice(-DAY_LENGTH),
      database_version: (before, after) => {
        const [, minor] = /^MYSQL_8_0_(\d+)$/.exec(String(before ?? "")) ?? [];
        return after === "MYSQL_8_0" && Number(minor) >= FIRST_MOVED;
      },
      "replication_cluster.failover_dr_replica_name": (before, after, { proposed }) => {
        const project = textAt(proposed, "project") ?? "";
        const [old, next] = [before, after].map((replica) => {
          const name = String(replica ?? "");
          return project === "" || name.includes(":") ? name : `${project}:${name}`;
        });
        return old === next;
      },
      "clone.point_in_time": samenesses.moment,
    },
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
