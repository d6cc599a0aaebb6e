/** The resource group that most configurations are in: `azurerm_resource_group.group`. */
export const RESOURCE_GROUP = `
  resource "azurerm_resource_group" "group" {
    name     = "rg-fleet"
    location = "westeurope"
  }
`;

/** A network in it: `azurerm_virtual_network.network`. */
export const VIRTUAL_NETWORK = `
  resource "azurerm_virtual_network" "network" {
    name                = "vnet"
    resource_group_name = azurerm_resource_group.group.name
    location            = "westeurope"
    address_space       = ["10.0.0.0/16"]
  }
`;
