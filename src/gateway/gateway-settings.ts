import { z } from "zod";
import { hostName, names, text } from "../shapes";
import { existingInGroup } from "../vendor-limits";

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

  /**
   * Name of the publisher, on its mails.
   *
   * @default - the environment's prefix
   */
  readonly publisherName?: string;

  /**
   * Address of the publisher: gets the service's notifications.
   *
   * @default - `gateway@<domain>`
   */
  readonly publisherEmail?: string;

  /**
   * Who issues the certificate of the host: `Self`, or an issuer that is set up in the vault. The certificate is
   * `gateway` in the environment's vault; a self-signed one is there until the operator imports the real one under the
   * same name, which the gateway then takes up by itself.
   *
   * @default "Self"
   */
  readonly certificateIssuer?: string;

  /**
   * Applications that call with an API key (`X-Api-Key`, under `/keys/agents/<name>`) instead of a token, and the
   * agents that each may call.
   *
   * @default {}
   */
  readonly applications?: Readonly<Record<string, readonly string[]>>;

  /** API Management service that exists, with its custom domain. @default - one is created */
  readonly existing?: { readonly name: string; readonly resourceGroup: string };
}

/** What a gateway adds to an environment. */
export interface GatewayEnvironment {
  /** API Management in front of all agents. @default - no gateway: agents are reached at their own addresses */
  readonly gateway?: GatewaySettings;
}

export const gatewayShape = {
  gateway: z
    .strictObject({
      host: hostName.optional(),
      sku: text.optional(),
      publisherName: text.max(100).optional(),
      publisherEmail: z.email().optional(),
      certificateIssuer: z
        .string()
        .regex(
          /^[A-Za-z0-9-]{1,127}$/,
          "is no name of an issuer in Key Vault; use 'Self', or letters, digits and hyphens",
        )
        .optional(),
      applications: names.optional(),
      existing: existingInGroup("API Management service").optional(),
    })
    .refine(({ host, existing }) => existing !== undefined || host?.endsWith(".azure-api.net") !== true, {
      path: ["host"],
      message:
        "is a name of Azure's own, which no gateway gets as its custom domain; use a host of a domain that is yours, or leave it out (api.<domain>)",
    })
    .optional() satisfies z.ZodType<GatewaySettings | undefined>,
};

/** Host name of the gateway, or null without one. */
export function gatewayHost({
  gateway,
  domain,
}: GatewayEnvironment & { readonly domain: string }): string | null {
  return gateway === undefined ? null : (gateway.host ?? `api.${domain}`);
}
