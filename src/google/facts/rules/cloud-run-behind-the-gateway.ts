import { isTooWide, WIDEST_PREFIX } from "../../../address-range";
import { agentRule } from "../../../environment/rule";
import { callsFromNetwork, DEFAULT_GATEWAY_SKU, isGatewaySku } from "../../../gateway/gateway-tier";
import { listOf } from "../../../problem";
import { runsOnGoogle } from "../google-facts";

/**
 * The gateway is in another cloud, so nothing but the load balancer's own rule tells it from the rest of the
 * internet: what it doesn't name gets through to the agent around the gateway.
 */
export const cloudRunBehindTheGateway = agentRule("cloud-run-behind-the-gateway", (workload, environment) => {
  const { gateway } = environment;
  if (gateway === undefined || !runsOnGoogle(workload)) return undefined;
  const { front, invokers } = environment.cloudRun ?? {};
  // A SKU that is none is refused as such.
  const known = !isGatewaySku(gateway.sku ?? DEFAULT_GATEWAY_SKU) || callsFromNetwork(gateway);
  if (front?.kind !== "load-balancer") {
    return (
      "it can be reached around the gateway at its own address; set cloudRun.front to { kind: 'load-balancer'" +
      `${known ? "" : ", admits: [the addresses that the gateway calls from]"} }, or remove the gateway`
    );
  }
  const { admits = [] } = front;
  if (admits.length === 0 && !known) {
    return (
      "it can be reached around the gateway: the load balancer of cloudRun.front admits everybody; set its 'admits' " +
      "to the addresses that the gateway calls from, or remove the gateway"
    );
  }
  const wide = admits.filter(isTooWide);
  if (wide.length > 0) {
    return (
      `it can be reached around the gateway: cloudRun.front.admits holds ${listOf(wide)}, which is more than anybody ` +
      `owns (at most /${WIDEST_PREFIX}); name the addresses that the gateway calls from` +
      `${known ? ", or leave 'admits' out: the fleet's own gateway is admitted by itself" : ""}`
    );
  }
  if (invokers?.kind !== "callers") return undefined;
  return (
    "the gateway has no Google identity, so Cloud Run would turn it away; set cloudRun.invokers to " +
    "{ kind: 'everyone' }: the load balancer admits the gateway alone, and the agent checks tokens"
  );
});
