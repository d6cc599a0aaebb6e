import { agentRule } from "../../environment/rule";

/** A card that names an address that its readers cannot reach is the mistake of A8. */
export const cardNamesReachableUrl = agentRule("card-names-reachable-url", (workload, environment) => {
  const { customerFacing, reach } = workload;
  if (environment.gateway !== undefined || !customerFacing || reach === "internet") return undefined;
  return (
    `it is customer-facing, and its reach is '${reach}' in an environment without a gateway: nobody outside can use the ` +
    "URL on its card; set its reach to 'internet', give the environment a gateway, or make it internal"
  );
});
