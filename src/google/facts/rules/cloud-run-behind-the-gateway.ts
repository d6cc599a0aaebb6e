import { agentRule } from "../../../environment/rule";
import { runsOnGoogle } from "../google-facts";

/**
 * The gateway is in another cloud, so nothing but the load balancer's own rule tells it from the rest of the
 * internet (G1): what it doesn't name gets through to the agent around the gateway.
 */
export const cloudRunBehindTheGateway = agentRule("cloud-run-behind-the-gateway", (workload, environment) => {
  if (environment.gateway === undefined || !runsOnGoogle(workload)) return undefined;
  const { front, invokers } = environment.cloudRun ?? {};
  if (front?.kind !== "load-balancer") {
    return (
      "it can be reached around the gateway at its own address; set cloudRun.front to { kind: 'load-balancer', " +
      "admits: [the addresses that the gateway calls from] }, or remove the gateway"
    );
  }
  if (front.admits === undefined) {
    return (
      "it can be reached around the gateway: the load balancer of cloudRun.front admits everybody; set its 'admits' " +
      "to the addresses that the gateway calls from, or remove the gateway"
    );
  }
  if (invokers?.kind !== "callers") return undefined;
  return (
    "the gateway has no Google identity, so Cloud Run would turn it away; set cloudRun.invokers to " +
    "{ kind: 'everyone' }: the load balancer admits the gateway alone, and the agent checks tokens"
  );
});
