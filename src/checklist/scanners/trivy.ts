import { listAt, objectAt, textAt } from "../finished-agents";
import {
  closedToTheInternet,
  everyContainer,
  has,
  hasBlock,
  lacks,
  podOf,
  rulesOut,
  withoutWildcards,
} from "./resource-facts";
import { covered, excepted, notApplicable, type Scanner } from "./scanner-check";

const deployment = "kubernetes_deployment_v1";
const cluster = "azurerm_kubernetes_cluster";
const group = "azurerm_network_security_group";
const role = "kubernetes_role_v1";
const binding = "google_project_iam_member";
const noMachines = "the fleet makes no machines, and no firewall rules for any, at Google";
const inPod = (holds: (pod: ReturnType<typeof podOf>) => boolean) => (each: Parameters<typeof podOf>[0]) =>
  holds(podOf(each));

export const trivy: Scanner = {
  name: "trivy",
  title: "Trivy",
  version: "trivy-checks of 2026-08-21",
  on: "2026-11-21",
  address: "https://avd.aquasec.com/misconfig/",
  checks: [
    covered(
      "AZU-0043",
      "AKS has network policies",
      cluster,
      lacks("network_profile.network_policy", undefined),
    ),
    excepted(
      "AZU-0066",
      "AKS has the Azure Policy add-on",
      "Kubernetes' own Pod Security admission enforces 'restricted' on the agents' namespace",
    ),
    excepted(
      "AZU-0067",
      "Disks of AKS have a key of their owner's",
      "agents keep nothing on disks; Azure's own keys encrypt them",
    ),
    covered("AZU-0065", "AKS is private", cluster, has("private_cluster_enabled", true)),
    covered(
      "AZU-0041",
      "Not everybody reaches the API server of AKS",
      cluster,
      (each) => has("private_cluster_enabled", true)(each) || hasBlock("api_server_access_profile")(each),
    ),
    covered("AZU-0040", "AKS logs to Azure Monitor", cluster, hasBlock("oms_agent")),
    covered("AZU-0042", "AKS has roles", cluster, lacks("role_based_access_control_enabled", false)),
    covered(
      "AZU-0015",
      "Secrets of the vault say what they are",
      "azurerm_key_vault_secret",
      (secret) => (textAt(secret, "content_type") ?? "") !== "",
    ),
    notApplicable("AZU-0014", "Keys of the vault have an end", "the fleet makes no keys"),
    excepted(
      "AZU-0017",
      "Secrets of the vault have an end",
      "an expired secret stops agents, and rotation is up to whoever owns the secret",
    ),
    covered(
      "AZU-0016",
      "Nobody purges the vault",
      "azurerm_key_vault",
      has("purge_protection_enabled", true),
    ),
    covered(
      "AZU-0013",
      "The vault's firewall is closed",
      "azurerm_key_vault",
      has("network_acls.default_action", "Deny"),
    ),
    covered("AZU-0048", "Nobody on the internet gets through to RDP", group, closedToTheInternet("3389")),
    covered("AZU-0050", "Nobody on the internet gets through to SSH", group, closedToTheInternet("22")),
    excepted(
      "AZU-0047",
      "Nobody on the internet gets in",
      "the gateway's subnet is where callers come in; the other subnets have no public address",
    ),
    excepted(
      "AZU-0051",
      "Not everything gets out",
      "in a cluster network policies decide, agent by agent; Container Apps need what Azure says they need",
    ),
    covered(
      "AZU-0074",
      "No port of a database or a shell is open to the whole network",
      group,
      closedToTheInternet("22", "3389", "5432", "6379", "10000"),
    ),
    ...["AZU-0049", "AZU-0073"].map((id) =>
      notApplicable(
        id,
        "Flows of the network are logged",
        "Azure's Network Watcher is the subscription's owner's",
      ),
    ),
    ...["AZU-0031", "AZU-0032", "AZU-0033"].map((id) =>
      notApplicable(id, "The subscription's activity log is kept", "the subscription's owner decides"),
    ),
    ...["AZU-0044", "AZU-0045", "AZU-0046", "AZU-0062", "AZU-0063", "AZU-0064"].map((id) =>
      notApplicable(id, "Defender is on, and somebody is told", "the subscription's owner decides"),
    ),
    ...["AZU-0030", "AZU-0052"].map((id) =>
      notApplicable(
        id,
        "Roles of one's own are narrow",
        "the fleet grants Azure's own roles and defines none",
      ),
    ),
    ...["GCP-0072", "GCP-0073", "GCP-0074", "GCP-0070", "GCP-0071", "GCP-0027", "GCP-0035"].map((id) =>
      notApplicable(id, "Firewalls are narrow", noMachines),
    ),
    ...["GCP-0044", "GCP-0043", "GCP-0036", "GCP-0030", "GCP-0031", "GCP-0032", "GCP-0042"].map((id) =>
      notApplicable(id, "Machines are closed", noMachines),
    ),
    ...["GCP-0076", "GCP-0029"].map((id) =>
      excepted(
        id,
        "The subnet's flows are logged",
        "only requests of agents leave through it, and each is in the logs of its agent",
      ),
    ),
    covered(
      "GCP-0075",
      "Google is reached privately",
      "google_compute_subnetwork",
      has("private_ip_google_access", true),
    ),
    covered(
      "GCP-0039",
      "The load balancer speaks nothing older than TLS 1.2",
      "google_compute_ssl_policy",
      has("min_tls_version", "TLS_1_2", "TLS_1_3"),
    ),
    notApplicable("GCP-0013", "Zones are signed", "the zone is private, and private zones can't be"),
    notApplicable("GCP-0012", "Zones aren't signed with SHA-1", "the zone is private, and not signed"),
    notApplicable("GCP-0079", "Audit logs of the project are on", "the project's owner decides"),
    ...["GCP-0003", "GCP-0069"].map((id) =>
      covered(id, "Roles are granted to services, not to people", binding, (each) =>
        /^serviceAccount:|^\$\{/.test(textAt(each, "member") ?? ""),
      ),
    ),
    ...["GCP-0006", "GCP-0004", "GCP-0008"].map((id) =>
      covered(
        id,
        "No default service account has a role",
        binding,
        (each) => !/-compute@developer|@appspot/.test(textAt(each, "member") ?? ""),
      ),
    ),
    covered(
      "GCP-0007",
      "No service account is an administrator",
      binding,
      (each) => !/admin|owner|editor/i.test(textAt(each, "role") ?? ""),
    ),
    ...["GCP-0005", "GCP-0009", "GCP-0011"].map((id) =>
      covered(
        id,
        "Nobody acts as any service account of the project",
        binding,
        (each) => !/iam\.serviceAccount(?:User|TokenCreator)/.test(textAt(each, "role") ?? ""),
      ),
    ),
    notApplicable("GCP-0010", "The project has no default network", "the project is made by its owner"),
    notApplicable("GCP-0068", "Pools of foreign identities have conditions", "the fleet makes none"),
    notApplicable("GCP-0065", "Keys are changed", "the fleet makes no keys"),
    covered(
      "KSV-0001",
      "No container gets more rights than it has",
      deployment,
      everyContainer(has("security_context.allow_privilege_escalation", false)),
    ),
    ...["KSV-0003", "KSV-0004", "KSV-0106", "KSV-0005", "KSV-0022", "KSV-0119", "KSV-0120"].map((id) =>
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
    ...["KSV-0006", "KSV-0023", "KSV-0028", "KSV-0121"].map((id) =>
      covered(
        id,
        "No pod mounts its node's files",
        deployment,
        inPod((pod) =>
          listAt(pod, "volume").every((volume) => Object.keys(objectAt(volume, "host_path")).length === 0),
        ),
      ),
    ),
    covered(
      "KSV-0007",
      "No pod has host names of its own",
      deployment,
      inPod((pod) => listAt(pod, "host_aliases").length === 0),
    ),
    covered("KSV-0008", "No pod shares the node's IPC", deployment, inPod(lacks("host_ipc", true))),
    covered("KSV-0009", "No pod shares the node's network", deployment, inPod(lacks("host_network", true))),
    covered("KSV-0010", "No pod shares the node's processes", deployment, inPod(lacks("host_pid", true))),
    ...(
      [
        ["KSV-0011", "CPU is limited", "limits", "cpu"],
        ["KSV-0015", "CPU is asked for", "requests", "cpu"],
        ["KSV-0016", "Memory is asked for", "requests", "memory"],
        ["KSV-0018", "Memory is limited", "limits", "memory"],
      ] as const
    ).map(([id, asks, list, what]) =>
      covered(
        id,
        asks,
        deployment,
        everyContainer((container) => objectAt(objectAt(container, "resources"), list)[what] !== undefined),
      ),
    ),
    ...["KSV-0012", "KSV-0118"].map((id) =>
      covered(
        id,
        "Pods refuse to run as root",
        deployment,
        inPod(
          (pod) =>
            has("security_context.run_as_non_root", true)(pod) ||
            listAt(pod, "container").every(has("security_context.run_as_non_root", true)),
        ),
      ),
    ),
    ...["KSV-0105", "KSV-0116"].map((id) =>
      covered(
        id,
        "No user and no group is root's",
        deployment,
        inPod((pod) => {
          const { run_as_user, run_as_group, fs_group } = objectAt(pod, "security_context");
          return [run_as_user, run_as_group, fs_group].every((each) => String(each) !== "0");
        }),
      ),
    ),
    ...["KSV-0020", "KSV-0021"].map((id) =>
      excepted(
        id,
        "Users and groups are above 10000",
        "1000 is what a published image's author most often chose; no file of the node is mounted",
      ),
    ),
    covered(
      "KSV-0013",
      "Images have a version",
      deployment,
      everyContainer((container) => !/(?::latest|^[^:@]+)$/.test(textAt(container, "image") ?? "")),
    ),
    covered(
      "KSV-0014",
      "Containers don't write to their file system",
      deployment,
      everyContainer(has("security_context.read_only_root_filesystem", true)),
    ),
    covered(
      "KSV-0017",
      "No container is privileged",
      deployment,
      everyContainer(lacks("security_context.privileged", true)),
    ),
    covered(
      "KSV-0024",
      "No container has a port of its node",
      deployment,
      everyContainer((container) =>
        listAt(container, "port").every(({ host_port }) => host_port === undefined),
      ),
    ),
    covered(
      "KSV-0117",
      "No container listens below 1024",
      deployment,
      everyContainer((container) =>
        listAt(container, "port").every(({ container_port }) => Number(container_port) >= 1024),
      ),
    ),
    ...["KSV-0002", "KSV-0025", "KSV-0026", "KSV-0027", "KSV-0103"].map((id) =>
      notApplicable(
        id,
        "Kernel, labels and host are left alone",
        "no deployment of the fleet's says any of it, and 'restricted' refuses it",
      ),
    ),
    ...["KSV-0030", "KSV-0104"].map((id) =>
      covered(
        id,
        "System calls are filtered",
        deployment,
        inPod((pod) =>
          [pod, ...listAt(pod, "container")].some(
            has("security_context.seccomp_profile.type", "RuntimeDefault", "Localhost"),
          ),
        ),
      ),
    ),
    ...["KSV-0032", "KSV-0033", "KSV-0034", "KSV-0035", "KSV-0124", "KSV-0125"].map((id) =>
      excepted(
        id,
        "Images come from one registry",
        "agents do; collectors and controllers come from where their makers publish them, by version",
      ),
    ),
    covered(
      "KSV-0036",
      "Pods get no account's token that they didn't ask for",
      deployment,
      (each) =>
        podOf(each).automount_service_account_token === false ||
        textAt(podOf(each), "service_account_name") !== undefined,
    ),
    covered("KSV-0037", "Nothing is in kube-system", deployment, lacks("metadata.namespace", "kube-system")),
    covered(
      "KSV-0110",
      "Nothing is in the default namespace",
      deployment,
      lacks("metadata.namespace", undefined, "", "default"),
    ),
    notApplicable(
      "KSV-0038",
      "Network policies select pods",
      "the one that denies everything selects all on purpose",
    ),
    ...["KSV-0039", "KSV-0040"].map((id) =>
      excepted(
        id,
        "The namespace has a limit",
        "each agent has requests, limits and most replicas of its own",
      ),
    ),
    ...["KSV-0041", "KSV-0113"].map((id) =>
      covered(id, "No role changes secrets", role, rulesOut(["secrets"])),
    ),
    covered(
      "KSV-0042",
      "No role deletes logs",
      role,
      rulesOut(["pods/log"], ["delete", "deletecollection", "*"]),
    ),
    ...["KSV-0043", "KSV-0050", "KSV-0051", "KSV-0052", "KSV-0055"].map((id) =>
      covered(
        id,
        "No role hands out roles, or acts as somebody else",
        role,
        (each) =>
          rulesOut(["roles", "rolebindings", "clusterroles", "clusterrolebindings"])(each) &&
          rulesOut(["users", "groups", "serviceaccounts"], ["impersonate", "*"])(each),
      ),
    ),
    ...["KSV-0044", "KSV-0045", "KSV-0046", "KSV-0112"].map((id) =>
      covered(id, "No role speaks of everything", role, withoutWildcards("verbs", "resources", "api_groups")),
    ),
    ...["KSV-0047", "KSV-0053", "KSV-0054"].map((id) =>
      covered(id, "No role gets into pods", role, rulesOut(["pods/exec", "pods/attach", "nodes/proxy"])),
    ),
    covered(
      "KSV-0048",
      "No role changes workloads",
      role,
      rulesOut(["pods", "deployments", "jobs", "cronjobs", "statefulsets", "daemonsets", "replicasets"]),
    ),
    covered("KSV-0049", "No role changes config maps", role, rulesOut(["configmaps"])),
    covered(
      "KSV-0056",
      "No role changes the network",
      role,
      rulesOut(["services", "endpoints", "ingresses", "networkpolicies"]),
    ),
    covered(
      "KSV-0114",
      "No role changes webhooks",
      role,
      rulesOut(["validatingwebhookconfigurations", "mutatingwebhookconfigurations"]),
    ),
    ...["KSV-01011", "KSV-0111", "KSV-0122", "KSV-0123"].map((id) =>
      covered(
        id,
        "No role is bound to everybody, or to administrators",
        "kubernetes_role_binding_v1",
        (each) =>
          listAt(each, "subject").every(({ name }) => !/^system:/.test(String(name))) &&
          textAt(objectAt(each, "role_ref"), "name") !== "cluster-admin",
      ),
    ),
    ...["KSV-01010", "KSV-0109"].map((id) =>
      covered(id, "Config maps hold no secrets", "kubernetes_config_map_v1", (each) =>
        Object.entries(objectAt(each, "data")).every(
          ([name, value]) => !/(?:PASSWORD|SECRET|API_KEY|PRIVATE_KEY)$/.test(name) || value === "",
        ),
      ),
    ),
    covered(
      "KSV-0108",
      "No service has an address that it brings along",
      "kubernetes_service_v1",
      has("spec.external_ips", undefined),
    ),
    notApplicable("KSV-0102", "There is no Tiller", "Helm 3 has none"),
    notApplicable(
      "KSV-0107",
      "No retired API is used",
      "providers send the API version that they were made for",
    ),
    notApplicable("KSV-0115", "AWS logins aren't changed", "the fleet knows no EKS"),
    notApplicable(
      "KCV-0093",
      "Annotations of ingress-nginx are safe",
      "the fleet writes them itself; nginx needs an exception in the environment",
    ),
  ],
};
