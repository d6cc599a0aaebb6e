import type { z } from "zod";
import type { ClusterSettings } from "../../environment/environment";
import { type KubernetesSettings, kubernetesSchema } from "./kubernetes-settings";
import { type MeshSettings, meshSchema } from "./mesh-settings";

/** What a cluster adds to an environment. */
export interface ClusterEnvironment {
  /** @default {} */
  readonly kubernetes?: KubernetesSettings;

  /** Dapr between the agents. @default - no mesh */
  readonly mesh?: MeshSettings;
}

export function clusterShape(cluster: z.ZodType<ClusterSettings>) {
  return { kubernetes: kubernetesSchema(cluster).optional(), mesh: meshSchema.optional() };
}
