import { type Json, listAt, objectAt, textAt } from "../checklist/finished-agents";

/** So much of something that is billed, in a month. */
export interface Meter {
  /** Name of its price in `prices.json`. */
  readonly name: string;
  /** In the unit that ends the name, while nobody uses the fleet. */
  readonly idle: number;
  /** The same while everything that can grow has grown. */
  readonly full: number;
}

/** How a kind of resource is billed: by meters, not at all, or by what is done with it, which no plan shows. */
export type Billing =
  | { readonly kind: "metered"; readonly meters: (resource: Json) => readonly Meter[] }
  | { readonly kind: "free" }
  | { readonly kind: "by-use"; readonly what: string };

const HOURS = 730;
const SECONDS = HOURS * 3600;
const DAYS = HOURS / 24;

const always = (name: string, amount: number): Meter => ({ name, idle: amount, full: amount });
const hourly = (name: string): Billing => ({ kind: "metered", meters: () => [always(name, HOURS)] });
const monthly = (name: string): Billing => ({ kind: "metered", meters: () => [always(name, 1)] });
const free: Billing = { kind: "free" };
const byUse = (what: string): Billing => ({ kind: "by-use", what });

/** How each Terraform type in use is billed. A type that isn't here is said to be unknown. */
export const billings: Readonly<Record<string, Billing>> = {
  azurerm_container_app: { kind: "metered", meters: containerApp },
  google_cloud_run_v2_service: { kind: "metered", meters: cloudRun },
  azurerm_api_management: {
    kind: "metered",
    meters: (gateway) => {
      const [tier = "", units = "1"] = (textAt(gateway, "sku_name") ?? "").split("_");
      return [always(`api-management-${tier}-month`, Number(units))];
    },
  },
  azurerm_managed_redis: {
    kind: "metered",
    meters: (store) => [always(`managed-redis-${textAt(store, "sku_name")}-hour`, HOURS)],
  },
  google_redis_instance: {
    kind: "metered",
    meters: (store) => [
      always(`memorystore-${textAt(store, "tier")}-gib-hour`, HOURS * Number(store.memory_size_gb ?? 1)),
    ],
  },
  google_sql_database_instance: { kind: "metered", meters: cloudSql },
  azurerm_postgresql_flexible_server: {
    kind: "metered",
    meters: (server) => [
      always(`postgres-${textAt(server, "sku_name")}-hour`, HOURS),
      always("postgres-storage-gib-month", Number(server.storage_mb ?? 32_768) / 1024),
    ],
  },
  azurerm_kubernetes_cluster: {
    kind: "metered",
    meters: (cluster) => [
      always(`aks-${textAt(cluster, "sku_tier")}-hour`, HOURS),
      nodes(objectAt(cluster, "default_node_pool")),
    ],
  },
  azurerm_kubernetes_cluster_node_pool: { kind: "metered", meters: (pool) => [nodes(pool)] },
  azurerm_container_registry: {
    kind: "metered",
    meters: (registry) => [always(`registry-${textAt(registry, "sku")}-day`, DAYS)],
  },
  azurerm_nat_gateway: hourly("nat-gateway-hour"),
  azurerm_public_ip: hourly("public-ip-hour"),
  azurerm_private_endpoint: hourly("private-endpoint-hour"),
  azurerm_private_dns_zone: monthly("private-dns-zone-month"),
  google_compute_global_forwarding_rule: hourly("google-forwarding-rule-hour"),
  google_secret_manager_secret_version: monthly("google-secret-version-month"),
  google_dns_managed_zone: monthly("google-dns-zone-month"),
  azurerm_log_analytics_workspace: byUse("logs that are ingested and kept"),
  azurerm_application_insights: byUse("traces that are ingested, as logs of its workspace"),
  azurerm_monitor_workspace: byUse("metrics that are ingested"),
  azurerm_key_vault: byUse("operations on secrets"),
  azurerm_storage_account: byUse("data that is kept, and operations"),
  google_artifact_registry_repository: byUse("images that are kept"),
  google_storage_bucket: byUse("data that is kept, and operations"),
  google_compute_security_policy: byUse("requests, and the policy by the month"),
  google_monitoring_alert_policy: byUse("time series that it reads"),
  azurerm_monitor_scheduled_query_rules_alert_v2: byUse("how often it asks"),
  azurerm_monitor_metric_alert: byUse("time series that it watches"),
  azurerm_monitor_alert_prometheus_rule_group: byUse("metrics that it reads"),
  azurerm_application_insights_standard_web_test: byUse("requests from each place"),
  google_monitoring_uptime_check_config: byUse("requests beyond those that are free"),
  google_logging_metric: byUse("time series that it makes"),
  ...Object.fromEntries(
    [
      "azuread_app_role_assignment",
      "azuread_application",
      "azuread_service_principal",
      "azuread_service_principal_delegated_permission_grant",
      "azurerm_application_insights_workbook",
      "azurerm_api_management_api",
      "azurerm_consumption_budget_resource_group",
      "azurerm_log_analytics_query_pack",
      "azurerm_log_analytics_query_pack_query",
      "google_billing_budget",
      "google_monitoring_dashboard",
      "google_monitoring_notification_channel",
      "azurerm_api_management_api_diagnostic",
      "azurerm_api_management_api_operation",
      "azurerm_api_management_api_operation_policy",
      "azurerm_api_management_api_policy",
      "azurerm_api_management_backend",
      "azurerm_api_management_custom_domain",
      "azurerm_api_management_diagnostic",
      "azurerm_api_management_logger",
      "azurerm_api_management_named_value",
      "azurerm_api_management_product",
      "azurerm_api_management_subscription",
      "azurerm_container_app_environment",
      "azurerm_federated_identity_credential",
      "azurerm_key_vault_certificate",
      "azurerm_key_vault_secret",
      "azurerm_log_analytics_saved_search",
      "azurerm_monitor_action_group",
      "azurerm_monitor_alert_processing_rule_suppression",
      "azurerm_monitor_data_collection_endpoint",
      "azurerm_monitor_data_collection_rule",
      "azurerm_monitor_data_collection_rule_association",
      "azurerm_monitor_diagnostic_setting",
      "azurerm_nat_gateway_public_ip_association",
      "azurerm_network_security_group",
      "azurerm_postgresql_flexible_server_database",
      "azurerm_private_dns_a_record",
      "azurerm_private_dns_zone_virtual_network_link",
      "azurerm_resource_group",
      "azurerm_role_assignment",
      "azurerm_subnet",
      "azurerm_subnet_nat_gateway_association",
      "azurerm_subnet_network_security_group_association",
      "azurerm_user_assigned_identity",
      "azurerm_virtual_network",
      "google_artifact_registry_repository_iam_member",
      "google_compute_backend_service",
      "google_compute_global_address",
      "google_compute_managed_ssl_certificate",
      "google_compute_network",
      "google_compute_region_network_endpoint_group",
      "google_compute_ssl_policy",
      "google_compute_subnetwork",
      "google_compute_target_http_proxy",
      "google_compute_target_https_proxy",
      "google_compute_url_map",
      "google_dns_record_set",
      "google_sql_database",
      "google_sql_user",
      "google_project_iam_member",
      "google_project_service",
      "google_secret_manager_secret",
      "google_secret_manager_secret_iam_member",
      "google_service_account",
      "google_service_networking_connection",
      // What runs in a cluster is on its nodes, which are billed.
      "helm_release",
      "kubernetes_config_map_v1",
      "kubernetes_deployment_v1",
      "kubernetes_namespace_v1",
      "kubernetes_network_policy_v1",
      "kubernetes_pod_disruption_budget_v1",
      "kubernetes_role_binding_v1",
      "kubernetes_role_v1",
      "kubernetes_secret_v1",
      "kubernetes_service_account_v1",
      "kubernetes_service_v1",
      "kubernetes_stateful_set_v1",
      // These exist in Terraform alone.
      "random_password",
      "time_sleep",
      "time_static",
      "terraform_data",
    ].map((type) => [type, free]),
  ),
};

