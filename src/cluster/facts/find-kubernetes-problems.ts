import type { Environment } from "../../environment/environment";
import { listOf, type Problem } from "../../problem";
import { keycloakInCluster, runsKubernetes } from "./runs-kubernetes";

/** Days on which minor versions get no more fixes. @see https://kubernetes.io/releases/patch-releases/ */
const endOfVersions: Readonly<Record<string, string>> = {
  "1.30": "2025-06-28",
  "1.31": "2025-10-28",
  "1.32": "2026-02-28",
  "1.33": "2026-06-28",
  "1.34": "2026-10-27",
  "1.35": "2027-02-28",
};

const OLDEST_KNOWN_MINOR = 30;

/** Says what is wrong with an environment's cluster, and with what it is put together with. */
export function findKubernetesProblems(environment: Environment, who: string, today: string): Problem[] {
  if (!runsKubernetes(environment)) return [];
  return [
    ...findPairProblems(environment, who),
    ...findKeycloakProblems(environment, who),
    ...findVersionProblems(environment, who, today),
    ...findEdgeProblems(environment, who, today),
  ];
}

function findPairProblems(environment: Environment, who: string): Problem[] {
  const { azure, kubernetes, registry, vault, taskStore } = environment;
  const onAzure = (kubernetes?.cluster?.kind ?? (azure === undefined ? "existing" : "aks")) !== "existing";
  const problems: Problem[] = [];
  const refuse = (rule: string, message: string) => problems.push({ rule, message: `${who}: ${message}` });

  if (onAzure && azure === undefined) {
    refuse(
      "missing-cloud",
      "an AKS cluster needs Azure; set 'azure', or kubernetes.cluster to kind 'existing'",
    );
  }
  if (onAzure && vault.kind !== "key-vault" && vault.kind !== "existing-key-vault") {
    refuse(
      "cluster-vault",
      `agents on AKS read a Key Vault, and the vault is '${vault.kind}'; use 'key-vault'`,
    );
  }
  if (!onAzure && vault.kind !== "kubernetes") {
    refuse(
      "cluster-vault",
      `a cluster without a cloud reads Secrets of its own, and the vault is '${vault.kind}'; use 'kubernetes' and list their names`,
    );
  }
  if (onAzure && registry.kind !== "fleet" && registry.kind !== "azure") {
    refuse(
      "cluster-registry",
      `AKS pulls by its nodes' identity, and the registry is '${registry.kind}'; use 'fleet' or 'azure'`,
    );
  }
  if (!onAzure && registry.kind !== "other") {
    refuse(
      "cluster-registry",
      `a cluster without a cloud pulls with a Secret, and the registry is '${registry.kind}'; use 'other' with the Secret's name`,
    );
  }
  const stores = onAzure
    ? ["managed-redis", "redis-cache", "existing", "memory"]
    : ["cluster-redis", "existing", "memory"];
  if (!stores.includes(taskStore.kind)) {
    refuse(
      "cluster-task-store",
      `the task store is '${taskStore.kind}'; in this cluster it can be ${listOf(stores)}`,
    );
  }
  if (!onAzure && kubernetes?.autoscaling === "keda" && kubernetes.prometheusUrl === undefined) {
    refuse(
      "scaler-without-source",
      "KEDA has no Prometheus to read the agents' metrics from; set kubernetes.prometheusUrl, or kubernetes.autoscaling to 'resources'",
    );
  }
  const keepsTasks = taskStore.kind === "cluster-redis";
  if (keepsTasks && environment.stage === "production" && kubernetes?.backups === undefined) {
    refuse(
      "store-without-backups",
      "the cluster keeps the tasks on one volume, and this is production; set kubernetes.backups (storage and credentialsSecret)",
    );
  }
  if (!keepsTasks && kubernetes?.backups !== undefined) {
    refuse(
      "backups-of-nothing",
      `kubernetes.backups is set, and the task store is '${taskStore.kind}', which the cluster does not keep; remove it`,
    );
  }
  return problems;
}

function findKeycloakProblems(environment: Environment, who: string): Problem[] {
  const { identityProvider, kubernetes } = environment;
  if (identityProvider?.kind !== "keycloak" || !keycloakInCluster(environment)) return [];
  const { database, mode } = identityProvider;
  const problems: Problem[] = [];
  if (mode !== "development" && database === undefined) {
    problems.push({
      rule: "keycloak-without-database",
      message:
        `${who}: Keycloak runs in the cluster, which makes no Postgres for it; set identityProvider.database (url and ` +
        "credentialsSecret), or identityProvider.mode to 'development' in a development environment",
    });
  }
  if (kubernetes?.edge?.kind !== "gateway-api") {
    problems.push({
      rule: "keycloak-without-edge",
      message:
        `${who}: tokens name Keycloak by the edge's host, and the edge is ${kubernetes?.edge === undefined ? "missing" : "nginx"}; ` +
        "set kubernetes.edge to kind 'gateway-api', which shows its token path without its console",
    });
  }
  return problems;
}

function findVersionProblems({ kubernetes }: Environment, who: string, today: string): Problem[] {
  const version = kubernetes?.cluster?.kind === "aks" ? kubernetes.cluster.version : undefined;
  if (version === undefined) return [];
  const tooOld = Number(version.split(".")[1]) < OLDEST_KNOWN_MINOR;
  const end = endOfVersions[version];
  if (!tooOld && (end === undefined || today <= end)) return [];
  const supported = Object.keys(endOfVersions).filter((minor) => today <= (endOfVersions[minor] ?? ""));
  return [
    {
      rule: "retired-kubernetes-version",
      message:
        `${who}: Kubernetes ${version} has had no fixes since ${end ?? "2025"}; ` +
        `use ${listOf(supported)} or newer (kubernetes.cluster.version)`,
    },
  ];
}

/** @see https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/ */
function findEdgeProblems(environment: Environment, who: string, today: string): Problem[] {
  const { azure, gateway, kubernetes, stage } = environment;
  const edge = kubernetes?.edge;
  const problems: Problem[] = [];
  if (edge?.kind === "nginx" && stage === "production") {
    const { controller, exception } = edge;
    const named =
      controller === "ingress-nginx"
        ? "ingress-nginx has had no fixes since March 2026"
        : "AKS patches its nginx through November 2026";
    if (exception === undefined) {
      problems.push({
        rule: "retired-ingress-controller",
        message:
          `${who}: ${named}, and this is production; use kubernetes.edge kind 'gateway-api', or give a reason and an end ` +
          "in kubernetes.edge.exception",
      });
    } else if (exception.until < today) {
      problems.push({
        rule: "retired-ingress-controller",
        message:
          `${who}: ${named}, and the exception for it ended on ${exception.until} (${exception.reason}); ` +
          "use kubernetes.edge kind 'gateway-api', or decide again",
      });
    }
  }
  const behindGateway = edge !== undefined && gateway !== undefined && azure !== undefined;
  const ownAddress = edge?.kind === "gateway-api" && azure?.network?.kind !== "existing";
  if (behindGateway && !ownAddress && edge.internalAddress === undefined) {
    problems.push({
      rule: "edge-without-address",
      message:
        `${who}: only the gateway may get through to the cluster, and nothing says where: ` +
        `${edge.kind === "nginx" ? "the nginx controller" : "the network"} is somebody else's; set ` +
        "kubernetes.edge.internalAddress (subnet, address, allowedRanges)",
    });
  }
  return problems;
}
