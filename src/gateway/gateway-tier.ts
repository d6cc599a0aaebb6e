import type { GatewaySettings } from "./gateway-settings";

/** What a tier of API Management can do of what agents need. @see https://learn.microsoft.com/azure/api-management/api-management-features */
export interface GatewayTier {
  /** Whether it reaches what is inside of a network. */
  readonly network: boolean;
  /** Whether it passes event streams, and limits by key. */
  readonly streams: boolean;
}

const tiers: Readonly<Record<string, GatewayTier>> = {
  Consumption: { network: false, streams: false },
  Developer: { network: true, streams: true },
  Basic: { network: false, streams: true },
  Standard: { network: false, streams: true },
  Premium: { network: true, streams: true },
  BasicV2: { network: false, streams: true },
  StandardV2: { network: true, streams: true },
  PremiumV2: { network: true, streams: true },
};

/** Tier and units of a gateway that says nothing of them. */
export const DEFAULT_GATEWAY_SKU = "StandardV2_1";

/**
 * Whether the fleet makes the gateway, with a subnet of its own: only then its calls can leave from one public address
 * that stays.
 *
 * @throws Error when its SKU is no tier
 */
export function callsFromNetwork({ sku = DEFAULT_GATEWAY_SKU, existing }: GatewaySettings): boolean {
  return existing === undefined && gatewayTier(sku).network;
}

/** Whether a text is a tier and its units, as azurerm writes them. */
export function isGatewaySku(sku: string): boolean {
  const [tier = "", units = ""] = sku.split("_");
  return Object.hasOwn(tiers, tier) && /^\d+$/.test(units);
}

/** The tier of a SKU. @throws Error when there is no such tier */
export function gatewayTier(sku: string): GatewayTier {
  const tier = tiers[sku.split("_")[0] ?? ""];
  if (tier === undefined || !isGatewaySku(sku)) {
    throw new Error(
      `API Management has no tier '${sku}'; write it as StandardV2_1 (${Object.keys(tiers).join(", ")})`,
    );
  }
  return tier;
}