function containerApp(app: Json): Meter[] {
  const template = objectAt(app, "template");
  const containers = listAt(template, "container");
  const cpu = containers.reduce((sum, { cpu: cores }) => sum + Number(cores ?? 0), 0);
  const gib = containers.reduce((sum, container) => sum + gibOf(textAt(container, "memory")), 0);
  return replicas("container-apps", cpu, gib, [
    Number(template.min_replicas ?? 0),
    Number(template.max_replicas ?? 10),
  ]);
}

/** A machine by its cores and memory, or by its name, and its disk; a standby in another zone is as much again. */
function cloudSql(server: Json): Meter[] {
  const settings = objectAt(server, "settings");
  const tier = textAt(settings, "tier") ?? "";
  const amount = HOURS * (textAt(settings, "availability_type") === "REGIONAL" ? 2 : 1);
  const [, cores, memoryMiB] = /^db-custom-(\d+)-(\d+)$/.exec(tier) ?? [];
  const machine =
    cores === undefined
      ? [always(`cloud-sql-${tier}-hour`, amount)]
      : [
          always("cloud-sql-core-hour", amount * Number(cores)),
          always("cloud-sql-gib-hour", (amount * Number(memoryMiB)) / 1024),
        ];
  return [
    ...machine,
    always("cloud-sql-storage-gib-month", (amount / HOURS) * Number(settings.disk_size ?? 10)),
  ];
}

function cloudRun(service: Json): Meter[] {
  const template = objectAt(service, "template");
  const limits = listAt(template, "containers").map((container) =>
    objectAt(objectAt(container, "resources"), "limits"),
  );
  const cpu = limits.reduce((sum, limit) => sum + coresOf(textAt(limit, "cpu")), 0);
  const gib = limits.reduce((sum, limit) => sum + gibOf(textAt(limit, "memory")), 0);
  const own = objectAt(template, "scaling");
  const least = objectAt(service, "scaling").min_instance_count ?? own.min_instance_count ?? 0;
  return replicas("cloud-run", cpu, gib, [Number(least), Number(own.max_instance_count ?? 100)]);
}

/** Replicas that nobody uses are billed less for their cores than those that work. */
function replicas(
  platform: string,
  cpu: number,
  gib: number,
  [least, most]: readonly [number, number],
): Meter[] {
  return [
    { name: `${platform}-idle-vcpu-second`, idle: least * cpu * SECONDS, full: 0 },
    { name: `${platform}-active-vcpu-second`, idle: 0, full: most * cpu * SECONDS },
    { name: `${platform}-gib-second`, idle: least * gib * SECONDS, full: most * gib * SECONDS },
  ];
}

function nodes(pool: Json): Meter {
  const name = `node-${textAt(pool, "vm_size")}-hour`;
  const least = Number(pool.min_count ?? pool.node_count ?? 1);
  return { name, idle: least * HOURS, full: Number(pool.max_count ?? least) * HOURS };
}

/** `1Gi`, `512Mi` */
function gibOf(memory = "0Gi"): number {
  const [, amount = "0", unit = "Gi"] = /^([\d.]+)(Gi|Mi)$/.exec(memory) ?? [];
  return unit === "Mi" ? Number(amount) / 1024 : Number(amount);
}

/** `1`, `500m` */
function coresOf(cpu = "0"): number {
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
}
