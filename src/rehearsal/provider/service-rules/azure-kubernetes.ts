import type { Arguments } from "../planning/planned-change";
import type { Replacement, ServiceRules } from "./service-rules";
import { idOf, ipv4OrPrefix, unlessOneOf } from "./value-checks";

const PRIVATE_DNS_ZONE =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/privateDnsZones/{privateDnsZoneName}";
const DNS_ZONE =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/dnsZones/{dnsZoneName}";

/** What stays where it was set once: taking it away makes a new one. */
function onceSet(...paths: readonly string[]): Replacement {
  return ({ before, after }) => paths.filter((path) => before.isSet(path) && !after.isSet(path));
}

/** The bounds of a pool that scales, or that doesn't. */
function findCountProblem(pool: Arguments, mayBeZero: boolean): string | undefined {
  const [least, most] = [pool.number("min_count"), pool.number("max_count")];
  if (!pool.flag("auto_scaling_enabled")) {
    return least > 0 || most > 0
      ? "`max_count` and `min_count` must be set to `null` when `auto_scaling_enabled` is set to `false`"
      : undefined;
  }
  const missing = mayBeZero ? undefined : most <= 0 ? "max_count" : least <= 0 ? "min_count" : undefined;
  if (missing) return `\`${missing}\` must be configured when \`auto_scaling_enabled\` is set to \`true\``;
  if (least > most) return "`max_count` must be >= `min_count`";
  if (mayBeZero) return undefined;
  const count = pool.number("node_count") || least;
  const when = "when `auto_scaling_enabled` is set to `true`";
  if (count > most) {
    return `\`node_count\`(${count}) must be equal to or less than \`max_count\`(${most}) ${when}`;
  }
  return count < least
    ? `\`node_count\`(${count}) must be equal to or greater than \`min_count\`(${least}) ${when}`
    : undefined;
}

/** Ports of a node: both ends, or none. */
function findPortRangeProblem(pool: Arguments): string | undefined {
  const sysctl = "linux_os_config.0.sysctl_config.0.net_ipv4_ip_local_port_range";
  const [lowest, highest] = [pool.number(`${sysctl}_min`), pool.number(`${sysctl}_max`)];
  if ((lowest === 0) !== (highest === 0)) {
    return "`net_ipv4_ip_local_port_range_min` and `net_ipv4_ip_local_port_range_max` should both be set or unset";
  }
  return lowest > highest
    ? "`net_ipv4_ip_local_port_range_min` should be no larger than `net_ipv4_ip_local_port_range_max`"
    : undefined;
}

function findNetworkProblem(cluster: Arguments): string | undefined {
  const [profile] = cluster.blocks("network_profile");
  if (!profile) return undefined;
  const plugin = profile.text("network_plugin");
  const isAzure = plugin.toLowerCase() === "azure";
  const isOverlay = profile.text("network_plugin_mode").toLowerCase() === "overlay";
  if (profile.text("pod_cidr") !== "" && isAzure && !isOverlay) {
    return "`pod_cidr` and `azure` cannot be set together unless specifying `network_plugin_mode` to `overlay`";
  }
  const hasServices = profile.text("service_cidr") !== "" || profile.list("service_cidrs").length > 0;
  if ((profile.text("dns_service_ip") !== "") !== hasServices) {
    return "`dns_service_ip` and `service_cidr` should all be empty or both should be set";
  }
  const versions = profile.texts("ip_versions");
  for (const name of ["service_cidrs", "pod_cidrs"]) {
    if (profile.list(name).length === 2 && versions.length !== 2) {
      return `dual-stack networking must be enabled and \`ip_versions\` must be set to ["IPv4", "IPv6"] in order to specify multiple values in \`${name}\``;
    }
  }
  if (versions.length === 1 && versions[0] === "IPv6") {
    return "`ip_versions` must be `IPv4` or `IPv4` and `IPv6`. `IPv6` alone is not supported";
  }
  if (plugin !== "azure" && profile.text("network_mode") !== "") {
    return "`network_mode` cannot be set if `network_plugin` is not `azure`";
  }
  const balancer = profile.text("load_balancer_sku");
  if (balancer.toLowerCase() === "standard") return undefined;
  const [name] = ["load_balancer_profile", "nat_gateway_profile"].filter(
    (each) => profile.list(each).length > 0,
  );
  return name === undefined
    ? undefined
    : `only load balancer SKU 'Standard' supports ${name === "load_balancer_profile" ? "load balancer" : "NAT Gateway"} profiles. Provided load balancer type: ${balancer}`;
}

