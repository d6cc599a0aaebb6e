import { MonitorAlertPrometheusRuleGroup } from "@cdktf/provider-azurerm/lib/monitor-alert-prometheus-rule-group";
import type { Construct } from "constructs";
import type { Environment } from "../../environment/environment";
import type { AgentWatch } from "../../parts/agent-host";
import type { PartKind } from "../../signals/part-signals";
import { agentAlerts, type PrometheusAlert, partAlerts, podMatchers } from "../../signals/prometheus-alert";
import { alertName, runbookLink } from "../../signals/signal";
import { actionGroupIds } from "../facts/action-groups";
import { SEVERITIES } from "../fleet-alerts";
import type { IResourceGroup } from "../resource-group";

export interface RuleGroupsProps {
  readonly environment: Environment;
  readonly resourceGroup: IResourceGroup;
  readonly clusterName: string;
  /** Resource id of the workspace of managed Prometheus. */
  readonly workspaceId: string;
  /** Namespace of the agents. */
  readonly namespace: string;
  /** Shared parts that run in the cluster. */
  readonly parts: readonly PartKind[];
}

/**
 * Alerts of an environment as rules of Azure's managed Prometheus: one group for what agents share, one for each agent.
 *
 * @returns what watches each agent
 */
export function ruleGroups(scope: Construct, id: string, props: RuleGroupsProps): AgentWatch {
  const { environment, resourceGroup, clusterName, workspaceId, namespace, parts } = props;
  const group = (at: Construct, name: string, subject: string, alerts: readonly PrometheusAlert[]) =>
    new MonitorAlertPrometheusRuleGroup(at, id, {
      name: `prg-${environment.prefix}-${environment.name}-${name}`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      clusterName,
      scopes: [workspaceId],
      interval: "PT1M",
      ruleGroupEnabled: true,
      rule: alerts.map((alert) => rule(alert, subject, environment)),
      tags: { ...resourceGroup.tags },
    });
  const shared = parts.flatMap((part) => partAlerts(part, `namespace="${namespace}"`));
  if (shared.length > 0) group(scope, "fleet", "fleet", shared);
  return (at, workload) => {
    const alerts = agentAlerts(workload, "kubernetes", podMatchers(namespace, workload.name));
    group(at, workload.name, workload.name, alerts);
  };
}

function rule({ signal, expression }: PrometheusAlert, subject: string, environment: Environment) {
  const { name, stage, alerts } = environment;
  const severity = stage === "development" ? "ticket" : signal.severity;
  return {
    alert: alertName(signal),
    enabled: true,
    expression,
    ...(signal.lastsMinutes === 0 ? {} : { for: `PT${signal.lastsMinutes}M` }),
    severity: SEVERITIES[severity],
    labels: { environment: name, agent: subject },
    annotations: {
      summary: `${subject}: ${signal.title}`,
      description: signal.meaning,
      runbook_url: runbookLink(signal, alerts?.runbookUrl),
    },
    action: actionGroupIds(environment).map((actionGroupId) => ({ actionGroupId })),
    alertResolution: { autoResolved: true, timeToResolve: "PT10M" },
  };
}
