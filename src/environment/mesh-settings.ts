/** Dapr between the agents: mutual TLS from sidecar to sidecar. */
export interface MeshSettings {
  readonly kind: "dapr";
}
