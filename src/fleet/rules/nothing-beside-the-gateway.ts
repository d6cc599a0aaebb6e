import { platformTraits } from "../../choices/platforms";
import { agentRule } from "../../environment/rule";

/** What is reachable around the gateway is neither limited nor authenticated at the edge. */
export const nothingBesideTheGateway = agentRule("nothing-beside-the-gateway", (workload, environment) => {
  const { platform, reach } = workload;
  if (environment.gateway === undefined) return undefined;
  if (reach === "environment") {
    return (
      "its reach is 'environment', and the gateway is outside of the environment: it would get 404; " +
      "set its reach to 'vnet', or leave it out"
    );
  }
  const byReach = { why: "its reach is 'internet'", remedy: "set its reach to 'vnet', or leave it out" };
  const open =
    platformTraits(platform).openBesideGateway?.(environment) ?? (reach === "internet" ? byReach : undefined);
  if (open === undefined) return undefined;
  return `it can be reached around the gateway: ${open.why}; ${open.remedy}, or remove the gateway`;
});
