import type { Behaviour, Change } from "../behaviour";
import { tenantId } from "../providers/azurerm";
import { DEFAULT_STORAGE_MB, tiersOf } from "../service-rules/azure-postgres";
import { type ObjectValue, textAt } from "../value";

const userAssignedIdentity: Behaviour = {
  types: ["azurerm_user_assigned_identity"],
  computed: ({ cloud, id }) => ({
    principal_id: cloud.uuid(id, "principal"),
    client_id: cloud.uuid(id, "client"),
    tenant_id: tenantId(cloud),
  }),
};

const containerRegistry: Behaviour = {
  types: ["azurerm_container_registry"],
  computed: ({ cloud, id, name, attributes }) => ({
    login_server: `${name.toLowerCase()}.azurecr.io`,
    admin_username: attributes.admin_enabled === true ? name : "",
    admin_password: attributes.admin_enabled === true ? cloud.secret(id, "admin") : "",
    data_endpoint_host_names: [],
  }),
};

const logAnalytics: Behaviour = {
  types: ["azurerm_log_analytics_workspace"],
  computed: ({ cloud, id }) => ({
    workspace_id: cloud.uuid(id),
    sku: "PerGB2018",
    retention_in_days: 30,
    local_authentication_disabled: false,
    local_authentication_enabled: true,
  }),
};

const STORAGE_ENDPOINTS = ["blob", "dfs", "file", "queue", "table", "web"];

const storageAccount: Behaviour = {
  types: ["azurerm_storage_account"],
  computed({ cloud, id, name, attributes }) {
    const fills: Record<string, string | boolean> = {
      access_tier: "Hot",
      large_file_share_enabled: true,
      primary_location: textAt(attributes, "location") ?? "westeurope",
      secondary_location: "",
    };
    for (const which of ["primary", "secondary"]) {
      const key = cloud.secret(id, which);
      const host = which === "primary" ? name : `${name}-secondary`;
      const connection = `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=${key};EndpointSuffix=core.windows.net`;
      fills[`${which}_access_key`] = key;
      fills[`${which}_connection_string`] = connection;
      fills[`${which}_blob_connection_string`] = connection;
      for (const service of STORAGE_ENDPOINTS) {
        fills[`${which}_${service}_host`] = `${host}.${service}.core.windows.net`;
        fills[`${which}_${service}_endpoint`] = `https://${host}.${service}.core.windows.net/`;
      }
    }
    return fills;
  },
};

const postgres: Behaviour = {
  types: ["azurerm_postgresql_flexible_server"],
  computed: ({ name, attributes }) => ({
    fqdn: `${name.toLowerCase()}.postgres.database.azure.com`,
    version: "17",
    sku_name: "GP_Standard_D2s_v3",
    storage_mb: DEFAULT_STORAGE_MB,
    // A disk that nobody has chosen is the slowest of its size.
    storage_tier: tiersOf(Number(attributes.storage_mb) || DEFAULT_STORAGE_MB)[0],
    backup_retention_days: 7,
    private_dns_zone_id: "",
    administrator_login: textAt(attributes, "administrator_login") ?? "",
  }),
};

const privateEndpoint: Behaviour = {
  types: ["azurerm_private_endpoint"],
  computed({ cloud, id, name, attributes }) {
    const address = `10.0.2.${4 + (Number.parseInt(cloud.hash(id).slice(0, 4), 16) % 240)}`;
    const nic = `${name}.nic.${cloud.uuid(id, "nic")}`;
    const group = id.replace(/\/providers\/.*$/, "");
    return {
      "private_service_connection.private_ip_address": address,
      "private_dns_zone_group.id": ({ name: zoneGroup }: ObjectValue) =>
        `${id}/privateDnsZoneGroups/${String(zoneGroup)}`,
      network_interface: [{ id: `${group}/providers/Microsoft.Network/networkInterfaces/${nic}`, name: nic }],
      custom_network_interface_name: textAt(attributes, "custom_network_interface_name") ?? "",
      custom_dns_configs: [],
      private_dns_zone_configs: [],
    };
  },
};

