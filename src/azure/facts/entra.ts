import { z } from "zod";
import type { IssuerTraits } from "../../environment/issuer-traits";
import { type CallerGrants, callerGrants } from "../../identity/caller-grants";

/**
 * Entra ID in the environment's tenant: an app registration with roles for every agent. Agents ask for tokens as their
 * managed identities; customers and applications get registrations without a credential, which the operator adds.
 */
export interface EntraSettings extends CallerGrants {
  readonly kind: "entra";
}

export const entra: IssuerTraits<EntraSettings> = {
  kind: "entra",
  hasClients: true,
  // @see https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
  longTokens: "Entra's live 60 to 90 minutes, those of managed identities up to 24 hours",
  knowsGateways: true,
  isTenant: true,
  withoutHome: ({ azure }) =>
    azure !== undefined
      ? undefined
      : "is set up with the environment's Azure side, and there is none; set 'azure', or use 'keycloak', or 'existing' " +
        "with an issuer that is there",
  schema: z.strictObject({ kind: z.literal("entra"), ...callerGrants }),
  tokenIssuer: (_settings, { tenant }) => {
    const authority = `https://login.microsoftonline.com/${tenant}`;
    return {
      issuer: `${authority}/v2.0`,
      jwksUrl: `${authority}/discovery/v2.0/keys`,
      tokenUrl: `${authority}/oauth2/v2.0/token`,
      keycloak: null,
    };
  },
};
