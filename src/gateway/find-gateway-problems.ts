/** The parts of a synthesized stack that are looked at. */
interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

const SCOPES = {
  azurerm_api_management_diagnostic: "all APIs",
  azurerm_api_management_api_diagnostic: "one API",
} as const;

const SIDES = ["frontend_request", "frontend_response", "backend_request", "backend_response"];

/**
 * Says what in a finished stack would hold streams back at the gateway, ask callers for a key by accident, or stop the
 * plan. Only the finished stack knows: somebody may add an API or a diagnostic of their own beside ours.
 */
export function findGatewayProblems(stack: SynthesizedStack): string[] {
  const { resource = {} } = stack;
  return [
    ...Object.entries(SCOPES).flatMap(([type, scope]) =>
      Object.entries(resource[type] ?? {}).flatMap(([name, diagnostic]) =>
        SIDES.filter((side) => bodyBytes(diagnostic[side]) > 0).map(
          (side) =>
            `${type}.${name}: logs ${bodyBytes(diagnostic[side])} bytes of bodies (${side}.body_bytes) for ${scope}, and the gateway ` +
            "holds a stream back to log it; set body_bytes to 0",
        ),
      ),
    ),
    ...Object.entries(resource.azurerm_api_management_api_diagnostic ?? {}).flatMap(
      ([name, { identifier }]) =>
        identifier === "azuremonitor"
          ? [
              `azurerm_api_management_api_diagnostic.${name}: logs one API to Azure Monitor, which the provider can't plan (its ` +
                "operation_name_format has a default that it refuses there); use azurerm_api_management_diagnostic, for all APIs",
            ]
          : [],
    ),
    ...Object.entries(resource.azurerm_api_management_api ?? {}).flatMap(([name, api]) =>
      api.subscription_required === undefined
        ? [
            `azurerm_api_management_api.${name}: says nothing of subscription_required, and the provider's default is true: callers ` +
              "with a token would get 401 for a missing key; set it to false, or to true where keys are meant",
          ]
        : [],
    ),
  ];
}

function bodyBytes(side: unknown): number {
  const block = Array.isArray(side) ? side[0] : side;
  return typeof block === "object" && block !== null && "body_bytes" in block ? Number(block.body_bytes) : 0;
}