const privateDnsZone: Behaviour = {
  types: ["azurerm_private_dns_zone", "azurerm_dns_zone"],
  computed: () => ({
    max_number_of_record_sets: 25_000,
    max_number_of_virtual_network_links: 1000,
    max_number_of_virtual_network_links_with_registration: 100,
    number_of_record_sets: 1,
    name_servers: ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."],
  }),
};

const dnsRecord: Behaviour = {
  types: [
    "azurerm_private_dns_a_record",
    "azurerm_private_dns_cname_record",
    "azurerm_dns_a_record",
    "azurerm_dns_cname_record",
    "azurerm_dns_txt_record",
  ],
  computed: ({ name, attributes }) => ({ fqdn: `${name}.${textAt(attributes, "zone_name") ?? ""}.` }),
};

/** The cluster's address is what the kubernetes and helm providers are configured with. */
const kubernetesCluster: Behaviour = {
  types: ["azurerm_kubernetes_cluster"],
  computed(change) {
    const { cloud, id, name, attributes } = change;
    const location = (textAt(attributes, "location") ?? "westeurope").toLowerCase().replaceAll(" ", "");
    const prefix =
      textAt(attributes, "dns_prefix") ?? textAt(attributes, "dns_prefix_private_cluster") ?? name;
    const hash = cloud.hash(id).slice(0, 8);
    const isPrivate = attributes.private_cluster_enabled === true;
    const fqdn = `${prefix}-${hash}.hcp.${location}.azmk8s.io`;
    const privateFqdn = isPrivate
      ? `${prefix}-${hash}.${cloud.uuid(id)}.privatelink.${location}.azmk8s.io`
      : "";
    const hasLocalAccounts = attributes.local_account_disabled !== true;
    const group = `MC_${textAt(attributes, "resource_group_name")}_${name}_${location}`;
    const version = textAt(attributes, "kubernetes_version") ?? "1.34.1";
    const access = credentials(change, `https://${isPrivate ? privateFqdn : fqdn}:443`);
    return {
      fqdn: isPrivate ? "" : fqdn,
      private_fqdn: privateFqdn,
      portal_fqdn: `portal-${fqdn}`,
      kube_config: [access],
      kube_config_raw: cloud.secret(id, "kube config"),
      kube_admin_config: hasLocalAccounts ? [access] : [],
      kube_admin_config_raw: hasLocalAccounts ? cloud.secret(id, "admin kube config") : "",
      kubernetes_version: version,
      current_kubernetes_version: version,
      oidc_issuer_url:
        attributes.oidc_issuer_enabled === true
          ? `https://${location}.oic.prod-aks.azure.com/${tenantId(cloud)}/${cloud.uuid(id, "issuer")}/`
          : "",
      node_resource_group: group,
      node_resource_group_id: `/subscriptions/${cloud.scope}/resourceGroups/${group}`,
      http_application_routing_zone_name: "",
      "default_node_pool.node_count": ({ min_count: lowest }) => lowest ?? 1,
      "default_node_pool.orchestrator_version": version,
      "default_node_pool.max_pods": 110,
      "default_node_pool.os_disk_size_gb": 128,
      "default_node_pool.os_sku": "Ubuntu",
      "kubelet_identity.client_id": cloud.uuid(id, "kubelet client"),
      "kubelet_identity.object_id": cloud.uuid(id, "kubelet object"),
    };
  },
};

function credentials({ cloud, id }: Change, host: string): ObjectValue {
  return {
    host,
    username: "clusterUser",
    password: cloud.secret(id, "password"),
    client_certificate: cloud.secret(id, "client certificate"),
    client_key: cloud.secret(id, "client key"),
    cluster_ca_certificate: Buffer.from(
      `-----BEGIN CERTIFICATE-----\n${cloud.hash(id, "ca")}\n-----END CERTIFICATE-----\n`,
    ).toString("base64"),
  };
}

export const azureResources: readonly Behaviour[] = [
  userAssignedIdentity,
  containerRegistry,
  logAnalytics,
  storageAccount,
  postgres,
  privateEndpoint,
  privateDnsZone,
  dnsRecord,
  kubernetesCluster,
];
