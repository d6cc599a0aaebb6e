import type { AgentWorkload } from "../../agent/agent-workload";
import type { Check } from "../checklist-item";
import { resourcesOf } from "../finished-agents";
import { atStake } from "./finished-agents";

/** Terraform types that an alert is made with. */
const ALERTS = [
  "azurerm_monitor_scheduled_query_rules_alert_v2",
  "azurerm_monitor_metric_alert",
  "azurerm_monitor_alert_prometheus_rule_group",
  "google_monitoring_alert_policy",
];

/** Somebody is told of a thing that goes on for a while: an alert, on whatever cloud, that speaks of it. */
export function alertsOn(what: string, speaksOf: RegExp): Check {
  return (subject) => {
    const alerts = [
      ...ALERTS.flatMap((type) => resourcesOf(subject.stacks, type)),
      ...resourcesOf(subject.stacks, "helm_release").filter(({ arguments: each }) =>
        /PrometheusRule/.test(JSON.stringify(each)),
      ),
    ];
    if (alerts.some(({ arguments: each }) => speaksOf.test(JSON.stringify(each)))) return [];
    return [
      {
        level: atStake(subject),
        message: `environment '${subject.environment.name}': no alert speaks of ${what}; add one where the fleet is watched`,
      },
    ];
  };
}

/** Dapr's control plane gives every sidecar a certificate and takes no call without one. */
export const meshUsesMutualTls: Check = (subject) =>
  resourcesOf(subject.stacks, "helm_release")
    .filter(({ arguments: { chart } }) => chart === "dapr")
    .filter(
      ({ arguments: each }) => !/"mtls":\s*\{[^}]*"enabled":\s*true/.test(String([each.values].flat()[0])),
    )
    .map(({ address }) => ({
      level: "error" as const,
      address,
      message: `environment '${subject.environment.name}': the mesh has no mutual TLS; turn global.mtls.enabled on`,
    }));

/** More requests start more replicas, up to what the agent says. */
export const scalesOut: Check = (subject) =>
  subject.workloads
    .filter(({ minReplicas, maxReplicas }) => maxReplicas === minReplicas)
    .map(({ name, maxReplicas }: AgentWorkload) => ({
      level: "note" as const,
      agent: name,
      message: `agent '${name}': it stays at ${maxReplicas} ${maxReplicas === 1 ? "replica" : "replicas"} whatever its load; that is fine where it is meant`,
    }));
