import { z } from "zod";
import { text } from "../../environment/shapes";
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
  scraper: { namespace: "monitoring", apiVersion: "monitoring.coreos.com/v1" },
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
  apiServer: () => ({ cidr: "10.0.0.0/8", port: 6443 }),
};
