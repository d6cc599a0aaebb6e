import type { ServiceRules } from "./service-rules";
import { matching, texts } from "./value-checks";

export const azureNetwork: readonly ServiceRules[] = [
  {
    types: ["azurerm_subnet"],
    refusals: {
      "a scope of sharing where outbound access is open": ({ after }) =>
        after.text("sharing_scope") !== "" && after.flag("default_outbound_access_enabled")
          ? "`sharing_scope` cannot be set if `default_outbound_access_enabled` is set to `true`"
          : undefined,
    },
    // What a pool hands out isn't what somebody has asked for.
    same: { address_prefixes: (_before, _after, { proposed }) => hasPool(proposed.ip_address_pool) },
  },
  {
    types: ["azurerm_virtual_network"],
    same: { address_space: (_before, _after, { proposed }) => hasPool(proposed.ip_address_pool) },
    values: {
      bgp_community: texts((text) => isCommunity(text), 'invalid notation of bgp community: expected "x:y"'),
    },
  },
  {
    types: ["azurerm_public_ip"],
    replacements: {
      "a scope of the label can only be added": ({ before, after }) =>
        before.text("domain_name_label_scope") !== "" || after.text("domain_name_label_scope") === ""
          ? ["domain_name_label_scope"]
          : [],
    },
    creationRefusals: {
      "an address that changes with the Standard SKU": ({ after }) =>
        after.text("sku").toLowerCase() === "standard" &&
        after.text("allocation_method").toLowerCase() !== "static"
          ? "static IP allocation must be used when creating Standard SKU public IP addresses"
          : undefined,
      "a DDoS protection plan without its mode": ({ after }) =>
        after.isSet("ddos_protection_plan_id") &&
        after.text("ddos_protection_mode").toLowerCase() !== "enabled"
          ? "ddos protection plan id can only be set when ddos protection is enabled"
          : undefined,
    },
  },
  {
    types: ["azurerm_private_endpoint"],
    values: {
      "private_service_connection.private_connection_resource_alias": matching(
        "\\.azure\\.privatelinkservice$",
        'expected "{name}" to have suffix `.azure.privatelinkservice`',
      ),
    },
    creationRefusals: {
      "a message that nobody reads, or none where somebody decides": ({ after }) => {
        for (const connection of after.blocks("private_service_connection")) {
          const message = connection.text("request_message");
          const name = JSON.stringify(connection.text("name"));
          if (!connection.flag("is_manual_connection") && message !== "") {
            return `"private_service_connection":${name} is invalid, the "request_message" attribute cannot be set if the "is_manual_connection" attribute is "false"`;
          }
          if (connection.flag("is_manual_connection") && message.trim() === "") {
            return `"private_service_connection":${name} is invalid, the "request_message" attribute must not be empty`;
          }
        }
        return undefined;
      },
    },
  },
  {
    types: ["azurerm_network_security_rule"],
    values: {
      name: matching(
        "^[^/\\\\?%]*$",
        'expected value of {name} to not contain any of "/\\\\?%", got {value}',
      ),
    },
  },
];

function hasPool(pool: unknown): boolean {
  return Array.isArray(pool) && pool.length > 0;
}

/** Two numbers of autonomous systems' size. */
function isCommunity(text: string): boolean {
  const parts = text.split(":");
  return (
    parts.length === 2 &&
    parts.every((part) => /^[+-]?\d+$/.test(part) && Number(part) > 0 && Number(part) < 65_535)
  );
}
