import type { Behaviour, Change } from "../behaviour";
import { blocksAt, type ObjectValue, textAt, type Value } from "../value";

function key(change: Change, which: string): string {
  return change.cloud.secret(change.id, which);
}

/** Without key authentication, which is the default, the keys are empty. */
export const managedRedis: Behaviour = {
  types: ["azurerm_managed_redis"],
  computed(change) {
    const { id, name, attributes } = change;
    const location = (textAt(attributes, "location") ?? "westeurope").toLowerCase().replaceAll(" ", "");
    const keyOf = (which: string) => (database: ObjectValue) =>
      database.access_keys_authentication_enabled === true ? key(change, which) : "";
    return {
      hostname: `${name.toLowerCase()}.${location}.redis.azure.net`,
      "default_database.id": `${id}/databases/default`,
      "default_database.port": 10_000,
      "default_database.primary_access_key": keyOf("primary"),
      "default_database.secondary_access_key": keyOf("secondary"),
      "default_database.module.version": "1.0.0",
    };
  },
  // Turning the keys on leaves the empty ones in that plan; the next run reads the new ones.
  filledByCloud(change): Record<string, Value> {
    const databases = blocksAt(change.attributes, "default_database");
    return {
      default_database: databases.map((database) => {
        const hasKeys = database.access_keys_authentication_enabled === true;
        return {
          ...database,
          primary_access_key: hasKeys ? key(change, "primary") : "",
          secondary_access_key: hasKeys ? key(change, "secondary") : "",
        };
      }),
    };
  },
};

export const redisCache: Behaviour = {
  types: ["azurerm_redis_cache"],
  computed(change) {
    const { name, attributes } = change;
    const hostname = `${name.toLowerCase()}.redis.cache.windows.net`;
    const hasKeys = attributes.access_keys_authentication_enabled !== false;
    const keyOf = (which: string) => (hasKeys ? key(change, which) : "");
    const connection = (which: string) =>
      hasKeys ? `${hostname}:6380,password=${key(change, which)},ssl=True,abortConnect=False` : "";
    return {
      hostname,
      port: 6379,
      ssl_port: 6380,
      primary_access_key: keyOf("primary"),
      secondary_access_key: keyOf("secondary"),
      primary_connection_string: connection("primary"),
      secondary_connection_string: connection("secondary"),
      private_static_ip_address: "",
      replicas_per_master: 0,
      replicas_per_primary: 0,
      "redis_configuration.maxclients": 1000,
    };
  },
};
