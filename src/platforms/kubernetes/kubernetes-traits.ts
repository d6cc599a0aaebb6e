import type { PlatformTraits } from "../platform-traits";

/** Kubernetes without its constructs. */
export const kubernetesTraits: PlatformTraits = {
  kind: "kubernetes",
  title: "Kubernetes",
  idleReplicas: 1,
  address: ({ name, environment }) => {
    const namespace = environment.kubernetes?.namespace ?? "agents";
    const peerUrl =
      environment.mesh === undefined
        ? `http://${name}.${namespace}.svc.cluster.local`
        : `http://127.0.0.1:3500/v1.0/invoke/${name}.${namespace}/method`;
    return { backendUrl: `https://agents.${environment.domain}/${name}`, peerUrl, hops: [], peerHops: [] };
  },
  limits: () => [],
};
