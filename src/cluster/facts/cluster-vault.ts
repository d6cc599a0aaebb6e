import { z } from "zod";
import type { VaultTraits } from "../../environment/vault-traits";
import { kubernetesName } from "../../shapes";

/** Secrets of the cluster itself, made by its owner: any Kubernetes without a cloud around it. */
export interface ClusterVault {
  readonly kind: "kubernetes";
  readonly secrets: readonly string[];
}

export const clusterVault: VaultTraits<ClusterVault> = {
  kind: "kubernetes",
  title: "the Secrets of a cluster",
  place: "cluster",
  schema: z.strictObject({ kind: z.literal("kubernetes"), secrets: z.array(kubernetesName) }),
  holds: ({ secrets }) => secrets,
};
