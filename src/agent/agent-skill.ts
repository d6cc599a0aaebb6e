/** One thing that an agent can do, as its card says it. */
export interface AgentSkill {
  /** Stable id: callers and scopes name it. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Keywords; at least one (A2A 1.0 requires the field). */
  readonly tags: readonly string[];
  /** @default - none */
  readonly examples?: readonly string[];
  /**
   * Role that a caller needs for this skill besides the agent's own.
   *
   * @default - the agent's role is enough
   */
  readonly requiredRole?: string;
}
