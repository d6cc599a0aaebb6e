import type { Place } from "../../environment/cloud-traits";
import type { Environment } from "../../environment/environment";
import type { ChosenParts } from "../../environment/platform-traits";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import { keycloakOf } from "../../identity/keycloak/keycloak-settings";
import { listOf, type Problem } from "../../problem";
import type { ClusterLayout } from "./cluster-layout";
import { DAPR_NAMESPACE } from "./dapr-sidecar";
import { edgeTraits } from "./edges";
import { controlPlaneNamespace } from "./mesh-settings";
import { keycloakInCluster, runsKubernetes } from "./runs-kubernetes";

/** What the lists know of an environment's cluster and of what it is put together with. */
export interface ClusterChoices {
  readonly layout: ClusterLayout;
  readonly parts: ChosenParts;
  readonly taskStores: readonly TaskStoreTraits[];
}

/** Says what is wrong with an environment's cluster, and with what it is put together with. */
export function findKubernetesProblems(
  environment: Environment,
  who: string,
  today: string,
  choices: ClusterChoices,
): Problem[] {
  if (!runsKubernetes(environment)) return [];
  return [
    ...findPairProblems(environment, who, choices),
    ...findKeycloakProblems(environment, who),
    ...findEdgeProblems(environment, who, today),
    ...findNamespaceProblems(environment, who, choices.layout),
  ];
}

