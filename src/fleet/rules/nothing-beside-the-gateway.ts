import { agentRule } from "../../environment/rule";

/** What is reachable around the gateway is neither limited nor authenticated at the edge (G1). */
export const nothingBesideTheGateway = agentRule("nothing-beside-the-gateway", (workload, environment) => {
  const { platform, reach } = workload;
  if (environment.gateway === undefined) return undefined;
  if (reach === "environment") {
    return (
      "its reach is 'environment', and the gateway is outside of the environment: it would get 404; " +
      "set its reach to 'vnet', or leave it out"
    );
  }
  const open = platform === "container-apps" && environment.containerApps?.internal === false;
  if (reach !== "internet" && !open) return undefined;
  return (
    `it can be reached around the gateway: ${open ? "its Container Apps environment is not internal" : "its reach is 'internet'"}; ` +
    `${open ? "remove containerApps.internal" : "set its reach to 'vnet', or leave it out"}, or remove the gateway`
  );
});
