/** Facts about an environment that a stack has and plain data does not. */
export interface EnvironmentFacts {
  /**
   * Default domain of the Container Apps environment; in a stack a reference to it.
   *
   * @default "<known after deploy>"
   */
  readonly containerAppsDomain?: string;
}
