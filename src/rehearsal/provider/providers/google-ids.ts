/** Ids of Google's resources. `{project}` falls back to the provider's, everything else is an argument. */
export const googleIdTemplates: Readonly<Record<string, string>> = {
  google_project_service: "{project}/{service}",
  google_project_iam_member: "{project}/{role}/{member}",
  google_service_account: "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
  google_service_account_iam_member: "{service_account_id}/{role}/{member}",
  google_artifact_registry_repository: "projects/{project}/locations/{location}/repositories/{repository_id}",
  google_artifact_registry_repository_iam_member:
    "projects/{project}/locations/{location}/repositories/{repository}/{role}/{member}",

  google_cloud_run_v2_service: "projects/{project}/locations/{location}/services/{name}",
  google_cloud_run_v2_job: "projects/{project}/locations/{location}/jobs/{name}",
  google_cloud_run_v2_service_iam_member:
    "projects/{project}/locations/{location}/services/{name}/{role}/{member}",
  google_cloud_run_domain_mapping: "locations/{location}/namespaces/{project}/domainmappings/{name}",

  google_secret_manager_secret: "projects/{project}/secrets/{secret_id}",
  google_secret_manager_secret_iam_member: "projects/{project}/secrets/{secret_id}/{role}/{member}",
  google_redis_instance: "projects/{project}/locations/{region}/instances/{name}",
  google_sql_database_instance: "{name}",
  google_sql_database: "projects/{project}/instances/{instance}/databases/{name}",
  // Behind the first slash is the host, which Postgres has none of.
  google_sql_user: "{name}//{instance}",
  google_storage_bucket: "{name}",
  google_storage_bucket_iam_member: "b/{bucket}/{role}/{member}",

  google_compute_network: "projects/{project}/global/networks/{name}",
  google_compute_subnetwork: "projects/{project}/regions/{region}/subnetworks/{name}",
  google_compute_global_address: "projects/{project}/global/addresses/{name}",
  google_compute_address: "projects/{project}/regions/{region}/addresses/{name}",
  google_compute_firewall: "projects/{project}/global/firewalls/{name}",
  google_compute_router: "projects/{project}/regions/{region}/routers/{name}",
  google_compute_router_nat: "{project}/{region}/{router}/{name}",
  google_compute_region_network_endpoint_group:
    "projects/{project}/regions/{region}/networkEndpointGroups/{name}",
  google_compute_backend_service: "projects/{project}/global/backendServices/{name}",
  google_compute_url_map: "projects/{project}/global/urlMaps/{name}",
  google_compute_target_https_proxy: "projects/{project}/global/targetHttpsProxies/{name}",
  google_compute_target_http_proxy: "projects/{project}/global/targetHttpProxies/{name}",
  google_compute_global_forwarding_rule: "projects/{project}/global/forwardingRules/{name}",
  google_compute_managed_ssl_certificate: "projects/{project}/global/sslCertificates/{name}",
  google_compute_security_policy: "projects/{project}/global/securityPolicies/{name}",
  google_service_networking_connection: "{network}:{service}",
  google_dns_managed_zone: "projects/{project}/managedZones/{name}",
  google_dns_record_set: "projects/{project}/managedZones/{managed_zone}/rrsets/{name}/{type}",
  google_monitoring_alert_policy: "projects/{project}/alertPolicies/{uuid}",
  google_monitoring_notification_channel: "projects/{project}/notificationChannels/{uuid}",
};