function findIdentityProblem(cluster: Arguments): string | undefined {
  const hasIdentity = cluster.list("identity").length > 0;
  const hasPrincipal = cluster.list("service_principal").length > 0;
  if (hasIdentity && hasPrincipal) {
    return "the 'identity' and 'service_principal' block cannot be specified together: please remove either of them";
  }
  if (!hasIdentity && !hasPrincipal) {
    return "either an `identity` or `service_principal` block must be specified for cluster authentication";
  }
  const zone = cluster.text("private_dns_zone_id");
  const isOwnZone = zone !== "" && zone !== "System" && zone !== "None";
  if (isOwnZone && !hasPrincipal && cluster.text("identity.0.type") !== "UserAssigned") {
    return "a user assigned identity or a service principal must be used when using a custom private dns zone";
  }
  const isPrivate = cluster.flag("private_cluster_enabled");
  if (
    cluster.text("dns_prefix_private_cluster") !== "" &&
    !(isPrivate && isOwnZone) &&
    cluster.isKnown("private_dns_zone_id")
  ) {
    return "`dns_prefix_private_cluster` should only be set for private cluster with custom private dns zone";
  }
  return !isPrivate && cluster.text("dns_prefix") === ""
    ? "`dns_prefix` should be set if it is not a private cluster"
    : undefined;
}

