import type { Measure, Selection } from "./measure";

/**
 * What is wrong about an agent, as an expression that has a value while it is.
 *
 * @param own what selects the metrics that the agent sends, without braces
 */
export function alertExpression(
  measure: Exclude<Measure, { kind: "platform" }>,
  threshold: number,
  own: string,
): string {
  if (measure.kind !== "share") return `${valueExpression(measure, own)} > ${threshold}`;
  const { of, windowsMinutes, least } = measure;
  const longest = Math.max(...windowsMinutes);
  return [
    ...windowsMinutes.map((window) => `${share(measure, own, window)} > ${threshold}`),
    `${increase(of, own, longest)} >= ${least}`,
  ].join(" and ");
}

/** The figure itself, for panels. */
export function valueExpression(measure: Exclude<Measure, { kind: "platform" }>, own: string): string {
  switch (measure.kind) {
    case "share":
      return share(measure, own, Math.max(...measure.windowsMinutes));
    case "count":
      return increase(measure.of, own, measure.windowMinutes);
    case "p95": {
      const { metric, labels } = measure.of;
      const buckets = series({ metric: `${metric}_bucket`, labels }, own);
      return `histogram_quantile(0.95, sum by (le) (rate(${buckets}[${measure.windowMinutes}m])))`;
    }
    case "highest":
      return `max(${series(measure, own)})`;
    case "total":
      return `sum(${series(measure, own)})`;
  }
}

function share({ of, among }: Extract<Measure, { kind: "share" }>, own: string, window: number): string {
  return `${increase(of, own, window)} / ${increase(among, own, window)}`;
}

function increase(selection: Selection, own: string, minutes: number): string {
  return `sum(increase(${series(selection, own)}[${minutes}m]))`;
}

function series({ metric, labels = {} }: Selection, own: string): string {
  const chosen = Object.entries(labels).map(([label, values]) => `${label}=~"${values.join("|")}"`);
  return `${metric}{${[own, ...chosen].join(",")}}`;
}
