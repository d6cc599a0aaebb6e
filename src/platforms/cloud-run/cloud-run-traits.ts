import type { PlatformTraits } from "../platform-traits";

/** Cloud Run without its constructs. */
export const cloudRunTraits: PlatformTraits = {
  kind: "cloud-run",
  title: "Cloud Run",
  idleReplicas: 0,
  address: ({ name, environment }) => {
    const google = environment.google;
    const url = `https://${environment.name}-${name}-${google?.projectNumber}.${google?.region}.run.app`;
    const hop = {
      name: "cloud-run",
      limitSeconds: environment.cloudRun?.timeoutSeconds ?? 300,
      timeoutSeconds: environment.cloudRun?.timeoutSeconds ?? 300,
      buffers: false,
      source: "https://cloud.google.com/run/docs/configuring/request-timeout",
    };
    return { backendUrl: url, peerUrl: url, hops: [hop], peerHops: [hop] };
  },
  limits: () => [],
};
