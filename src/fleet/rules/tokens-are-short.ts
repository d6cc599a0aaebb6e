import { issuerTraits } from "../../choices/issuers";
import { environmentRule, type Rule } from "../../environment/rule";

/** A token that was taken from somebody is good until it ends: 15 minutes at most. */
export const tokensAreShort: Rule = {
  ...environmentRule("tokens-are-short", ({ identityProvider, stage }, workloads) => {
    if (stage === "development") return [];
    const { longTokens } =
      identityProvider === undefined ? { longTokens: null } : issuerTraits(identityProvider);
    if (longTokens === null || workloads.length === 0) return [];
    return [
      `access tokens live longer than 15 minutes: ${longTokens}; use identityProvider kind 'keycloak', or say in ` +
        "exceptions['tokens-are-short'] why that is accepted, and until when",
    ];
  }),
  warns: ({ stage }) => stage !== "production",
  excusable: true,
};
