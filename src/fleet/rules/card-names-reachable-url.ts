import { agentRule } from "../../environment/rule";

/** People can be inside the network (`vnet`), but never inside the environment. */
export const cardNamesReachableUrl = agentRule("card-names-reachable-url", (workload, environment) => {
  const { customerFacing, reach } = workload;
  if (environment.gateway !== undefined || !customerFacing || reach !== "environment") return undefined;
  return (
    "it is customer-facing, and its reach is 'environment' in an environment without a gateway: nobody outside can use the " +
    "URL on its card; set its reach to 'internet', or to 'vnet' for people inside the network, give the environment a gateway, " +
    "or make it internal"
  );
});
