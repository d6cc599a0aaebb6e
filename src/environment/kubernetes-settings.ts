/** Kubernetes in an environment. */
export interface KubernetesSettings {
  /**
   * Namespace of the agents.
   *
   * @default "agents"
   */
  readonly namespace?: string;
}
