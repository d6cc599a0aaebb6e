import { LoggingMetric } from "@cdktf/provider-google/lib/logging-metric";
import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { MonitoringDashboard } from "@cdktf/provider-google/lib/monitoring-dashboard";
import { MonitoringNotificationChannel } from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { MonitoringUptimeCheckConfig } from "@cdktf/provider-google/lib/monitoring-uptime-check-config";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import { hasAlerts } from "../environment/alert-settings";
import type { Environment } from "../environment/environment";
import { agentSignals } from "../signals/agent-signals";
import { isAbsent } from "../signals/measure";
import type { PartKind } from "../signals/part-signals";
import { agentAlerts, type PrometheusAlert, partAlerts } from "../signals/prometheus-alert";
import { valueExpression } from "../signals/promql";
import { alertName, runbookLink, type Signal } from "../signals/signal";
import { terraformText } from "../terraform-text";
import { googleNames } from "./facts/google-names";
import type { IGoogleProject } from "./google-project";

const SEVERITIES = { page: "CRITICAL", ticket: "WARNING" } as const;

/** Filters of the dashboard put themselves here: a label and its value. */
const CHOSEN = "${agent}";

export interface GoogleAlertsProps {
  readonly environment: Environment;
  readonly project: IGoogleProject;
}

/**
 * Alerts of an environment on Google, who is told, and a dashboard. Google asks its own metrics and those that agents send
 * in Prometheus's language.
 */
export class GoogleAlerts extends Construct {
  private readonly props: GoogleAlertsProps;
  private readonly channels: readonly string[];

  constructor(scope: Construct, id: string, props: GoogleAlertsProps) {
    super(scope, id);
    this.props = props;
    const { environment, project } = props;
    const { alerts = {}, name } = environment;
    this.showFleet();
    const own = (alerts.email ?? []).map(
      (address, index) =>
        new MonitoringNotificationChannel(this, `email-${index}`, {
          project: project.id,
          displayName: `${name}: ${address}`,
          type: "email",
          labels: { email_address: address },
          userLabels: { ...project.labels },
          // Policies that name it go first; what somebody added by hand must not hold it.
          forceDelete: true,
          dependsOn: [...project.readyAfter],
        }),
    );
    this.channels = [...own.map((channel) => channel.name), ...(alerts.notificationChannels ?? [])];
  }

  /** Ids of the channels that are told. */
  get notificationChannels(): readonly string[] {
    return this.channels;
  }

  /** Makes the alerts of an agent, under the agent's own scope. */
  watchAgent(scope: Construct, workload: AgentWorkload): void {
    const { environment } = this.props;
    if (!hasAlerts(environment)) return;
    const service = googleNames(environment).service(workload.name);
    // The collector beside it has its job from the platform: the service's name.
    const alerts = agentAlerts(workload, "cloud-run", {
      own: `job="${service}"`,
      platform: `service_name="${service}"`,
    });
    const keepsToItself = environment.telemetry?.existingEndpoint !== undefined;
    for (const alert of alerts) {
      // What a collector of somebody else's does with metrics nobody here knows.
      if (keepsToItself && alert.expression.includes("a2a_")) continue;
      this.policy(scope, workload.name, alert);
    }
    this.testCard(scope, workload);
  }

  /** Makes the alerts about a part that agents share. */
  watchPart(part: PartKind, subject: string, matcher: string): void {
    if (!hasAlerts(this.props.environment)) return;
    const scope = new Construct(this, subject);
    for (const alert of partAlerts(part, matcher)) this.policy(scope, subject, alert);
  }

  private policy(scope: Construct, subject: string, { signal, expression }: PrometheusAlert): void {
    const { environment, project } = this.props;
    new MonitoringAlertPolicy(scope, `alert-${signal.id}`, {
      ...this.about(signal, subject),
      conditions: [
        {
          displayName: signal.title,
          conditionPrometheusQueryLanguage: {
            query: terraformText(expression),
            duration: `${signal.lastsMinutes * 60}s`,
            evaluationInterval: "60s",
            alertRule: alertName(signal),
            ruleGroup: `${environment.name}-${subject}`,
            // A metric is there once it was measured for the first time.
            disableMetricValidation: true,
          },
        },
      ],
      dependsOn: [...project.readyAfter],
    });
  }

  /** What every policy says, and whom it tells. */
  private about(signal: Signal, subject: string) {
    const { environment, project } = this.props;
    const { name, stage, alerts } = environment;
    const link = runbookLink(signal, alerts?.runbookUrl);
    return {
      project: project.id,
      displayName: `${name} ${subject}: ${signal.title}`,
      combiner: "OR",
      severity: SEVERITIES[stage === "development" ? "ticket" : signal.severity],
      notificationChannels: [...this.channels],
      userLabels: { ...project.labels, agent: subject, signal: signal.id },
      documentation: {
        mimeType: "text/markdown",
        content: terraformText(
          `${signal.meaning}\n\nToo much: ${signal.thresholdInWords}.\n\nRunbook: ${link}`,
        ),
      },
      alertStrategy: { autoClose: "86400s" },
    };
  }

