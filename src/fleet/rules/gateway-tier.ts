import { platformTraits } from "../../choices/platforms";
import { environmentRule } from "../../environment/rule";
import { DEFAULT_GATEWAY_SKU, gatewayTier, isGatewaySku } from "../../gateway/gateway-tier";

/** Not every tier of API Management streams, limits by key, or reaches an internal environment. */
export const gatewayTierFits = environmentRule("gateway-tier", ({ gateway }, workloads) => {
  if (gateway === undefined || gateway.existing !== undefined) return [];
  const sku = gateway.sku ?? DEFAULT_GATEWAY_SKU;
  if (!isGatewaySku(sku)) {
    return [`gateway.sku is '${sku}', which is no tier with its units; write it as StandardV2_1`];
  }
  const { network, streams } = gatewayTier(sku);
  if (!streams) {
    return [
      `gateway.sku is '${sku}', a tier that neither passes event streams nor limits by caller; use StandardV2_1`,
    ];
  }
  const inside = workloads.find(({ platform }) => platformTraits(platform).insideNetwork);
  if (network || inside === undefined) return [];
  return [
    `gateway.sku is '${sku}', a tier without a way into a network, and agent '${inside.name}' is reached from one only; ` +
      "use StandardV2_1",
  ];
});
