import { gatewayTier, isGatewaySku } from "../../environment/gateway-tier";
import type { Rule } from "../rule";

/** Not every tier of API Management streams, limits by key, or reaches an internal environment. */
export const gatewayTierFits: Rule = {
  id: "gateway-tier",
  find: (workloads, { name, gateway }) => {
    if (gateway === undefined || gateway.existing !== undefined) return [];
    const sku = gateway.sku ?? "StandardV2_1";
    const who = `environment '${name}': gateway.sku is '${sku}'`;
    if (!isGatewaySku(sku)) return [`${who}, which is no tier with its units; write it as StandardV2_1`];
    const { network, streams } = gatewayTier(sku);
    if (!streams) {
      return [`${who}, a tier that neither passes event streams nor limits by caller; use StandardV2_1`];
    }
    const inside = workloads.find(({ platform }) => platform !== "cloud-run");
    if (network || inside === undefined) return [];
    return [
      `${who}, a tier without a way into a network, and agent '${inside.name}' is only reached from one; use StandardV2_1`,
    ];
  },
};