function findPairProblems(
  environment: Environment,
  who: string,
  { layout, parts, taskStores }: ClusterChoices,
): Problem[] {
  const { kubernetes, taskStore } = environment;
  const { traits } = layout;
  const problems: Problem[] = [];
  const refuse = (rule: string, message: string) => problems.push({ rule, message: `${who}: ${message}` });

  if (traits.cloud !== null && !traits.cloud.isIn(environment)) {
    refuse(
      "missing-cloud",
      `${traits.title} needs ${traits.cloud.title}; set '${traits.cloud.kind}', or kubernetes.cluster to kind 'existing'`,
    );
  }
  if (parts.vault.place !== traits.vault.place) {
    const { how, remedy } = traits.vault;
    refuse("cluster-vault", `${how}, and the vault is '${parts.vault.kind}'; ${remedy}`);
  }
  if (parts.registry.place !== traits.registry.place) {
    const { how, remedy } = traits.registry;
    refuse("cluster-registry", `${how}, and the registry is '${parts.registry.kind}'; ${remedy}`);
  }
  const stores = [...storesAt(traits.place, taskStores), ...storesAt("anywhere", taskStores)];
  if (!stores.includes(taskStore.kind)) {
    refuse(
      "cluster-task-store",
      `the task store is '${taskStore.kind}', which this cluster does not reach; use one of ${listOf(stores)}`,
    );
  }
  const source = findMissingSource(layout, kubernetes?.prometheusUrl);
  if (source !== undefined) refuse("scaler-without-source", source);
  const readsPrometheus = layout.autoscaling !== "resources";
  if (readsPrometheus && (kubernetes?.prometheusOperator ?? traits.scraper.knowsPodMonitors) === null) {
    refuse(
      "scaler-without-scrape",
      `scalers read Prometheus (kubernetes.autoscaling is '${layout.autoscaling}'), and nothing says how it finds the ` +
        "agents; set kubernetes.prometheusOperator to true where the cluster has the Prometheus Operator, or to false " +
        "where Prometheus reads pods by their 'prometheus.io/scrape' annotations",
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

/** Where scalers ask for the agents' metrics. */
function findMissingSource(
  { autoscaling, traits }: ClusterLayout,
  url: string | undefined,
): string | undefined {
  if (autoscaling === "keda" && !traits.bringsPrometheus && url === undefined) {
    return "KEDA has no Prometheus to read the agents' metrics from; set kubernetes.prometheusUrl, or kubernetes.autoscaling to 'resources'";
  }
  // Without a URL the adapter is one that the cluster has.
  if (autoscaling !== "metrics-adapter" || url === undefined) return undefined;
  return /^https?:\/\/[^/:]+:\d+(?:\/.*)?$/.test(url)
    ? undefined
    : `kubernetes.prometheusUrl is '${url}', and the metrics adapter takes its port apart from the rest; write it with one: http://<service>.<namespace>:9090`;
}

function storesAt(place: Place, taskStores: readonly TaskStoreTraits[]): string[] {
  return taskStores.filter((store) => store.place === place).map(({ kind }) => kind);
}

function findKeycloakProblems(environment: Environment, who: string): Problem[] {
  const edge = environment.kubernetes?.edge;
  const settings = keycloakOf(environment);
  if (settings === undefined || !keycloakInCluster(environment)) return [];
  const { database, mode } = settings;
  const problems: Problem[] = [];
  if (mode !== "development" && database === undefined) {
    problems.push({
      rule: "keycloak-without-database",
      message:
        `${who}: Keycloak runs in the cluster, which makes no Postgres for it; set identityProvider.database (url and ` +
        "credentialsSecret), or identityProvider.mode to 'development' in a development environment",
    });
  }
  if (edge === undefined || !edgeTraits(edge).showsPaths) {
    problems.push({
      rule: "keycloak-without-edge",
      message:
        `${who}: tokens name Keycloak by the edge's host, and the edge is ${edge?.kind ?? "missing"}; ` +
        "set kubernetes.edge to kind 'gateway-api', which shows its token path without its console",
    });
  }
  return problems;
}

/** The agents' namespace is closed, and goes with the environment: nothing else lives there. */
function findNamespaceProblems(
  { kubernetes, mesh }: Environment,
  who: string,
  { namespace, edgeNamespace }: ClusterLayout,
): Problem[] {
  const others = [
    ...(kubernetes?.edge === undefined
      ? []
      : [{ name: edgeNamespace, what: "the proxies of kubernetes.edge" }]),
    ...(mesh === undefined
      ? []
      : [
          {
            name: controlPlaneNamespace(mesh) ?? DAPR_NAMESPACE,
            what: "the pods of the control plane of mesh",
          },
        ]),
  ];
  return others
    .filter(({ name }) => name === namespace)
    .map(({ what }) => ({
      rule: "namespace-shared",
      message:
        `${who}: kubernetes.namespace is '${namespace}', where ${what} are, and the agents' is made, closed and deleted with ` +
        "them; give the agents one of their own, or leave it out (agents)",
    }));
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
  const named = edge?.kind === "gateway-api" ? [edge.gatewayClass, edge.namespace] : [];
  if (named.filter((each) => each !== undefined).length === 1) {
    const [given, missing] =
      named[0] === undefined ? ["namespace", "gatewayClass"] : ["gatewayClass", "namespace"];
    problems.push({
      rule: "edge-half-named",
      message:
        `${who}: kubernetes.edge.${given} is set and ${missing} is not, and of somebody else's controller both have to be known: ` +
        "proxies of that namespace alone get through to agents; set both, or leave both out",
    });
  }
  const behindGateway = edge !== undefined && gateway !== undefined && azure !== undefined;
  const choosesAddress = edge !== undefined && edgeTraits(edge).choosesAddress;
  const ownAddress = choosesAddress && azure?.network?.kind !== "existing";
  if (behindGateway && !ownAddress && edge.internalAddress === undefined) {
    problems.push({
      rule: "edge-without-address",
      message:
        `${who}: only the gateway may get through to the cluster, and nothing says where: ` +
        `${choosesAddress ? "the network" : `the ${edge.kind} controller`} is somebody else's; set ` +
        "kubernetes.edge.internalAddress (subnet, address, allowedRanges)",
    });
  }
  const closed = edge !== undefined && (edge.internalAddress !== undefined || (behindGateway && ownAddress));
  if (closed && edge.certificates.kind === "acme" && edge.certificates.dnsZone === undefined) {
    problems.push({
      rule: "certificate-of-closed-edge",
      message:
        `${who}: kubernetes.edge.certificates is 'acme' without a dnsZone, so that the certificate authority asks the edge ` +
        "itself (HTTP-01), and only the gateway gets through to it; set kubernetes.edge.certificates.dnsZone, or " +
        "certificates to { kind: 'issuer', … }",
    });
  }
  return problems;
}
