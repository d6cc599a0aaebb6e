import type { Arguments } from "../planning/planned-change";
import type { Refusal, ServiceRules } from "./service-rules";
import { ipv4OrPrefix } from "./value-checks";

const skuOf = (registry: Arguments) => registry.text("sku").toLowerCase();
const placeOf = (registry: Arguments) => registry.text("location").toLowerCase().replaceAll(" ", "");

/** What only the Premium SKU has. */
function premiumOnly(isWanted: (registry: Arguments) => boolean, message: string): Refusal {
  return ({ after }) => (isWanted(after) && skuOf(after) !== "premium" ? message : undefined);
}

export const azureContainerRegistry: readonly ServiceRules[] = [
  {
    types: ["azurerm_container_registry"],
    values: { "network_rule_set.ip_rule.ip_range": ipv4OrPrefix },
    refusals: {
      "copies in other regions": premiumOnly(
        (registry) => registry.list("georeplications").length > 0,
        "an ACR geo-replication can only be applied when using the Premium Sku",
      ),
      "a copy where the registry is": ({ after }) =>
        after.blocks("georeplications").some((copy) => placeOf(copy) === placeOf(after))
          ? "the `georeplications` list cannot contain the location where the Container Registry exists"
          : undefined,
      "a quarantine": premiumOnly(
        (registry) => registry.flag("quarantine_policy_enabled"),
        "an ACR quarantine policy can only be applied when using the Premium Sku. If you are downgrading from a Premium SKU please unset quarantine_policy_enabled",
      ),
      "a time after which images go": premiumOnly(
        (registry) => registry.number("retention_policy_in_days") > 0,
        "an ACR retention policy can only be applied when using the Premium Sku. If you are downgrading from a Premium SKU please unset `retention_policy_in_days`",
      ),
      "trust in signatures": premiumOnly(
        (registry) => registry.flag("trust_policy_enabled"),
        "an ACR trust policy can only be applied when using the Premium Sku. If you are downgrading from a Premium SKU please unset `trust_policy_enabled` or set `trust_policy_enabled = false`",
      ),
      "a ban on exports": premiumOnly(
        (registry) => !registry.flag("export_policy_enabled"),
        "an ACR export policy can only be disabled when using the Premium Sku. If you are downgrading from a Premium SKU please unset `export_policy_enabled` or set `export_policy_enabled = true`",
      ),
      "a ban on exports that the public network goes around": ({ after }) =>
        !after.flag("export_policy_enabled") &&
        skuOf(after) === "premium" &&
        after.flag("public_network_access_enabled")
          ? "to disable export of artifacts, `public_network_access_enabled` must also be `false`"
          : undefined,
      "a key of one's own": premiumOnly(
        (registry) => registry.list("encryption").length > 0,
        "an ACR encryption can only be applied when using the Premium Sku",
      ),
      zones: premiumOnly(
        (registry) =>
          registry.flag("zone_redundancy_enabled") ||
          registry.blocks("georeplications").some((copy) => copy.flag("zone_redundancy_enabled")),
        "ACR zone redundancy can only be applied when using the Premium Sku",
      ),
      "pulling without a name in the Basic SKU": ({ after }) =>
        after.flag("anonymous_pull_enabled") && !["standard", "premium"].includes(skuOf(after))
          ? "`anonymous_pull_enabled` can only be applied when using the Standard/Premium Sku"
          : undefined,
      "endpoints of its own for data": premiumOnly(
        (registry) => registry.flag("data_endpoint_enabled"),
        "`data_endpoint_enabled` can only be applied when using the Premium Sku",
      ),
    },
    creationRefusals: {
      "rules for networks": premiumOnly(
        (registry) => registry.list("network_rule_set").length > 0,
        "`network_rule_set_set` can only be specified for a Premium Sku. If you are reverting from a Premium to Basic SKU please set network_rule_set = []",
      ),
      "a closed public network": premiumOnly(
        (registry) => !registry.flag("public_network_access_enabled"),
        "`public_network_access_enabled` can only be disabled for a Premium Sku",
      ),
    },
  },
];
