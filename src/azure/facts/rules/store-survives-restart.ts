import { environmentRule } from "../../../environment/rule";

/** A store without a copy loses every running task when its node is patched: once a month. */
export const storeSurvivesRestart = environmentRule("store-survives-restart", ({ stage, taskStore }) => {
  if (stage !== "production") return [];
  if (taskStore.kind === "managed-redis" && taskStore.persistence === "none") {
    return [
      "it is production, and taskStore.persistence is 'none': a restart of the store loses every task; " +
        "leave it out (aof-1s), or choose an rdb interval",
    ];
  }
  if (taskStore.kind === "redis-cache" && (taskStore.sku ?? "Standard") !== "Premium") {
    return [
      `it is production, and a ${taskStore.sku ?? "Standard"} redis-cache persists nothing: a restart loses every task; ` +
        "set taskStore.sku to 'Premium', or use 'managed-redis'",
    ];
  }
  return [];
});
