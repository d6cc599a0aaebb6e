import type { Rule } from "../../environment/rule";
import { listOf } from "../../problem";

/** A caller on another platform is outside: it can only use an address that outsiders reach. */
export const reachableAcrossPlatforms: Rule = {
  id: "reachable-across-platforms",
  find: (workloads, environment) => {
    const platforms = new Map(workloads.map(({ name, platform }) => [name, platform]));
    return workloads.flatMap(({ name, platform, reach, callers }) => {
      if (environment.gateway !== undefined || reach === "internet") return [];
      const outside = callers.filter((caller) => platforms.get(caller) !== platform);
      if (outside.length === 0) return [];
      return [
        `agent '${name}': from another platform ${listOf(outside)} can't call it, as its reach is '${reach}'; ` +
          `give the environment a gateway, set agents.${name}.reach to 'internet', or run them together`,
      ];
    });
  },
};
