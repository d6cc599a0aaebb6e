import { agentSignals } from "./agent-signals";
import { isAbsent } from "./measure";
import { valueExpression } from "./promql";
import { runbookLink } from "./signal";

const PANELS_IN_A_ROW = 3;
const PANEL_WIDTH = 24 / PANELS_IN_A_ROW;
const PANEL_HEIGHT = 7;

/**
 * A dashboard of Grafana with every signal of one agent, which is chosen above it: whatever agents send metrics are in
 * the list.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function fleetDashboard(
  { name, alerts }: { readonly name: string; readonly alerts?: { readonly runbookUrl?: string } },
  namespace: string,
) {
  const datasource = { type: "prometheus", uid: "${datasource}" };
  const matcher = `namespace="${namespace}",pod=~"$agent-[a-z0-9]+-[a-z0-9]+"`;
  return {
    uid: `a2a-${name}`,
    title: `A2A agents: ${name}`,
    tags: ["a2a-fleet"],
    schemaVersion: 39,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus" },
        {
          name: "agent",
          type: "query",
          datasource,
          query: `label_values(a2a_active_tasks{namespace="${namespace}"}, pod)`,
          regex: "/^(.+)-[a-z0-9]+-[a-z0-9]+$/",
          refresh: 2,
        },
      ],
    },
    panels: agentSignals
      .flatMap((signal) => {
        const { measure } = signal;
        const { kubernetes } = measure.kind === "platform" ? measure.source : { kubernetes: undefined };
        if (kubernetes !== undefined && isAbsent(kubernetes)) return [];
        const expr =
          measure.kind === "platform" ? kubernetes?.promql(matcher) : valueExpression(measure, matcher);
        return expr === undefined ? [] : [{ signal, expr }];
      })
      .map(({ signal, expr }, index) => ({
        id: index + 1,
        type: "timeseries",
        title: signal.title,
        description: `${signal.meaning} Unit: ${signal.unit}. Too much: ${signal.thresholdInWords}.`,
        datasource,
        gridPos: {
          x: (index % PANELS_IN_A_ROW) * PANEL_WIDTH,
          y: Math.floor(index / PANELS_IN_A_ROW) * PANEL_HEIGHT,
          w: PANEL_WIDTH,
          h: PANEL_HEIGHT,
        },
        targets: [{ refId: "A", datasource, expr, legendFormat: signal.id }],
        links: [{ title: "Runbook", url: runbookLink(signal, alerts?.runbookUrl) }],
      })),
  };
}
