import type { Environment } from "../../../environment/environment";
import { environmentRule } from "../../../environment/rule";
import { safeguards } from "../../../environment/safeguards";

/** @see https://learn.microsoft.com/azure/azure-cache-for-redis/cache-overview#service-tiers */
export const storeSizeExists = environmentRule("store-size-exists", (environment) => {
  const { taskStore } = environment;
  const inOneZone = findInOneZone(environment);
  if (inOneZone !== undefined) return [inOneZone];
  if (taskStore.kind !== "redis-cache") return [];
  const { sku = "Standard", capacity = 1 } = taskStore;
  const [least, most] = sku === "Premium" ? [1, 5] : [0, 6];
  if (capacity >= least && capacity <= most) return [];
  return [
    `taskStore.capacity is ${capacity}, and a ${sku} redis-cache has ${least} to ${most}; choose one of these`,
  ];
});

/** What has no second copy is gone with its zone, and Azure refuses to make one. */
function findInOneZone(environment: Environment): string | undefined {
  const { taskStore } = environment;
  const burstable = taskStore.kind === "azure-postgres" && taskStore.sku?.startsWith("B_") === true;
  const basic = taskStore.kind === "redis-cache" && taskStore.sku === "Basic";
  if (!safeguards(environment).highAvailability || !(burstable || basic)) return undefined;
  const kind = burstable ? "a burstable server" : "a Basic redis-cache";
  return (
    `taskStore.sku is '${taskStore.sku}', and ${kind} has no copy in another zone, which highAvailability asks for; ` +
    "choose a larger one, or set highAvailability to false"
  );
}
