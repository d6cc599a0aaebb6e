import { environmentRule } from "../../environment/rule";

/** A gateway that knows no issuer could let nobody in, or everybody. */
export const gatewayKnowsCallers = environmentRule(
  "gateway-knows-callers",
  ({ gateway, identityProvider }) =>
    gateway === undefined || identityProvider !== undefined
      ? []
      : [
          "it has a gateway and no identityProvider whose tokens that lets in; " +
            "set identityProvider to kind 'entra', 'keycloak' or 'existing'",
        ],
);
