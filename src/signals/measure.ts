/** Something that agents count or gauge themselves: a metric of the contract with images, and values of its labels. */
export interface Selection {
  readonly metric: string;
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What is measured of an agent, in a language of no vendor: every platform's query is written from it. Each gives one
 * figure, which is compared with a threshold.
 */
export type Measure =
  /** Share of the one among the other, in all of some windows at once; nothing where the longest has fewer than `least`. */
  | {
      readonly kind: "share";
      readonly of: Selection;
      readonly among: Selection;
      readonly windowsMinutes: readonly number[];
      readonly least: number;
    }
  /** How many there were. */
  | { readonly kind: "count"; readonly of: Selection; readonly windowMinutes: number }
  /** A duration in seconds that 95 of 100 keep within. */
  | { readonly kind: "p95"; readonly of: Selection; readonly windowMinutes: number }
  /** The highest of its replicas, now. */
  | { readonly kind: "highest"; readonly metric: string }
  /** The highest of those replicas that are younger than the window. */
  | { readonly kind: "newest"; readonly metric: string; readonly windowMinutes: number }
  /** All of its replicas together, now. */
  | { readonly kind: "total"; readonly metric: string }
  /** What the platform measures, by its own names. */
  | { readonly kind: "platform"; readonly source: PlatformSource };

/** Where each platform has what it measures itself, or why it has not. */
export interface PlatformSource {
  readonly kubernetes: PrometheusSource | Absent;
  readonly "container-apps": AzureMetric | Absent;
  readonly "cloud-run": PrometheusSource | Absent;
}

/** An expression of Prometheus. */
export interface PrometheusSource {
  /** @param matcher what selects the agent, without braces */
  readonly promql: (matcher: string) => string;
}

/** A metric that Azure keeps of a resource. @see https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index */
export interface AzureMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly aggregation: "Average" | "Count" | "Maximum" | "Minimum" | "Total";
  readonly windowMinutes: 5 | 15 | 30 | 60;
  readonly dimensions?: Readonly<Record<string, readonly string[]>>;
  /** Whether it is in percent where the signal is a share. @default false */
  readonly isPercent?: boolean;
}

/** Why there is nothing. */
export interface Absent {
  readonly absent: string;
}

export function isAbsent(value: object): value is Absent {
  return "absent" in value;
}
