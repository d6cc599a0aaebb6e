import { issuerTraits } from "../../choices/issuers";
import { environmentRule } from "../../environment/rule";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The tenant is part of Entra's addresses and of the provider's own login. */
export const tenantIsEntra = environmentRule("tenant-is-entra", ({ tenant, azure, identityProvider }) => {
  const isIssuers = identityProvider !== undefined && issuerTraits(identityProvider).isTenant;
  if (uuid.test(tenant) || (azure === undefined && !isIssuers)) return [];
  const what = azure === undefined ? `identityProvider '${identityProvider?.kind}'` : "'azure'";
  return [
    `tenant is '${tenant}', and with ${what} it has to be the Entra tenant's id, a UUID; take it from az account show --query tenantId`,
  ];
});
