/** API Management in front of the agents. */
export interface GatewaySettings {
  /**
   * Host name that callers use. Part of every card, so it exists before the gateway does.
   *
   * @default - `api.<domain>`
   */
  readonly host?: string;
  /**
   * Tier and units, as azurerm writes it (`StandardV2_1`). Basic v2 reaches no internal environment, Consumption
   * neither streams nor limits by key.
   *
   * @default "StandardV2_1"
   */
  readonly sku?: string;
}
