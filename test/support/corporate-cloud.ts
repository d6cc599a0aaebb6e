const group = (name: string) => ({ name, location: "westeurope" });
const place = (name: string) => ({
  resource_group_name: `\${azurerm_resource_group.${name}.name}`,
  location: "westeurope",
});
const network = {
  resource_group_name: "${azurerm_resource_group.network.name}",
  virtual_network_name: "${azurerm_virtual_network.corporate.name}",
};

/** What the people of the `brownfield` example have: hand-written Terraform of theirs, with a state of its own. */
export function corporateCloud(
  subscriptionId: string,
  { linked = true }: { readonly linked?: boolean } = {},
): object {
  const secrets = ["openai-api-key", "inventory-api-token", "procurement-erp-token", "contracts-api-key"];
  return {
    terraform: { required_providers: { azurerm: { source: "hashicorp/azurerm", version: "4.55.0" } } },
    provider: { azurerm: { features: {}, subscription_id: subscriptionId } },
    resource: {
      azurerm_resource_group: {
        fleet: group("rg-corporate-fleet"),
        network: group("rg-corporate-network"),
        images: group("rg-corporate-images"),
        secrets: group("rg-corporate-secrets"),
        logs: group("rg-corporate-logs"),
      },
      azurerm_virtual_network: {
        corporate: { name: "vnet-corporate", ...place("network"), address_space: ["10.60.0.0/16"] },
      },
      azurerm_subnet: {
        fleet: {
          name: "snet-fleet",
          ...network,
          address_prefixes: ["10.60.0.0/24"],
          delegation: {
            name: "apps",
            service_delegation: {
              name: "Microsoft.App/environments",
              actions: ["Microsoft.Network/virtualNetworks/subnets/join/action"],
            },
          },
        },
        endpoints: { name: "snet-endpoints", ...network, address_prefixes: ["10.60.1.0/24"] },
      },
      azurerm_private_dns_zone: {
        redis: {
          name: "privatelink.redis.azure.net",
          resource_group_name: "${azurerm_resource_group.network.name}",
        },
      },
      ...(linked
        ? {
            azurerm_private_dns_zone_virtual_network_link: {
              redis: {
                name: "corporate",
                resource_group_name: "${azurerm_resource_group.network.name}",
                private_dns_zone_name: "${azurerm_private_dns_zone.redis.name}",
                virtual_network_id: "${azurerm_virtual_network.corporate.id}",
              },
            },
          }
        : {}),
      azurerm_container_registry: {
        images: { name: "corporateimages", ...place("images"), sku: "Premium" },
      },
      azurerm_log_analytics_workspace: { logs: { name: "log-corporate", ...place("logs") } },
      azurerm_key_vault: {
        secrets: {
          name: "kv-corporate",
          ...place("secrets"),
          tenant_id: "11111111-1111-4111-8111-111111111111",
          sku_name: "standard",
          rbac_authorization_enabled: true,
        },
      },
      azurerm_key_vault_secret: Object.fromEntries(
        secrets.map((name) => [
          name,
          {
            name,
            key_vault_id: "${azurerm_key_vault.secrets.id}",
            value_wo: `set-by-${name}`,
            value_wo_version: 3,
          },
        ]),
      ),
    },
  };
}
