import type { Rule } from "../rule";

/** A gateway that knows no issuer could let nobody in, or everybody. */
export const gatewayKnowsCallers: Rule = {
  id: "gateway-knows-callers",
  find: (_workloads, { name, gateway, identityProvider }) =>
    gateway === undefined || identityProvider !== undefined
      ? []
      : [
          `environment '${name}': it has a gateway and no identityProvider whose tokens that lets in; ` +
            "set identityProvider to kind 'entra', 'keycloak' or 'existing'",
        ],
};
