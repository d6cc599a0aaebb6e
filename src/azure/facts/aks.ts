import { z } from "zod";
import { isPrivateRange, WIDEST_PREFIX } from "../../address-range";
import type { Hop } from "../../agent/agent-route";
import type { ClusterTraits } from "../../cluster/facts/cluster-traits";
import type { InternalAddressSettings } from "../../cluster/facts/edge-traits";
import { whole } from "../../shapes";
import { nameOf } from "../../vendor-limits";
import { azureCloud } from "./azure-cloud";
import { clusterName, vmSize } from "./azure-shapes";
import { networkRange } from "./network-layout";
import { MOST_NODES, type NodePoolSettings, nodePools, nodeSize } from "./node-pools";

/** An AKS cluster of the environment's own. */
export interface AksSettings {
  readonly kind: "aks";
  /**
   * Minor version; patches come by themselves in the maintenance window.
   *
   * @default "1.35"
   */
  readonly version?: string;
  /**
   * Who reaches the API server. A private one is reached from the network only, by the runner too.
   *
   * @default - private
   */
  readonly apiServer?:
    | { readonly access: "private" }
    | { readonly access: "public"; readonly allowedRanges: readonly string[] };
  /** Nodes of the system. @default - Standard_D2ds_v5, 2 to 3 of them (3 to 6 where the environment is highly available) */
  readonly systemNodes?: NodePoolSettings;
  /**
   * Nodes of the agents.
   *
   * @default - Standard_D4ds_v5, 1 to 5 of them (3 to 12 where the environment is highly available), and as often as many at
   * most as hold the agents at their fewest replicas
   */
  readonly agentNodes?: NodePoolSettings;
  /**
   * When patches and node images may be rolled out: a weekly window of four hours, UTC.
   *
   * @default - Sunday, 02:00
   */
  readonly maintenance?: { readonly dayOfWeek: DayOfWeek; readonly startTime: string };
  /** How `kubelogin` logs in on the machine that deploys. @default "azurecli" */
  readonly login?: ClusterLoginMethod;
}

/** Ways of `kubelogin` that need no secret. @see https://azure.github.io/kubelogin/concepts/login-modes.html */
export type ClusterLoginMethod = "azurecli" | "workloadidentity" | "msi";

/** A day of a maintenance window, as AKS writes it. */
export type DayOfWeek = "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";

/** An AKS cluster that somebody else runs: workload identity, Key Vault add-on and network policies must be on. */
export interface ExistingAks {
  readonly kind: "existing-aks";
  readonly name: string;
  readonly resourceGroup: string;
  /** How `kubelogin` logs in on the machine that deploys. @default "azurecli" */
  readonly login?: ClusterLoginMethod;
}

const clusterLogin = z.enum(["azurecli", "workloadidentity", "msi"]);

const nodePool = z
  .strictObject({
    vmSize: vmSize.optional(),
    minNodes: whole.min(1).max(MOST_NODES).optional(),
    maxNodes: whole.min(1).max(MOST_NODES).optional(),
  })
  .refine(({ minNodes = 1, maxNodes = MOST_NODES }) => minNodes <= maxNodes, {
    message: "has a 'minNodes' above its 'maxNodes'; lower the first, or raise the second",
  });

/** How long the load balancer in front of an edge keeps a silent connection; Azure takes 4 to 100 minutes. */
const LOAD_BALANCER_IDLE_MINUTES = 30;

const hop: Hop = {
  name: "azure-load-balancer",
  limitSeconds: LOAD_BALANCER_IDLE_MINUTES * 60,
  timeoutSeconds: LOAD_BALANCER_IDLE_MINUTES * 60,
  buffers: false,
  source: "https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout",
};

/** What makes AKS give a Service an address of the network, and keep everybody else away from it. */
function loadBalancerAnnotations(internal: InternalAddressSettings | undefined): Record<string, string> {
  const annotation = (name: string) => `service.beta.kubernetes.io/azure-${name}`;
  return {
    [annotation("load-balancer-tcp-idle-timeout")]: String(LOAD_BALANCER_IDLE_MINUTES),
    ...(internal === undefined
      ? {}
      : {
          [annotation("load-balancer-internal")]: "true",
          [annotation("load-balancer-internal-subnet")]: internal.subnet,
          [annotation("load-balancer-ipv4")]: internal.address,
          [annotation("allowed-ip-ranges")]: internal.allowedRanges.join(","),
        }),
  };
}

/** What every AKS cluster has, whoever made it. */
const anyAks = {
  cloud: azureCloud,
  title: "an AKS cluster",
  loadBalancer: { hop, annotations: loadBalancerAnnotations },
  autoscaling: "keda",
  bringsKeda: true,
  // Azure's agent runs beside the system, and has a copy of the operator's API group.
  scraper: { namespace: "kube-system", apiVersion: "azmonitoring.coreos.com/v1", knowsPodMonitors: true },
  ownersSecrets: false,
  place: azureCloud,
  vault: { place: azureCloud, how: "agents on AKS read a Key Vault", remedy: "use 'key-vault'" },
  registry: {
    place: azureCloud,
    how: "AKS pulls by its nodes' identity",
    remedy: "use 'fleet' or 'azure'",
  },
} as const;

export const aks: ClusterTraits<AksSettings> = {
  ...anyAks,
  kind: "aks",
  bringsPrometheus: true,
  schema: z.strictObject({
    kind: z.literal("aks"),
    version: z
      .string()
      .regex(/^1\.\d+$/, "is not a minor version such as 1.35")
      .optional(),
    apiServer: z
      .discriminatedUnion("access", [
        z.strictObject({ access: z.literal("private") }),
        z.strictObject({
          access: z.literal("public"),
          allowedRanges: z
            .array(
              z
                .cidrv4()
                .refine((range) => !isPrivateRange(range) && Number(range.split("/")[1]) >= WIDEST_PREFIX, {
                  message:
                    "is private, or more than anybody owns, and the API server sees public addresses; name those that you deploy from",
                }),
            )
            .min(1, "needs at least one range: an API server is not open to everybody"),
        }),
      ])
      .optional(),
    systemNodes: nodePool.optional(),
    agentNodes: nodePool.optional(),
    maintenance: z
      .strictObject({
        dayOfWeek: z.enum(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]),
        startTime: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "is not a time such as 02:00"),
      })
      .optional(),
    login: clusterLogin.optional(),
  }),
  unlessNamed: ({ azure }) => (azure === undefined ? undefined : { kind: "aks" }),
  // Their size is the same, highly available or not.
  node: (settings) => nodeSize(nodePools(settings, false).agentNodes.vmSize),
  apiServer: ({ apiServer }, environment) => [
    apiServer?.access === "public"
      ? { cidr: "0.0.0.0/0", port: 443 }
      : { cidr: networkRange(environment, "cluster"), port: 443 },
  ],
};

export const existingAks: ClusterTraits<ExistingAks> = {
  ...anyAks,
  kind: "existing-aks",
  bringsPrometheus: false,
  schema: z.strictObject({
    kind: z.literal("existing-aks"),
    name: clusterName,
    resourceGroup: nameOf("resource group"),
    login: clusterLogin.optional(),
  }),
  unlessNamed: () => undefined,
  node: () => null,
  apiServer: (_settings, environment) => [{ cidr: networkRange(environment, "cluster"), port: 443 }],
};
