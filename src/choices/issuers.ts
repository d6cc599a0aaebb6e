import { entra } from "../azure/facts/entra";
import { type SettingsOf, traitsIn } from "../environment/choice-traits";
import type { IssuerTraits } from "../environment/issuer-traits";
import { existingIssuer } from "../identity/existing-issuer";
import { keycloak } from "../identity/keycloak/keycloak-settings";
import { localIssuer } from "../local/facts/local-parts";

/** Every kind of identity provider: one line each. */
export const issuers = [entra, keycloak, existingIssuer, localIssuer] as const;

/** Who signs the tokens of callers. */
export type IdentityProviderSettings = SettingsOf<(typeof issuers)[number]>;

/** What is known of an identity provider. */
export function issuerTraits({ kind }: IdentityProviderSettings): IssuerTraits<IdentityProviderSettings> {
  return traitsIn<IssuerTraits<IdentityProviderSettings>>(issuers, kind);
}
