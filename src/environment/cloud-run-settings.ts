/** Cloud Run in an environment. */
export interface CloudRunSettings {
  /**
   * Longest request, in seconds, 1 to 3600 (Cloud Run's limit).
   *
   * @default 300
   */
  readonly timeoutSeconds?: number;
}
