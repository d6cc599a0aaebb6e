import { environmentRule } from "../../../environment/rule";

/** @see https://learn.microsoft.com/azure/azure-cache-for-redis/cache-overview#service-tiers */
export const storeSizeExists = environmentRule("store-size-exists", ({ taskStore }) => {
  if (taskStore.kind !== "redis-cache") return [];
  const { sku = "Standard", capacity = 1 } = taskStore;
  const [least, most] = sku === "Premium" ? [1, 5] : [0, 6];
  if (capacity >= least && capacity <= most) return [];
  return [
    `taskStore.capacity is ${capacity}, and a ${sku} redis-cache has ${least} to ${most}; choose one of these`,
  ];
});
