import { z } from "zod";
import type { ClusterSettings } from "../../environment/environment";
import { text } from "../../shapes";
import type { ClusterTraits } from "./cluster-traits";

/** Any Kubernetes, reached through a context of the runner's kubeconfig. No cloud around it is needed. */
export interface ExistingCluster {
  readonly kind: "existing";
  /** Name of the context. */
  readonly context: string;
}

export const existingCluster: ClusterTraits<ExistingCluster> = {
  kind: "existing",
  title: "a cluster without a cloud",
  cloud: null,
  loadBalancer: null,
  autoscaling: "resources",
  bringsKeda: false,
  bringsPrometheus: false,
  scraper: { namespace: "monitoring", apiVersion: "monitoring.coreos.com/v1", knowsPodMonitors: null },
  ownersSecrets: true,
  place: "cluster",
  vault: {
    place: "cluster",
    how: "a cluster without a cloud reads Secrets of its own",
    remedy: "use 'kubernetes' and list their names",
  },
  registry: {
    place: "anywhere",
    how: "a cluster without a cloud pulls with a Secret",
    remedy: "use 'other' with the Secret's name",
  },
  schema: z.strictObject({ kind: z.literal("existing"), context: text }),
  unlessNamed: ({ name }) => ({ kind: "existing", context: name }),
  node: () => null,
  // Where a cluster of unknown make has it: kind in 172.16.0.0/12, many at home and in offices in 192.168.0.0/16.
  apiServer: () => ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidr) => ({ cidr, port: 6443 })),
};

/** @throws Error when a cluster is one of another kind. */
export function plainClusterOf(environment: string, cluster: ClusterSettings): ExistingCluster {
  if (cluster.kind === "existing") return cluster;
  throw new Error(
    `environment '${environment}' has a cluster of kind '${cluster.kind}', which is not a plain one`,
  );
}

/** The context by which a cluster is reached, where its settings name one. */
export function contextOf(cluster: ClusterSettings): string | undefined {
  return cluster.kind === "existing" ? cluster.context : undefined;
}