const cluster: ServiceRules = {
  types: ["azurerm_kubernetes_cluster"],
  values: {
    "api_server_access_profile.authorized_ip_ranges": ipv4OrPrefix,
    "ingress_application_gateway.subnet_cidr": ipv4OrPrefix,
    "network_profile.pod_cidr": ipv4OrPrefix,
    "network_profile.service_cidr": ipv4OrPrefix,
    private_dns_zone_id: unlessOneOf(["System", "None"], idOf(PRIVATE_DNS_ZONE)),
    "web_app_routing.dns_zone_ids": unlessOneOf([""], idOf(DNS_ZONE, PRIVATE_DNS_ZONE)),
  },
  refusals: {
    "no way out with images from outside": ({ after }) =>
      after.text("network_profile.0.outbound_type") === "none" &&
      after.text("bootstrap_profile.0.artifact_source") !== "Cache"
        ? "when `network_profile.0.outbound_type` is set to `none`, `bootstrap_profile.0.artifact_source` must be set to `Cache`"
        : undefined,
    "advanced networking without Cilium on Azure's plugin": ({ after }) => {
      if (after.list("network_profile.0.advanced_networking").length !== 1) return undefined;
      const wanted = { network_data_plane: "cilium", network_plugin: "azure" };
      const wrong = Object.entries(wanted).find(
        ([name, value]) => after.text(`network_profile.0.${name}`) !== value,
      );
      return (
        wrong &&
        `when \`network_profile.0.advanced_networking\` is set, \`network_profile.0.${wrong[0]}\` must be set to \`${wrong[1]}\``
      );
    },
  },
  replacements: {
    "what can't be taken away": onceSet(
      "default_node_pool.0.upgrade_settings.0.drain_timeout_in_minutes",
      "default_node_pool.0.upgrade_settings.0.undrainable_node_behavior",
      "windows_profile.0.gmsa",
      "windows_profile.0.gmsa.0.dns_server",
      "windows_profile.0.gmsa.0.root_domain",
      "api_server_access_profile.0.subnet_id",
    ),
    "a principal in place of an identity": ({ before }) =>
      ["msi", ""].includes(before.text("service_principal.0.client_id"))
        ? ["service_principal.0.client_id"]
        : [],
    "another name of the first pool": ({ before, after }) => {
      const path = "default_node_pool.0.name";
      const isRotating =
        before.text(path) !== "" &&
        before.text(path) === after.text("default_node_pool.0.temporary_name_for_rotation");
      return isRotating ? [] : [path];
    },
    "another data plane or policy": ({ before }) =>
      ["network_profile.0.network_data_plane", "network_profile.0.network_policy"].filter(
        (path) => before.text(path) !== "",
      ),
    "a mode other than overlay": ({ after }) =>
      after.text("network_profile.0.network_plugin_mode").toLowerCase() === "overlay"
        ? []
        : ["network_profile.0.network_plugin_mode"],
  },
  creationRefusals: {
    "a network that contradicts itself": ({ after }) => findNetworkProblem(after),
    "names and identities that don't go together": ({ after }) => findIdentityProblem(after),
    "workload identities without an issuer": ({ after }) =>
      after.flag("workload_identity_enabled") && !after.flag("oidc_issuer_enabled")
        ? "`oidc_issuer_enabled` must be set to `true` to enable Azure AD Workload Identity"
        : undefined,
    "nodes that aren't upgraded with their images": ({ after }) =>
      after.text("automatic_upgrade_channel") === "node-image" &&
      !["", "NodeImage"].includes(after.text("node_os_upgrade_channel"))
        ? "`node_os_upgrade_channel` cannot be set to a value other than `NodeImage` if `automatic_upgrade_channel` is set to `node-image`"
        : undefined,
    "a default pool of another version": ({ after }) => {
      const [version, ofPool] = [
        after.text("kubernetes_version"),
        after.text("default_node_pool.0.orchestrator_version"),
      ];
      return version !== "" && ofPool !== "" && version !== ofPool
        ? `version mismatch between the control plane running ${version} and default node pool running ${ofPool}, they must use the same kubernetes versions`
        : undefined;
    },
    "costs in the free tier": ({ after }) =>
      after.flag("cost_analysis_enabled") && !["Standard", "Premium"].includes(after.text("sku_tier"))
        ? "`sku_tier` must be either `Standard` or `Premium` when cost analysis is enabled"
        : undefined,
    "a default pool that can't be scaled like that": ({ after }) => {
      const [pool] = after.blocks("default_node_pool");
      return pool && (findCountProblem(pool, false) ?? findPortRangeProblem(pool));
    },
  },
};

const nodePool: ServiceRules = {
  types: ["azurerm_kubernetes_cluster_node_pool"],
  replacements: {
    "what can't be taken away": onceSet(
      "upgrade_settings.0.drain_timeout_in_minutes",
      "upgrade_settings.0.undrainable_node_behavior",
    ),
    "a system that can't be moved to": ({ before, after }) =>
      [before, after].every((pool) => /^(Ubuntu|AzureLinux)/.test(pool.text("os_sku"))) ? [] : ["os_sku"],
  },
  creationRefusals: {
    "what only spot nodes have": ({ after }) => {
      if (after.text("priority") === "Spot") return undefined;
      const only = "can only be set when `priority` is set to `Spot`";
      if (after.text("eviction_policy") !== "") return `\`eviction_policy\` ${only}`;
      return after.number("spot_max_price") === -1 ? undefined : `\`spot_max_price\` ${only}`;
    },
    "a pool that can't be scaled like that": ({ after }) => findCountProblem(after, true),
    "Linux settings of another system": ({ after }) =>
      after.list("linux_os_config").length > 0 && after.text("os_type") !== "Linux"
        ? "`linux_os_config` can only be configured when `os_type` is set to `linux`"
        : findPortRangeProblem(after),
  },
};

export const azureKubernetes: readonly ServiceRules[] = [cluster, nodePool];
