/**
 * Ids of Azure's resources. `{group}` is the resource group's id, `{subscription}` the subscription's, `{uuid}` is
 * made up, everything else is an argument.
 */
export const azureIdTemplates: Readonly<Record<string, string>> = {
  azurerm_resource_group: "{subscription}/resourceGroups/{name}",
  azurerm_management_lock: "{scope}/providers/Microsoft.Authorization/locks/{name}",
  azurerm_role_assignment: "{scope}/providers/Microsoft.Authorization/roleAssignments/{name or uuid}",
  azurerm_role_definition: "{scope}/providers/Microsoft.Authorization/roleDefinitions/{uuid}|{scope}",
  azurerm_user_assigned_identity: "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}",
  azurerm_federated_identity_credential: "{parent_id}/federatedIdentityCredentials/{name}",

  azurerm_container_registry: "{group}/providers/Microsoft.ContainerRegistry/registries/{name}",
  azurerm_container_app_environment: "{group}/providers/Microsoft.App/managedEnvironments/{name}",
  azurerm_container_app_environment_storage: "{container_app_environment_id}/storages/{name}",
  azurerm_container_app_environment_certificate: "{container_app_environment_id}/certificates/{name}",
  azurerm_container_app: "{group}/providers/Microsoft.App/containerApps/{name}",
  azurerm_container_app_job: "{group}/providers/Microsoft.App/jobs/{name}",
  azurerm_kubernetes_cluster: "{group}/providers/Microsoft.ContainerService/managedClusters/{name}",
  azurerm_kubernetes_cluster_node_pool: "{kubernetes_cluster_id}/agentPools/{name}",

  azurerm_key_vault: "{group}/providers/Microsoft.KeyVault/vaults/{name}",
  azurerm_key_vault_access_policy: "{key_vault_id}/objectId/{object_id}",
  azurerm_managed_redis: "{group}/providers/Microsoft.Cache/redisEnterprise/{name}",
  azurerm_redis_cache: "{group}/providers/Microsoft.Cache/redis/{name}",
  azurerm_postgresql_flexible_server: "{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}",
  azurerm_postgresql_flexible_server_database: "{server_id}/databases/{name}",
  azurerm_postgresql_flexible_server_configuration: "{server_id}/configurations/{name}",
  azurerm_postgresql_flexible_server_firewall_rule: "{server_id}/firewallRules/{name}",
  azurerm_storage_account: "{group}/providers/Microsoft.Storage/storageAccounts/{name}",
  azurerm_storage_share: "{storage_account_id}/fileServices/default/shares/{name}",
  azurerm_storage_container: "{storage_account_id}/blobServices/default/containers/{name}",
  azurerm_storage_management_policy: "{storage_account_id}/managementPolicies/default",

  azurerm_log_analytics_workspace: "{group}/providers/Microsoft.OperationalInsights/workspaces/{name}",
  azurerm_log_analytics_saved_search: "{log_analytics_workspace_id}/savedSearches/{name}",
  azurerm_log_analytics_query_pack: "{group}/providers/Microsoft.OperationalInsights/queryPacks/{name}",
  azurerm_log_analytics_query_pack_query: "{query_pack_id}/queries/{name or uuid}",
  azurerm_application_insights: "{group}/providers/Microsoft.Insights/components/{name}",
  azurerm_application_insights_standard_web_test: "{group}/providers/Microsoft.Insights/webTests/{name}",
  azurerm_application_insights_workbook: "{group}/providers/Microsoft.Insights/workbooks/{name}",
  azurerm_monitor_diagnostic_setting: "{target_resource_id}|{name}",
  azurerm_monitor_action_group: "{group}/providers/Microsoft.Insights/actionGroups/{name}",
  azurerm_monitor_metric_alert: "{group}/providers/Microsoft.Insights/metricAlerts/{name}",
  azurerm_monitor_scheduled_query_rules_alert_v2:
    "{group}/providers/Microsoft.Insights/scheduledQueryRules/{name}",
  azurerm_monitor_alert_prometheus_rule_group:
    "{group}/providers/Microsoft.AlertsManagement/prometheusRuleGroups/{name}",
  azurerm_consumption_budget_resource_group:
    "{resource_group_id}/providers/Microsoft.Consumption/budgets/{name}",
  azurerm_monitor_data_collection_rule: "{group}/providers/Microsoft.Insights/dataCollectionRules/{name}",
  azurerm_monitor_data_collection_endpoint:
    "{group}/providers/Microsoft.Insights/dataCollectionEndpoints/{name}",
  azurerm_monitor_workspace: "{group}/providers/Microsoft.Monitor/accounts/{name}",

  azurerm_virtual_network: "{group}/providers/Microsoft.Network/virtualNetworks/{name}",
  azurerm_subnet: "{group}/providers/Microsoft.Network/virtualNetworks/{virtual_network_name}/subnets/{name}",
  azurerm_network_security_group: "{group}/providers/Microsoft.Network/networkSecurityGroups/{name}",
  azurerm_network_security_rule:
    "{group}/providers/Microsoft.Network/networkSecurityGroups/{network_security_group_name}/securityRules/{name}",
  azurerm_subnet_network_security_group_association: "{subnet_id}",
  azurerm_subnet_nat_gateway_association: "{subnet_id}",
  azurerm_subnet_route_table_association: "{subnet_id}",
  azurerm_public_ip: "{group}/providers/Microsoft.Network/publicIPAddresses/{name}",
  azurerm_nat_gateway: "{group}/providers/Microsoft.Network/natGateways/{name}",
  azurerm_nat_gateway_public_ip_association: "{nat_gateway_id}|{public_ip_address_id}",
  azurerm_private_endpoint: "{group}/providers/Microsoft.Network/privateEndpoints/{name}",
  azurerm_private_dns_zone: "{group}/providers/Microsoft.Network/privateDnsZones/{name}",
  azurerm_private_dns_zone_virtual_network_link:
    "{group}/providers/Microsoft.Network/privateDnsZones/{private_dns_zone_name}/virtualNetworkLinks/{name}",
  azurerm_private_dns_a_record: "{group}/providers/Microsoft.Network/privateDnsZones/{zone_name}/A/{name}",
  azurerm_private_dns_cname_record:
    "{group}/providers/Microsoft.Network/privateDnsZones/{zone_name}/CNAME/{name}",
  azurerm_dns_zone: "{group}/providers/Microsoft.Network/dnsZones/{name}",
  azurerm_dns_a_record: "{group}/providers/Microsoft.Network/dnsZones/{zone_name}/A/{name}",
  azurerm_dns_cname_record: "{group}/providers/Microsoft.Network/dnsZones/{zone_name}/CNAME/{name}",
  azurerm_dns_txt_record: "{group}/providers/Microsoft.Network/dnsZones/{zone_name}/TXT/{name}",

  azurerm_api_management: "{group}/providers/Microsoft.ApiManagement/service/{name}",
  azurerm_api_management_api:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/apis/{name};rev={revision}",
  azurerm_api_management_api_operation:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/apis/{api_name}/operations/{operation_id}",
  azurerm_api_management_api_operation_policy:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/apis/{api_name}/operations/{operation_id}",
  azurerm_api_management_api_policy:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/apis/{api_name}",
  azurerm_api_management_api_diagnostic:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/apis/{api_name}/diagnostics/{identifier}",
  azurerm_api_management_diagnostic:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/diagnostics/{identifier}",
  azurerm_api_management_logger:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/loggers/{name}",
  azurerm_api_management_backend:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/backends/{name}",
  azurerm_api_management_named_value:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/namedValues/{name}",
  azurerm_api_management_product:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/products/{product_id}",
  azurerm_api_management_product_api:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/products/{product_id}/apis/{api_name}",
  azurerm_api_management_product_policy:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/products/{product_id}",
  azurerm_api_management_subscription:
    "{group}/providers/Microsoft.ApiManagement/service/{api_management_name}/subscriptions/{uuid}",
  azurerm_api_management_policy: "{api_management_id}",
  azurerm_api_management_policy_fragment: "{api_management_id}/policyFragments/{name}",
};
