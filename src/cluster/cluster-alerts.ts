import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { hasAlerts } from "../environment/alert-settings";
import type { Environment } from "../environment/environment";
import type { AgentWatch } from "../parts/agent-host";
import { fleetDashboard } from "../signals/grafana";
import type { PartKind } from "../signals/part-signals";
import { agentAlerts, type PrometheusAlert, partAlerts, podMatchers } from "../signals/prometheus-alert";
import { alertName, runbookLink } from "../signals/signal";
import { terraformText } from "../terraform-text";
import type { AlertingRule } from "./custom-resources";
import type { ClusterLayout } from "./facts/cluster-layout";
import { KubernetesResources } from "./kubernetes-resources";

export interface ClusterAlertsProps {
  readonly environment: Environment;
  readonly layout: ClusterLayout;
  readonly dependsOn: readonly ITerraformDependable[];
  /** Shared parts that run in the cluster. */
  readonly parts: readonly PartKind[];
}

/**
 * Alerts of an environment as rules of the cluster's own Prometheus, and a dashboard for the Grafana beside it. Who is told
 * is the business of its Alertmanager: alerts carry `severity`, `environment`, `agent`.
 *
 * @returns what watches each agent, or nothing where the cluster's Prometheus knows no such rules.
 */
export function clusterAlerts(scope: Construct, props: ClusterAlertsProps): AgentWatch | undefined {
  const { environment, layout, parts, dependsOn } = props;
  const { namespace, podMonitors, podMonitorApiVersion } = layout;
  if (!podMonitors || podMonitorApiVersion !== "monitoring.coreos.com/v1") return undefined;
  // Grafana's own sidecar finds it by this label, in whatever namespace.
  new ConfigMapV1(scope, "dashboard", {
    metadata: { name: "fleet-dashboard", namespace, labels: { grafana_dashboard: "1" } },
    data: { "fleet.json": terraformText(JSON.stringify(fleetDashboard(environment, namespace))) },
    dependsOn: [...dependsOn],
  });
  if (!hasAlerts(environment)) return undefined;
  const rules = (
    id: string,
    at: Construct,
    name: string,
    subject: string,
    alerts: readonly PrometheusAlert[],
  ) =>
    new KubernetesResources(at, id, {
      name,
      namespace,
      resources: [
        {
          apiVersion: "monitoring.coreos.com/v1",
          kind: "PrometheusRule",
          metadata: { name },
          spec: {
            groups: [{ name, rules: alerts.map((alert) => alertingRule(alert, subject, environment)) }],
          },
        },
      ],
      dependsOn: [...dependsOn],
    });
  const shared = parts.flatMap((part) => partAlerts(part, `namespace="${namespace}"`));
  if (shared.length > 0) rules("parts", scope, "fleet--alerts", "fleet", shared);
  return (at, workload) => {
    const alerts = agentAlerts(workload, "kubernetes", podMatchers(namespace, workload.name));
    rules("alerts", at, `${workload.name}--alerts`, workload.name, alerts);
  };
}

/** An alert as Prometheus has it. */
export function alertingRule(
  { signal, expression }: PrometheusAlert,
  subject: string,
  { name, alerts }: Pick<Environment, "name" | "alerts">,
): AlertingRule {
  const { lastsMinutes, severity, title, meaning } = signal;
  return {
    alert: alertName(signal),
    expr: expression,
    ...(lastsMinutes === 0 ? {} : { for: `${lastsMinutes}m` }),
    labels: { severity, environment: name, agent: subject },
    annotations: {
      summary: `${subject}: ${title}`,
      description: meaning,
      runbook_url: runbookLink(signal, alerts?.runbookUrl),
    },
  };
}
