import { agentRule } from "../../../environment/rule";

/** Whether an address is public is the load balancer's decision, not the app's: `external` means different things. */
export const reachIsReal = agentRule("reach-is-real", ({ platform, reach }, environment) => {
  // Behind a gateway the environment is internal unless it says otherwise, which is a rule of its own.
  if (platform !== "container-apps" || environment.gateway !== undefined) return undefined;
  const internal = environment.containerApps?.internal === true;
  if (reach === "vnet" && !internal) {
    return (
      "its reach is 'vnet', and the Container Apps environment has a public load balancer: it would be open to the internet; " +
      "set containerApps.internal to true, or its reach to 'environment' or 'internet'"
    );
  }
  if (reach === "internet" && internal) {
    return (
      "its reach is 'internet', and the Container Apps environment is internal: only the network would reach it; " +
      "set its reach to 'vnet', remove containerApps.internal, or give the environment a gateway"
    );
  }
  return undefined;
});