  /** Has an agent's card asked for from outside, where people come from there. */
  private testCard(scope: Construct, { name, reach, customerFacing, route }: AgentWorkload): void {
    const { environment, project } = this.props;
    const signal = agentSignals.find(({ id }) => id === "card-unreachable");
    if (signal === undefined || !customerFacing || reach !== "internet" || environment.gateway !== undefined)
      return;
    const { hostname, pathname } = new URL(route.publicUrl);
    const check = new MonitoringUptimeCheckConfig(scope, "card-check", {
      project: project.id,
      displayName: `${environment.name} ${name}: card`,
      timeout: "30s",
      period: "900s",
      httpCheck: {
        path: `${pathname}.well-known/agent-card.json`,
        port: 443,
        useSsl: true,
        validateSsl: true,
        acceptedResponseStatusCodes: [{ statusValue: 200 }],
      },
      monitoredResource: { type: "uptime_url", labels: { project_id: project.id, host: hostname } },
      userLabels: { ...project.labels },
      dependsOn: [...project.readyAfter],
    });
    new MonitoringAlertPolicy(scope, "alert-card-unreachable", {
      ...this.about(signal, name),
      conditions: [
        {
          displayName: signal.title,
          conditionThreshold: {
            filter: `metric.type="monitoring.googleapis.com/uptime_check/check_passed" AND resource.type="uptime_url" AND metric.labels.check_id="${check.uptimeCheckId}"`,
            comparison: "COMPARISON_GT",
            thresholdValue: 1,
            duration: "900s",
            aggregations: [
              {
                alignmentPeriod: "1200s",
                perSeriesAligner: "ALIGN_NEXT_OLDER",
                crossSeriesReducer: "REDUCE_COUNT_FALSE",
                groupByFields: ["resource.label.host"],
              },
            ],
            trigger: { count: 1 },
          },
        },
      ],
    });
  }

  /** A dashboard that lists agents by what they send, and the errors in their logs as a figure of it. */
  private showFleet(): void {
    const { environment, project } = this.props;
    const { name } = environment;
    const errors = new LoggingMetric(this, "errors", {
      project: project.id,
      name: `${name}-errors`,
      description: "Lines of agents' logs with level error",
      filter: `resource.type="cloud_run_revision" AND resource.labels.service_name=~"^${name}-" AND jsonPayload.level="error"`,
      metricDescriptor: {
        metricKind: "DELTA",
        valueType: "INT64",
        unit: "1",
        labels: [{ key: "job", valueType: "STRING", description: "Service of the agent" }],
      },
      labelExtractors: { job: "EXTRACT(resource.labels.service_name)" },
      dependsOn: [...project.readyAfter],
    });
    const panels = [
      {
        title: "Errors in logs",
        query: `sum(increase(logging_googleapis_com:user_${name}_errors{monitored_resource="cloud_run_revision",${CHOSEN}}[5m]))`,
      },
      ...agentSignals.flatMap(({ title, measure }) => {
        if (measure.kind !== "platform") return [{ title, query: valueExpression(measure, CHOSEN) }];
        const source = measure.source["cloud-run"];
        return isAbsent(source)
          ? []
          : [{ title, query: source.promql(`service_name="${CHOSEN.replace("}", ".value}")}"`) }];
      }),
    ];
    this.node.defaultChild = new MonitoringDashboard(this, "resource", {
      project: project.id,
      dashboardJson: terraformText(JSON.stringify(dashboard(name, panels))),
      dependsOn: [errors, ...project.readyAfter],
    });
  }
}

/** @see https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards */
function dashboard(
  environment: string,
  panels: readonly { readonly title: string; readonly query: string }[],
) {
  const [width, height, columns] = [16, 14, 3];
  return {
    displayName: `A2A agents: ${environment}`,
    dashboardFilters: [
      {
        filterType: "METRIC_LABEL",
        labelKey: "job",
        templateVariable: "agent",
        stringValue: "",
        valueType: "STRING",
      },
    ],
    mosaicLayout: {
      columns: width * columns,
      tiles: panels.map(({ title, query }, index) => ({
        xPos: (index % columns) * width,
        yPos: Math.floor(index / columns) * height,
        width,
        height,
        widget: {
          title,
          xyChart: {
            dataSets: [{ plotType: "LINE", timeSeriesQuery: { prometheusQuery: query } }],
          },
        },
      })),
    },
  };
}
