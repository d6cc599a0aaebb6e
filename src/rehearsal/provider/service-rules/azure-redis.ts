import type { ServiceRules } from "./service-rules";

const SIZES: Readonly<Record<string, readonly string[]>> = {
  Basic: ["C0", "C1", "C2", "C3", "C4", "C5", "C6"],
  Standard: ["C0", "C1", "C2", "C3", "C4", "C5", "C6"],
  Premium: ["P1", "P2", "P3", "P4", "P5"],
};

const TIERS = ["Basic", "Standard", "Premium"];

/** Too small to be copied between regions. */
const WITHOUT_GEO_REPLICATION = ["Balanced_B0", "Balanced_B1"];
const GEO_REPLICATED_MODULES = ["RediSearch", "RedisJSON"];

export const azureRedis: readonly ServiceRules[] = [
  {
    types: ["azurerm_redis_cache"],
    same: {
      redis_version: (before, after) => String(before).split(".")[0] === after,
    },
    replacements: {
      "a smaller tier": ({ before, after }) =>
        TIERS.indexOf(before.text("sku_name")) > TIERS.indexOf(after.text("sku_name")) ? ["sku_name"] : [],
    },
    refusals: {
      "a cache that nobody can log in to": ({ after }) =>
        !after.flag("access_keys_authentication_enabled") &&
        !after.flag("redis_configuration.0.active_directory_authentication_enabled")
          ? "`active_directory_authentication_enabled` must be enabled in order to disable `access_keys_authentication_enabled`"
          : undefined,
      "a size that the tier doesn't have": ({ after }) => {
        const sku = after.text("sku_name");
        const size = `${after.text("family").toUpperCase()}${after.number("capacity")}`;
        const sizes = SIZES[sku] ?? [];
        return sizes.includes(size)
          ? undefined
          : `invalid combination of \`sku_name\`, \`family\`, and \`capacity\`: '${sku}: ${size}'. Valid combinations for '${sku}' are: [${sizes.join(" ")}]`;
      },
    },
    creationRefusals: {
      "backups without a place, or in a tier without": ({ after }) => {
        if (!after.flag("redis_configuration.0.rdb_backup_enabled")) return undefined;
        if (after.text("sku_name") !== "Premium") {
          return "the `rdb_backup_enabled` property requires a `Premium` sku to be set";
        }
        return after.text("redis_configuration.0.rdb_storage_connection_string") === ""
          ? "the rdb_storage_connection_string property must be set when rdb_backup_enabled is true"
          : undefined;
      },
      "no authentication outside a network": ({ after }) =>
        after.list("redis_configuration").length > 0 &&
        !after.flag("redis_configuration.0.authentication_enabled") &&
        !after.isSet("subnet_id")
          ? "cannot set `authentication_enabled` or `enable_authentication` to `false` when `subnet_id` is not set"
          : undefined,
    },
  },
  {
    types: ["azurerm_managed_redis"],
    refusals: {
      "copies between regions of what can't be copied": ({ after }) => {
        if (after.text("default_database.0.geo_replication_group_name") === "") return undefined;
        const sku = after.text("sku_name");
        if (WITHOUT_GEO_REPLICATION.includes(sku)) {
          return `SKU "${sku}" does not support geo-replication, only the SKUs other than ${WITHOUT_GEO_REPLICATION.join(", ")} do`;
        }
        const module = after
          .blocks("default_database.0.module")
          .map((each) => each.text("name"))
          .find((name) => name !== "" && !GEO_REPLICATED_MODULES.includes(name));
        return module === undefined
          ? undefined
          : `invalid module "${module}", only following modules are supported when \`geo_replication_group_name\` is not empty: ${GEO_REPLICATED_MODULES.join(", ")}`;
      },
      "a search in what loses or spreads its keys": ({ after }) => {
        const eviction = after.text("default_database.0.eviction_policy");
        const clustering = after.text("default_database.0.clustering_policy");
        const searches = after
          .blocks("default_database.0.module")
          .some((each) => each.text("name") === "RediSearch");
        if (eviction === "" || !searches) return undefined;
        if (eviction !== "NoEviction") {
          return `invalid eviction_policy "${eviction}", when using RediSearch module, eviction_policy must be set to NoEviction`;
        }
        return clustering === "EnterpriseCluster"
          ? undefined
          : `invalid clustering_policy "${clustering}", when using RediSearch module, clustering_policy must be set to EnterpriseCluster`;
      },
    },
  },
];
