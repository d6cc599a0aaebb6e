import { type Json, listAt, objectAt, textAt } from "../finished-agents";
import { closedToTheInternet, has, hasBlock, lacks } from "./resource-facts";
import { covered, excepted, notApplicable, type Scanner } from "./scanner-check";

const app = "azurerm_container_app";
const cluster = "azurerm_kubernetes_cluster";
const gateway = "azurerm_api_management";
const vault = "azurerm_key_vault";
const registry = "azurerm_container_registry";
const oldTls = (each: Parameters<typeof objectAt>[0]) =>
  Object.entries(objectAt(each, "security")).every(
    ([name, on]) =>
      !/(?:ssl30|tls10|tls11|triple_des|rsa_with|ecdhe_\w+_cbc)\w*_enabled$/.test(name) || on !== true,
  );
const premium =
  "only the Premium tier of the registry has it; new ContainerRegistry(…, { sku: 'Premium' }) is the way there";
const naming = "names are computed, and held against the limits of each kind (src/naming.ts)";
const owners = "the subscription's owner decides";
const noProducts = "the fleet's APIs are in no product: callers have tokens";
const oldRedis = "the fleet makes Azure Managed Redis";

export const psrule: Scanner = {
  name: "psrule",
  title: "PSRule for Azure",
  version: "00b525d",
  on: "2026-11-21",
  address: "https://azure.github.io/PSRule.Rules.Azure/en/rules/resource/",
  checks: [
    ...[
      "Azure.APIM.Name",
      "Azure.AppInsights.Name",
      "Azure.AKS.Name",
      "Azure.AKS.DNSPrefix",
      "Azure.ContainerApp.Name",
      "Azure.ACR.Name",
      "Azure.KeyVault.Name",
      "Azure.KeyVault.SecretName",
      "Azure.NSG.Name",
      "Azure.PrivateEndpoint.Name",
      "Azure.PublicIP.Name",
      "Azure.ResourceGroup.Name",
      "Azure.Identity.UserAssignedName",
      "Azure.VNET.Name",
      "Azure.VNET.SubnetName",
      "Azure.PostgreSQL.ServerName",
    ].map((id) => notApplicable(id, "Names are names of their kind", naming)),
    notApplicable(
      "Azure.Resource.AllowedRegions",
      "Resources are in regions that are allowed",
      "the environment names its region",
    ),
    covered("Azure.Resource.UseTags", "Resources have tags", app, hasBlock("tags")),
    covered(
      "Azure.APIM.APIDescriptors",
      "APIs have a name and a description",
      "azurerm_api_management_api",
      (api) => textAt(api, "display_name") !== undefined && textAt(api, "description") !== undefined,
    ),
    notApplicable(
      "Azure.APIM.AvailabilityZone",
      "The gateway is in several zones",
      "asked of the Premium tier alone",
    ),
    notApplicable(
      "Azure.APIM.CertificateExpiry",
      "The host's certificate is renewed in time",
      "the vault renews it, 30 days before",
    ),
    covered("Azure.APIM.Ciphers", "The gateway has no weak ciphers", gateway, oldTls),
    covered("Azure.APIM.Protocols", "The gateway speaks nothing older than TLS 1.2", gateway, oldTls),
    covered(
      "Azure.APIM.CORSPolicy",
      "Not every origin may call",
      "azurerm_api_management_api_policy",
      (policy) => !/<origin>\s*\*\s*<\/origin>/.test(textAt(policy, "xml_content") ?? ""),
    ),
    notApplicable("Azure.APIM.DefenderCloud", "Defender watches the APIs", owners),
    notApplicable("Azure.APIM.EncryptValues", "Named values are in the vault", "the fleet makes none"),
    covered(
      "Azure.APIM.HTTPBackend",
      "Backends are called by https",
      "azurerm_api_management_backend",
      (backend) => !(textAt(backend, "url") ?? "https").startsWith("http://"),
    ),
    covered("Azure.APIM.HTTPEndpoint", "Callers come by https", "azurerm_api_management_api", (api) =>
      [api.protocols].flat().every((protocol) => protocol === "https"),
    ),
    covered("Azure.APIM.ManagedIdentity", "The gateway has an identity", gateway, hasBlock("identity")),
    notApplicable(
      "Azure.APIM.MinAPIVersion",
      "The gateway is managed by a recent API",
      "providers send the API version that they were made for",
    ),
    excepted(
      "Azure.APIM.MultiRegion",
      "The gateway is in several regions",
      "an environment is in one region; another one is another environment",
    ),
    notApplicable(
      "Azure.APIM.MultiRegionGateway",
      "Gateways of other regions are on",
      "an environment is in one region",
    ),
    covered(
      "Azure.APIM.PolicyBase",
      "Policies keep what is said for all",
      "azurerm_api_management_api_policy",
      (policy) => /<inbound>\s*<base\s*\/>/.test(textAt(policy, "xml_content") ?? ""),
    ),
    ...[
      "Azure.APIM.ProductApproval",
      "Azure.APIM.ProductDescriptors",
      "Azure.APIM.ProductSubscription",
      "Azure.APIM.ProductTerms",
      "Azure.APIM.SampleProducts",
    ].map((id) => notApplicable(id, "Products are approved, described and limited", noProducts)),
    covered(
      "Azure.AppInsights.Workspace",
      "Application Insights keeps its data in a workspace",
      "azurerm_application_insights",
      lacks("workspace_id", undefined),
    ),
    ...[
      "Azure.Redis.AvailabilityZone",
      "Azure.Redis.FirewallIPRange",
      "Azure.Redis.FirewallRuleCount",
      "Azure.Redis.MaxMemoryReserved",
      "Azure.Redis.MinSKU",
      "Azure.Redis.MinTLS",
      "Azure.Redis.NonSslPort",
      "Azure.Redis.PublicNetworkAccess",
      "Azure.Redis.Version",
    ].map((id) => notApplicable(id, "Azure Cache for Redis is closed, encrypted and has a copy", oldRedis)),
    covered(
      "Azure.RedisEnterprise.MinTLS",
      "The task store speaks TLS alone",
      "azurerm_managed_redis",
      has("default_database.client_protocol", "Encrypted"),
    ),
    notApplicable(
      "Azure.RedisEnterprise.Zones",
      "The task store is in several zones",
      "with high availability Azure spreads Managed Redis by itself",
    ),
    excepted(
      "Azure.PostgreSQL.AAD",
      "Postgres knows Entra's identities",
      "Keycloak and agents log in by a password that the vault keeps and Terraform's state doesn't",
    ),
    excepted(
      "Azure.PostgreSQL.AADOnly",
      "Postgres knows Entra's identities alone",
      "Keycloak and agents log in by a password that the vault keeps and Terraform's state doesn't",
    ),
    ...[
      "Azure.PostgreSQL.AllowAzureAccess",
      "Azure.PostgreSQL.FirewallIPRange",
      "Azure.PostgreSQL.FirewallRuleCount",
    ].map((id) =>
      covered(
        id,
        "Postgres has no public address",
        "azurerm_postgresql_flexible_server",
        has("public_network_access_enabled", false),
      ),
    ),
    notApplicable("Azure.PostgreSQL.DefenderCloud", "Defender watches Postgres", owners),
    excepted(
      "Azure.PostgreSQL.GeoRedundantBackup",
      "Postgres has backups in another region",
      "tasks live for minutes and the realm is applied from code: nothing in it is worth a second region",
    ),
    ...["Azure.PostgreSQL.MinTLS", "Azure.PostgreSQL.UseSSL"].map((id) =>
      notApplicable(
        id,
        "Postgres speaks TLS",
        "the flexible server does unless somebody turns it off, which the fleet can't",
      ),
    ),
    ...["Azure.AKS.AuditLogs", "Azure.AKS.PlatformLogs"].map((id) =>
      covered(id, "Logs of AKS are kept", cluster, hasBlock("oms_agent")),
    ),
    covered(
      "Azure.AKS.AuthorizedIPs",
      "Not everybody reaches the API server",
      cluster,
      (each) => has("private_cluster_enabled", true)(each) || hasBlock("api_server_access_profile")(each),
    ),
    covered(
      "Azure.AKS.AutoScaling",
      "Nodes follow the load",
      cluster,
      has("default_node_pool.auto_scaling_enabled", true),
    ),
    covered(
      "Azure.AKS.AutoUpgrade",
      "AKS upgrades itself",
      cluster,
      lacks("automatic_upgrade_channel", undefined, "none"),
    ),
    covered(
      "Azure.AKS.AvailabilityZone",
      "Nodes are in several zones",
      cluster,
      (each) => [objectAt(each, "default_node_pool").zones].flat().length > 1,
    ),
    excepted(
      "Azure.AKS.AzurePolicyAddOn",
      "AKS has the Azure Policy add-on",
      "Kubernetes' own Pod Security admission enforces 'restricted' on the agents' namespace",
    ),
    covered(
      "Azure.AKS.AzureRBAC",
      "Azure's roles decide in the cluster",
      cluster,
      has("azure_active_directory_role_based_access_control.azure_rbac_enabled", true),
    ),
    notApplicable(
      "Azure.AKS.CNISubnetSize",
      "The subnet has room for pods",
      "pods have addresses of an overlay",
    ),
    covered("Azure.AKS.ContainerInsights", "Container insights are on", cluster, hasBlock("oms_agent")),
    notApplicable("Azure.AKS.DefenderProfile", "Defender watches the cluster", owners),
    excepted(
      "Azure.AKS.EphemeralOSDisk",
      "System disks are ephemeral",
      "the smallest node size that the fleet takes has no room for one",
    ),
    covered(
      "Azure.AKS.HttpAppRouting",
      "There is no HTTP application routing",
      cluster,
      lacks("http_application_routing_enabled", true),
    ),
    covered(
      "Azure.AKS.LocalAccounts",
      "There are no local accounts",
      cluster,
      has("local_account_disabled", true),
    ),
    covered(
      "Azure.AKS.ManagedAAD",
      "People log in with Entra",
      cluster,
      hasBlock("azure_active_directory_role_based_access_control"),
    ),
    covered("Azure.AKS.ManagedIdentity", "The cluster has an identity", cluster, hasBlock("identity")),
    covered(
      "Azure.AKS.MinNodeCount",
      "There are three nodes or more",
      cluster,
      (each) => Number(objectAt(each, "default_node_pool").min_count) >= 3,
    ),
    covered(
      "Azure.AKS.NetworkPolicy",
      "There are network policies",
      cluster,
      lacks("network_profile.network_policy", undefined),
    ),
    notApplicable(
      "Azure.AKS.NodeMinPods",
      "Nodes take 50 pods or more",
      "with an overlay network they take 250 unless told otherwise",
    ),
    covered(
      "Azure.AKS.PoolScaleSet",
      "Nodes are scale sets",
      cluster,
      has("default_node_pool.type", undefined, "VirtualMachineScaleSets"),
    ),
    covered(
      "Azure.AKS.PoolVersion",
      "Nodes run the control plane's version",
      "azurerm_kubernetes_cluster_node_pool",
      has("orchestrator_version", undefined),
    ),
    covered(
      "Azure.AKS.SecretStore",
      "Secrets are mounted from the vault",
      cluster,
      hasBlock("key_vault_secrets_provider"),
    ),
    covered(
      "Azure.AKS.SecretStoreRotation",
      "Mounted secrets are rotated",
      cluster,
      has("key_vault_secrets_provider.secret_rotation_enabled", true),
    ),
    covered(
      "Azure.AKS.StandardLB",
      "The load balancer is a standard one",
      cluster,
      has("network_profile.load_balancer_sku", undefined, "standard"),
    ),
    covered(
      "Azure.AKS.UptimeSLA",
      "The control plane has an agreement",
      cluster,
      has("sku_tier", "Standard", "Premium"),
    ),
    covered(
      "Azure.AKS.UseRBAC",
      "The cluster has roles",
      cluster,
      lacks("role_based_access_control_enabled", false),
    ),
    notApplicable(
      "Azure.AKS.Version",
      "Kubernetes gets fixes",
      "asked by fleet/versions-alive, on a day that is an argument",
    ),
    covered(
      "Azure.AKS.MaintenanceWindow",
      "Upgrades have a window",
      cluster,
      hasBlock("maintenance_window_auto_upgrade"),
    ),
    covered(
      "Azure.AKS.NodeAutoUpgrade",
      "Nodes upgrade themselves",
      cluster,
      lacks("node_os_upgrade_channel", undefined, "None"),
    ),
    covered(
      "Azure.AKS.AzureCNI",
      "Pods have Azure's network",
      cluster,
      has("network_profile.network_plugin", "azure"),
    ),
    notApplicable(
      "Azure.AKS.PodIdentity",
      "Pods don't use the retired pod identity",
      "they use workload identity",
    ),
    covered(
      "Azure.AKS.MinUserPoolNodes",
      "A pool of agents' nodes has three or more",
      "azurerm_kubernetes_cluster_node_pool",
      (each) => Number(each.min_count) >= 3,
    ),
    ...["Azure.ACR.AuditLogs", "Azure.ACR.Logs"].map((id) =>
      excepted(
        id,
        "Who did what is kept",
        "Azure's activity log has it; the subscription's owner keeps that",
      ),
    ),
    ...["Azure.ACR.ExportPolicy", "Azure.ACR.ReplicaLocation"].map((id) =>
      excepted(id, "The registry keeps its images to itself", premium),
    ),
    notApplicable(
      "Azure.APIM.AvailabilityZone.Units",
      "The gateway has a unit for each zone",
      "asked of the Premium tier alone",
    ),
    covered(
      "Azure.KeyVault.Logs",
      "The vault's logs are kept",
      "azurerm_monitor_diagnostic_setting",
      (each) => !isOf(each, "azurerm_key_vault") || listAt(each, "enabled_log").length > 0,
    ),
    covered(
      "Azure.AKS.AuditAdmin",
      "What administrators do in the cluster is kept",
      "azurerm_monitor_diagnostic_setting",
      (each) =>
        !isOf(each, cluster) ||
        listAt(each, "enabled_log").some(({ category }) =>
          ["kube-audit", "kube-audit-admin"].includes(String(category)),
        ),
    ),
    notApplicable(
      "Azure.ContainerApp.APIVersion",
      "Apps are managed by a recent API",
      "providers send the API version that they were made for",
    ),
    notApplicable(
      "Azure.ContainerApp.DisableAffinity",
      "Sessions stick to no replica",
      "affinity is off unless it is asked for, and the fleet doesn't",
    ),
    excepted(
      "Azure.ContainerApp.ExternalIngress",
      "Apps are reached from within their environment alone",
      "behind a gateway the whole environment is internal; without one people have to reach the agent that faces them",
    ),
    covered(
      "Azure.ContainerApp.Insecure",
      "Apps take no plain HTTP",
      app,
      (each) =>
        Object.keys(objectAt(each, "ingress")).length === 0 ||
        has("ingress.allow_insecure_connections", false, undefined)(each),
    ),
    covered("Azure.ContainerApp.ManagedIdentity", "Apps have an identity", app, hasBlock("identity")),
    covered(
      "Azure.ContainerApp.PublicAccess",
      "The environment has no public address",
      "azurerm_container_app_environment",
      has("internal_load_balancer_enabled", true),
    ),
    notApplicable(
      "Azure.ContainerApp.RestrictIngress",
      "Addresses that may come in are listed",
      "no app of the fleet lists any; where one is closed, its environment is",
    ),
    notApplicable("Azure.ContainerApp.Storage", "Files that last are on a share", "agents keep no files"),
    covered(
      "Azure.ACR.AdminUser",
      "The registry has no admin account",
      registry,
      lacks("admin_enabled", true),
    ),
    covered(
      "Azure.ACR.AnonymousAccess",
      "Nobody pulls without a name",
      registry,
      lacks("anonymous_pull_enabled", true),
    ),
    ...["Azure.ACR.ContainerScan", "Azure.ACR.ImageHealth", "Azure.ACR.Usage"].map((id) =>
      notApplicable(
        id,
        "Images are scanned and cleaned up",
        "asked of the images, not of the registry; its owner does",
      ),
    ),
    excepted(
      "Azure.ACR.ContentTrust",
      "Images are signed",
      "Azure retires content trust; production names images by digest",
    ),
    ...[
      "Azure.ACR.Firewall",
      "Azure.ACR.GeoReplica",
      "Azure.ACR.Quarantine",
      "Azure.ACR.Retention",
      "Azure.ACR.SoftDelete",
    ].map((id) =>
      excepted(id, "The registry is closed, in several regions, and keeps its images in order", premium),
    ),
    covered(
      "Azure.ACR.MinSku",
      "The registry has a tier for production",
      registry,
      has("sku", "Standard", "Premium"),
    ),
    notApplicable(
      "Azure.KeyVault.AccessPolicy",
      "Access policies are narrow",
      "Azure's roles decide, and there are no access policies",
    ),
    ...["Azure.KeyVault.AutoRotationPolicy", "Azure.KeyVault.KeyName"].map((id) =>
      notApplicable(id, "Keys are changed and named", "the fleet makes no keys"),
    ),
    covered(
      "Azure.KeyVault.Firewall",
      "The vault's firewall is closed",
      vault,
      has("network_acls.default_action", "Deny"),
    ),
    covered(
      "Azure.KeyVault.PurgeProtect",
      "Nobody purges the vault",
      vault,
      has("purge_protection_enabled", true),
    ),
    covered(
      "Azure.KeyVault.RBAC",
      "Azure's roles decide in the vault",
      vault,
      has("rbac_authorization_enabled", true),
    ),
    notApplicable("Azure.KeyVault.SoftDelete", "What is deleted can be had back", "Azure leaves no choice"),
    notApplicable("Azure.Monitor.ServiceHealth", "Somebody is told of Azure's outages", owners),
    notApplicable(
      "Azure.NSG.AKSRules",
      "The cluster's own group has no other rules",
      "the fleet's groups are on its subnets",
    ),
    covered(
      "Azure.NSG.AnyInboundSource",
      "Nobody on the internet gets to a shell or a database",
      "azurerm_network_security_group",
      closedToTheInternet("22", "3389", "5432", "6379", "10000"),
    ),
    notApplicable(
      "Azure.NSG.Associated",
      "Groups are on a subnet",
      "each is made together with its association",
    ),
    notApplicable(
      "Azure.NSG.DenyAllInbound",
      "Not everything is denied",
      "platforms refuse to start where their own ranges can't come in",
    ),
    excepted(
      "Azure.NSG.LateralTraversal",
      "Nobody gets from app to machine",
      "there are no machines with a shell; in a cluster network policies decide",
    ),
    ...["Azure.PublicIP.AvailabilityZone", "Azure.PublicIP.DNSLabel", "Azure.PublicIP.IsAttached"].map((id) =>
      notApplicable(
        id,
        "Public addresses are in use, and in several zones",
        "the one that there is belongs to the NAT gateway",
      ),
    ),
    ...["Azure.PublicIP.MigrateStandard", "Azure.PublicIP.StandardSKU"].map((id) =>
      covered(
        id,
        "Public addresses are standard ones",
        "azurerm_public_ip",
        has("sku", undefined, "Standard", "StandardV2"),
      ),
    ),
    ...[
      "Azure.RBAC.CoAdministrator",
      "Azure.RBAC.LimitMGDelegation",
      "Azure.RBAC.LimitOwner",
      "Azure.RBAC.PIM",
      "Azure.RBAC.UseGroups",
      "Azure.RBAC.UseRGDelegation",
    ].map((id) => notApplicable(id, "Roles in the subscription are few", owners)),
    ...["Azure.VNET.BastionSubnet", "Azure.VNET.FirewallSubnet", "Azure.VNET.PeerState"].map((id) =>
      notApplicable(
        id,
        "The network has a hub",
        "bring a network that does: azure.network { kind: 'existing' }",
      ),
    ),
    ...["Azure.VNET.LocalDNS", "Azure.VNET.SingleDNS"].map((id) =>
      notApplicable(id, "Name servers are near, and two", "Azure's own are used"),
    ),
    covered(
      "Azure.VNET.UseNSGs",
      "Rules are on every subnet that can have some",
      "azurerm_subnet_network_security_group_association",
      (each) => textAt(each, "network_security_group_id") !== undefined,
    ),
  ],
};

/** Whether a diagnostic setting is that of a resource of a type. */
function isOf(setting: Json, type: string): boolean {
  return textAt(setting, "target_resource_id")?.includes(`${type}.`) ?? false;
}
