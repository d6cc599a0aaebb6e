import type { ServiceRules } from "./service-rules";
import { matching } from "./value-checks";

export const azureAuthorization: readonly ServiceRules[] = [
  {
    types: ["azurerm_role_assignment"],
    // Whatever has a slash passes one of the alternatives that the provider tries.
    values: { scope: matching("/", "invalid value for {name}: {value} is no scope") },
    creationRefusals: {
      "a version of a condition that isn't there": ({ after, config }) =>
        config.isGiven("condition_version") && after.text("condition") === ""
          ? "`condition_version` should not be set without `condition`"
          : undefined,
    },
  },
];
