import { z } from "zod";
import type { IdentityProviderSettings } from "../environment/environment";
import type { IssuerTraits } from "../environment/issuer-traits";
import { issuerUrl, jwksUrl } from "../shapes";

/**
 * An issuer that exists. Its tokens carry the agent's audience (`api://<tenant>/<environment>-<agent>`) in `aud`, and
 * the names of the agents that the caller may call in a flat `roles` claim.
 */
export interface ExistingIssuer {
  readonly kind: "existing";
  /**
   * What its tokens name as `iss`, letter by letter: some end with a slash. Its discovery document is below it, at
   * `.well-known/openid-configuration`.
   */
  readonly issuer: string;
  readonly jwksUrl: string;
}

export const existingIssuer: IssuerTraits<ExistingIssuer> = {
  kind: "existing",
  hasClients: false,
  longTokens: null,
  knowsGateways: false,
  isTenant: false,
  withoutHome: () => undefined,
  schema: z.strictObject({ kind: z.literal("existing"), issuer: issuerUrl, jwksUrl }),
  tokenIssuer: ({ issuer, jwksUrl }) => ({ issuer, jwksUrl, tokenUrl: null, keycloak: null }),
};

/** Whether an issuer is somebody else's. */
export function isExistingIssuer(settings: IdentityProviderSettings): settings is ExistingIssuer {
  return settings.kind === "existing";
}
