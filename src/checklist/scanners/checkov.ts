import { listAt, objectAt, textAt } from "../finished-agents";
import {
  closedToTheInternet,
  everyContainer,
  has,
  hasBlock,
  lacks,
  podOf,
  withoutWildcards,
} from "./resource-facts";
import { covered, excepted, notApplicable, type Scanner } from "./scanner-check";

const premium =
  "only the Premium tier of the registry has it; new ContainerRegistry(…, { sku: 'Premium' }) is the way there";
const oldRedis =
  "the fleet makes Azure Managed Redis, which has one protocol and is made without a public address";
const deployment = "kubernetes_deployment_v1";
const cluster = "azurerm_kubernetes_cluster";
const vault = "azurerm_key_vault";
const binding = "google_project_iam_member";
const inDefault = has("metadata.namespace", undefined, "", "default");

export const checkov: Scanner = {
  name: "checkov",
  title: "Checkov",
  version: "3.3.30",
  on: "2026-11-21",
  address: "https://www.checkov.io/5.Policy%20Index/terraform.html",
  checks: [
    covered("CKV_AZURE_107", "API Management is in a network", "azurerm_api_management", (gateway) =>
      ["External", "Internal"].includes(textAt(gateway, "virtual_network_type") ?? ""),
    ),
    covered(
      "CKV_AZURE_173",
      "API Management speaks nothing older than TLS 1.2",
      "azurerm_api_management",
      (gateway) =>
        Object.entries(objectAt(gateway, "security")).every(
          ([name, on]) => !/(?:ssl30|tls10|tls11)_enabled$/.test(name) || on !== true,
        ),
    ),
    excepted(
      "CKV_AZURE_174",
      "API Management has no public address",
      "it is where callers outside come in; what is behind it is private",
    ),
    notApplicable(
      "CKV_AZURE_152",
      "API Management asks for client certificates",
      "asked of the Consumption tier alone, which the fleet doesn't take; callers have tokens",
    ),
    covered(
      "CKV_AZURE_215",
      "Backends of API Management are called by https",
      "azurerm_api_management_backend",
      (backend) => !(textAt(backend, "url") ?? "https").startsWith("http://"),
    ),
    excepted("CKV_AZURE_233", "The registry is in several zones", premium),
    excepted("CKV_AZURE_237", "The registry has data endpoints of its own", premium),
    excepted(
      "CKV_AZURE_164",
      "The registry trusts signed images alone",
      "Azure retires content trust; production names images by digest",
    ),
    covered(
      "CKV_AZURE_137",
      "The registry has no admin account",
      "azurerm_container_registry",
      lacks("admin_enabled", true),
    ),
    excepted("CKV_AZURE_165", "The registry is in several regions", premium),
    excepted("CKV_AZURE_166", "Images wait in quarantine until they were scanned", premium),
    excepted("CKV_AZURE_139", "The registry has no public address", premium),
    excepted("CKV_AZURE_167", "Untagged images are removed after a while", premium),
    notApplicable(
      "CKV_AZURE_163",
      "Images are scanned",
      "a plan of Defender for the whole subscription, which is its owner's",
    ),
    covered(
      "CKV_AZURE_138",
      "Nobody pulls from the registry without a name",
      "azurerm_container_registry",
      lacks("anonymous_pull_enabled", true),
    ),
    covered(
      "CKV_AZURE_109",
      "The vault's firewall is closed",
      vault,
      has("network_acls.default_action", "Deny"),
    ),
    covered(
      "CKV_AZURE_189",
      "The vault has no public address, or a closed firewall",
      vault,
      (each) =>
        has("public_network_access_enabled", false)(each) || has("network_acls.default_action", "Deny")(each),
    ),
    covered(
      "CKV2_AZURE_32",
      "The vault has a private endpoint wherever its firewall is closed",
      vault,
      has("network_acls.default_action", "Deny"),
    ),
    covered("CKV_AZURE_110", "Nobody purges the vault", vault, has("purge_protection_enabled", true)),
    notApplicable("CKV_AZURE_111", "What is deleted in the vault can be had back", "Azure leaves no choice"),
    covered("CKV_AZURE_42", "The vault can be had back", vault, has("purge_protection_enabled", true)),
    excepted(
      "CKV_AZURE_41",
      "Secrets of the vault have an end",
      "an expired secret stops agents, and rotation is up to whoever owns the secret",
    ),
    covered(
      "CKV_AZURE_114",
      "Secrets of the vault say what they are",
      "azurerm_key_vault_secret",
      (secret) => (textAt(secret, "content_type") ?? "") !== "",
    ),
    covered(
      "CKV_AZURE_171",
      "AKS upgrades itself",
      cluster,
      lacks("automatic_upgrade_channel", undefined, "none"),
    ),
    covered("CKV_AZURE_141", "AKS has no local accounts", cluster, has("local_account_disabled", true)),
    excepted(
      "CKV_AZURE_226",
      "System disks of AKS nodes are ephemeral",
      "the smallest node size that the fleet takes has no room for one",
    ),
    covered(
      "CKV_AZURE_246",
      "AKS has no HTTP application routing",
      cluster,
      lacks("http_application_routing_enabled", true),
    ),
    notApplicable("CKV_AZURE_8", "AKS has no dashboard", "Azure has taken the dashboard away"),
    notApplicable(
      "CKV_AZURE_168",
      "AKS nodes take 50 pods or more",
      "with an overlay network they take 250 unless told otherwise",
    ),
    excepted(
      "CKV_AZURE_117",
      "Disks of AKS have a key of their owner's",
      "agents keep nothing on disks; Azure's own keys encrypt them",
    ),
    covered(
      "CKV_AZURE_232",
      "System nodes run what is critical alone",
      cluster,
      has("default_node_pool.only_critical_addons_enabled", true),
    ),
    covered(
      "CKV_AZURE_170",
      "AKS has a tier with an agreement",
      cluster,
      has("sku_tier", "Standard", "Premium"),
    ),
    excepted(
      "CKV_AZURE_227",
      "AKS nodes encrypt where they compute",
      "it has to be switched on for a whole subscription first; set it on the node pools where yours has it",
    ),
    covered("CKV_AZURE_4", "AKS logs to Azure Monitor", cluster, hasBlock("oms_agent")),
    covered(
      "CKV_AZURE_143",
      "AKS nodes have no public address",
      cluster,
      lacks("default_node_pool.node_public_ip_enabled", true),
    ),
    covered(
      "CKV_AZURE_172",
      "AKS rotates the secrets that it mounts",
      cluster,
      has("key_vault_secrets_provider.secret_rotation_enabled", true),
    ),
    covered("CKV_AZURE_5", "AKS has roles", cluster, lacks("role_based_access_control_enabled", false)),
    excepted(
      "CKV_AZURE_116",
      "AKS has the Azure Policy add-on",
      "Kubernetes' own Pod Security admission enforces 'restricted' on the agents' namespace",
    ),
    covered(
      "CKV_AZURE_7",
      "AKS has network policies",
      cluster,
      lacks("network_profile.network_policy", undefined),
    ),
    covered(
      "CKV_AZURE_6",
      "Not everybody reaches the API server of AKS",
      cluster,
      (each) => has("private_cluster_enabled", true)(each) || hasBlock("api_server_access_profile")(each),
    ),
    covered(
      "CKV_AZURE_169",
      "AKS nodes are scale sets",
      cluster,
      has("default_node_pool.type", undefined, "VirtualMachineScaleSets"),
    ),
    covered("CKV_AZURE_115", "AKS is private", cluster, has("private_cluster_enabled", true)),
    ...(
      [
        ["CKV_AZURE_160", "HTTP", "80"],
        ["CKV_AZURE_9", "RDP", "3389"],
        ["CKV_AZURE_10", "SSH", "22"],
        ["CKV_AZURE_77", "UDP", "53"],
      ] as const
    ).map(([id, what, port]) =>
      covered(
        id,
        `Nobody on the internet gets through to ${what}`,
        "azurerm_network_security_group",
        closedToTheInternet(port),
      ),
    ),
    excepted(
      "CKV_AZURE_136",
      "Postgres has backups in another region",
      "tasks live for minutes and the realm is applied from code: nothing in it is worth a second region",
    ),
    notApplicable(
      "CKV2_AZURE_57",
      "Postgres has a private endpoint",
      "it is in a subnet of its own, and has no other address",
    ),
    ...["CKV_AZURE_89", "CKV_AZURE_91", "CKV_AZURE_148", "CKV_AZURE_230"].map((id) =>
      notApplicable(id, "Azure Cache for Redis is closed, encrypted and has a copy", oldRedis),
    ),
    notApplicable("CKV_AZURE_183", "Name servers are in the network", "Azure's own are used"),
    notApplicable("CKV_AZURE_182", "There are two name servers", "Azure's own are used"),
    excepted(
      "CKV_GCP_84",
      "Images at Google have a key of their owner's",
      "they are copies of images in another registry; Google's own keys encrypt them",
    ),
    covered(
      "CKV_GCP_101",
      "Not everybody pulls images at Google",
      "google_artifact_registry_repository_iam_member",
      lacks("member", "allUsers", "allAuthenticatedUsers"),
    ),
    excepted(
      "CKV_GCP_73",
      "The load balancer's policy knows Log4j's lookups",
      "the policy admits the gateway's address alone, and no image here has Java",
    ),
    covered(
      "CKV_GCP_4",
      "The load balancer has no weak ciphers",
      "google_compute_ssl_policy",
      has("profile", "MODERN", "RESTRICTED"),
    ),
    excepted(
      "CKV_GCP_26",
      "The subnet's flows are logged",
      "only requests of agents leave through it, and each is in the logs of its agent",
    ),
    notApplicable("CKV_GCP_76", "Google is reached privately by IPv6", "the subnet has no IPv6"),
    covered(
      "CKV_GCP_74",
      "Google is reached privately",
      "google_compute_subnetwork",
      has("private_ip_google_access", true),
    ),
    notApplicable(
      "CKV2_GCP_18",
      "The network has a firewall of its own",
      "no machine is in it: Cloud Run calls out through it, and nothing comes in",
    ),
    notApplicable("CKV_GCP_17", "Zones aren't signed with SHA-1", "the zone is private, and not signed"),
    notApplicable("CKV_GCP_16", "Zones are signed", "private zones can't be"),
    covered(
      "CKV_GCP_42",
      "No service account is an administrator",
      binding,
      (each) => !/admin|owner|editor/i.test(textAt(each, "role") ?? ""),
    ),
    ...["CKV_GCP_41", "CKV_GCP_49"].map((id) =>
      covered(
        id,
        "Nobody acts as any service account of the project",
        binding,
        (each) =>
          !/iam\.(?:serviceAccountUser|serviceAccountTokenCreator|workloadIdentityUser|serviceAccountAdmin)/.test(
            textAt(each, "role") ?? "",
          ),
      ),
    ),
    covered(
      "CKV_GCP_117",
      "Nobody has a basic role",
      binding,
      lacks("role", "roles/owner", "roles/editor", "roles/viewer"),
    ),
    covered(
      "CKV_GCP_46",
      "No default service account has a role",
      binding,
      (each) => !/-compute@developer|@appspot/.test(textAt(each, "member") ?? ""),
    ),
    covered(
      "CKV_GCP_95",
      "Memorystore asks for a password",
      "google_redis_instance",
      has("auth_enabled", true),
    ),
    covered(
      "CKV_GCP_97",
      "Memorystore is encrypted on the way",
      "google_redis_instance",
      has("transit_encryption_mode", "SERVER_AUTHENTICATION"),
    ),
    ...[
      deployment,
      "kubernetes_config_map_v1",
      "kubernetes_role_binding_v1",
      "kubernetes_service_account_v1",
      "kubernetes_service_v1",
    ].map((type) =>
      covered("CKV_K8S_21", "Nothing is in the default namespace", type, (each) => !inDefault(each)),
    ),
    covered("CKV_K8S_10", "CPU is asked for", deployment, everyContainer(hasValue("requests", "cpu"))),
    covered("CKV_K8S_11", "CPU is limited", deployment, everyContainer(hasValue("limits", "cpu"))),
    covered("CKV_K8S_13", "Memory is asked for", deployment, everyContainer(hasValue("requests", "memory"))),
    covered("CKV_K8S_12", "Memory is limited", deployment, everyContainer(hasValue("limits", "memory"))),
    covered("CKV_K8S_8", "Liveness is probed", deployment, everyContainer(hasBlock("liveness_probe"))),
    covered("CKV_K8S_9", "Readiness is probed", deployment, everyContainer(hasBlock("readiness_probe"))),
    covered("CKV_K8S_17", "No pod shares the node's processes", deployment, (each) =>
      lacks("host_pid", true)(podOf(each)),
    ),
    covered("CKV_K8S_18", "No pod shares the node's IPC", deployment, (each) =>
      lacks("host_ipc", true)(podOf(each)),
    ),
    covered("CKV_K8S_19", "No pod shares the node's network", deployment, (each) =>
      lacks("host_network", true)(podOf(each)),
    ),
    ...["CKV_K8S_16", "CKV_K8S_159"].map((id) =>
      covered(
        id,
        "No container is privileged",
        deployment,
        everyContainer(lacks("security_context.privileged", true)),
      ),
    ),
    covered(
      "CKV_K8S_20",
      "No container gets more rights than it has",
      deployment,
      everyContainer(has("security_context.allow_privilege_escalation", false)),
    ),
    ...["CKV_K8S_28", "CKV_K8S_25", "CKV_K8S_37", "CKV_K8S_39"].map((id) =>
      covered(
        id,
        "Containers have no capabilities",
        deployment,
        everyContainer((container) => {
          const capabilities = objectAt(objectAt(container, "security_context"), "capabilities");
          return [capabilities.drop].flat().includes("ALL") && capabilities.add === undefined;
        }),
      ),
    ),
    ...["CKV_K8S_29", "CKV_K8S_30"].map((id) =>
      covered(
        id,
        "Pods and containers have a security context",
        deployment,
        everyContainer(hasBlock("security_context")),
      ),
    ),
    covered(
      "CKV_K8S_22",
      "Containers don't write to their file system",
      deployment,
      everyContainer(has("security_context.read_only_root_filesystem", true)),
    ),
    covered(
      "CKV_K8S_26",
      "No container has a port of its node",
      deployment,
      everyContainer((container) =>
        listAt(container, "port").every(({ host_port }) => host_port === undefined),
      ),
    ),
    covered("CKV_K8S_27", "No container sees the node's container engine", deployment, (each) =>
      listAt(podOf(each), "volume").every(
        (volume) => Object.keys(objectAt(volume, "host_path")).length === 0,
      ),
    ),
    covered(
      "CKV_K8S_14",
      "Images have a version",
      deployment,
      everyContainer((container) => !/(?::latest|^[^:@]+)$/.test(textAt(container, "image") ?? "")),
    ),
    excepted(
      "CKV_K8S_43",
      "Images are named by digest",
      "agents are, in production (fleet/pinned-images); parts that others publish are named by version",
    ),
    notApplicable(
      "CKV_K8S_15",
      "Images are pulled each time",
      "what a digest or a version names doesn't change",
    ),
    excepted(
      "CKV_K8S_35",
      "Secrets are files rather than variables",
      "the contract with images is the same on every platform, and not every platform mounts files",
    ),
    ...["CKV_K8S_34", "CKV_K8S_44"].map((id) => notApplicable(id, "There is no Tiller", "Helm 3 has none")),
    covered(
      "CKV_K8S_49",
      "No role speaks of everything",
      "kubernetes_role_v1",
      withoutWildcards("verbs", "resources", "api_groups"),
    ),
    covered(
      "CKV_K8S_42",
      "No role is bound to a default service account",
      "kubernetes_role_binding_v1",
      (each) =>
        listAt(each, "subject").every(({ kind, name }) => kind !== "ServiceAccount" || name !== "default"),
    ),
    covered(
      "CKV_K8S_41",
      "Nothing is made of a default service account",
      "kubernetes_service_account_v1",
      lacks("metadata.name", "default"),
    ),
  ],
};

/** A container asks for, or is limited to, so much of something. */
function hasValue(list: "requests" | "limits", what: string) {
  return (container: Parameters<typeof objectAt>[0]) =>
    objectAt(objectAt(container, "resources"), list)[what] !== undefined;
}
