/** What makes replicas of an agent come and go between its fewest and its most. */
export type ScalingRule = HttpScaling | ActiveTaskScaling | ResourceScaling | EventScaling;

/** Open requests. Counts open streams, not work. */
export interface HttpScaling {
  readonly kind: "http";
  /** Requests that one replica serves at a time. */
  readonly concurrentRequests: number;
}

/** Tasks being worked on, from the agent's own `a2a_active_tasks` metric: the best measure where it can be read. */
export interface ActiveTaskScaling {
  readonly kind: "active-tasks";
  /** Average of active tasks that one replica is given. */
  readonly tasksPerReplica: number;
}

/** CPU and memory in use, as percentages of what is requested. */
export interface ResourceScaling {
  readonly kind: "resources";
  readonly cpuPercent: number;
  /** @default - memory isn't looked at */
  readonly memoryPercent?: number;
}

/** Any KEDA scaler, by the vendor's names. */
export interface EventScaling {
  readonly kind: "event";
  /** KEDA scaler type, for example `redis-streams`. @see https://keda.sh/docs/scalers/ */
  readonly scaler: string;
  /** The scaler's settings; KEDA takes strings only. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Scaler parameters that are secrets: parameter to secret name, one of the agent's own secrets.
   *
   * @default {}
   */
  readonly authentication?: Readonly<Record<string, string>>;
}
