import { ApplicationInsightsStandardWebTest } from "@cdktf/provider-azurerm/lib/application-insights-standard-web-test";
import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group";
import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { agentSignals } from "../signals/agent-signals";
import { alertTable } from "../signals/kql";
import { type AzureMetric, isAbsent } from "../signals/measure";
import { type PartKind, partSignals, sourceOf } from "../signals/part-signals";
import { RUNBOOK_FILE, runbookLink, type Severity, type Signal } from "../signals/signal";
import { terraformText } from "../terraform-text";
import { actionGroupIds } from "./facts/action-groups";
import { physicalNames } from "./facts/azure-names";
import type { Observability } from "./observability";
import type { IResourceGroup } from "./resource-group";

/** Azure's own figure for how bad it is: 1 is an error, 3 is information. */
export const SEVERITIES: Readonly<Record<Severity, number>> = { page: 1, ticket: 3 };

/** How often logs are asked, which is what a rule is billed by. */
const FREQUENCY: Readonly<Record<Severity, string>> = { page: "PT5M", ticket: "PT15M" };

/** Regions that ask for cards from outside, on three continents. */
const TEST_LOCATIONS = ["us-va-ash-azr", "emea-nl-ams-azr", "apac-sg-sin-azr"];

export interface FleetAlertsProps {
  readonly environment: Environment;
  readonly resourceGroup: IResourceGroup;
  readonly observability: Observability;
}

/**
 * Alerts of an environment on Azure, and who is told. What agents send is asked for in the workspace, by one rule for what
 * wakes somebody and one for what doesn't; what Azure measures itself are metric alerts.
 */
export class FleetAlerts extends Construct {
  private readonly props: FleetAlertsProps;
  private readonly groups: readonly string[];
  private readonly stem: string;

  constructor(scope: Construct, id: string, props: FleetAlertsProps) {
    super(scope, id);
    this.props = props;
    const { environment, resourceGroup } = props;
    const { name, prefix, alerts } = environment;
    this.stem = `${prefix}-${name}`;
    const ids = actionGroupIds(environment);
    if (alerts?.email === undefined || alerts.email.length === 0) {
      this.groups = ids;
      return;
    }
    const group = new MonitorActionGroup(this, "resource", {
      name: physicalNames(environment).actionGroup,
      resourceGroupName: resourceGroup.name,
      shortName: name.slice(0, 12),
      emailReceiver: alerts.email.map((emailAddress) => ({
        name: emailAddress,
        emailAddress,
        useCommonAlertSchema: true,
      })),
      tags: { ...resourceGroup.tags },
    });
    this.node.defaultChild = group;
    this.groups = [group.id, ...ids.slice(1)];
  }

  /** Makes the alerts of an agent that is a container app, under the agent's own scope. */
  watchApp(scope: Construct, workload: AgentWorkload): void {
    const { environment } = this.props;
    // What a collector of somebody else's does with metrics nobody here knows.
    if (environment.telemetry?.existingEndpoint === undefined) {
      for (const severity of ["page", "ticket"] as const) this.askLogs(scope, workload, severity);
    }
    const app = scope.node.defaultChild as { readonly id?: string } | undefined;
    for (const signal of agentSignals) {
      const { measure } = signal;
      const threshold = signal.threshold(workload);
      if (measure.kind !== "platform" || typeof threshold !== "number" || app?.id === undefined) continue;
      const source = measure.source["container-apps"];
      if (isAbsent(source)) continue;
      this.watchMetric(scope, signal, {
        subject: workload.name,
        resourceId: app.id,
        source,
        threshold: source.isPercent === true ? threshold * 100 : threshold,
      });
    }
    this.testCard(scope, workload);
  }

  /** Makes the alerts about a part that agents share. */
  watchPart(part: PartKind, subject: string, resourceId: string): void {
    const scope = new Construct(this, subject);
    for (const signal of partSignals) {
      const source = sourceOf(signal, part);
      if (source === undefined || isAbsent(source)) continue;
      if ("metric" in source) {
        this.watchMetric(scope, signal, { subject, resourceId, source, threshold: source.threshold });
      } else if ("kql" in source) {
        this.rule(scope, signal.id, {
          name: `${subject}-${signal.id}`,
          severity: signal.severity,
          title: `${subject}: ${signal.title}`,
          description: `${signal.meaning} ${runbookLink(signal, environmentRunbook(this.props.environment))}`,
          query: source.kql,
          threshold: source.threshold,
          minutes: source.windowMinutes,
          dimensions: [],
        });
      }
    }
  }

  private askLogs(scope: Construct, workload: AgentWorkload, severity: Severity): void {
    const { environment } = this.props;
    const agent = { definition: workload.definition, name: workload.name, environment: environment.name };
    const tables = agentSignals.flatMap((signal) => {
      const threshold = signal.threshold(workload);
      const { measure } = signal;
      if (signal.severity !== severity || typeof threshold !== "number" || measure.kind === "platform")
        return [];
      const table = alertTable(measure, threshold, agent, signal.lastsMinutes);
      return [`(${table}\n| extend Signal = "${signal.id}")`];
    });
    const runbook = environmentRunbook(environment) ?? RUNBOOK_FILE;
    this.rule(scope, `alerts-${severity}`, {
      name: `${workload.name}-${severity}`,
      severity,
      title: `${workload.name}: ${severity === "page" ? "fails" : "needs a look"}`,
      description: `The dimension Signal says what it is, the dimension Runbook where to read what to do (${runbook}).`,
      query: `union\n${tables.join(",\n")}\n| extend Runbook = strcat("${runbook}#", Signal)`,
      threshold: 0,
      minutes: severity === "page" ? 5 : 15,
      reachesBack: severity === "page" ? "PT1H" : "PT6H",
      dimensions: ["Signal", "Runbook"],
    });
  }

  private rule(
    scope: Construct,
    id: string,
    rule: {
      readonly name: string;
      readonly severity: Severity;
      readonly title: string;
      readonly description: string;
      readonly query: string;
      /** Rows above which it fires. */
      readonly threshold: number;
      readonly minutes: number;
      /** How far back the query itself looks, where that is further. */
      readonly reachesBack?: string;
      readonly dimensions: readonly string[];
    },
  ): void {
    const { resourceGroup, observability } = this.props;
    new MonitorScheduledQueryRulesAlertV2(scope, id, {
      name: `sqr-${this.stem}-${rule.name}`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      displayName: rule.title,
      description: rule.description,
      severity: this.severityOf(rule.severity),
      scopes: [observability.workspaceId],
      evaluationFrequency: FREQUENCY[rule.severity],
      windowDuration: rule.minutes === 60 ? "PT1H" : `PT${rule.minutes}M`,
      queryTimeRangeOverride: rule.reachesBack,
      criteria: [
        {
          query: terraformText(rule.query),
          timeAggregationMethod: "Count",
          operator: "GreaterThan",
          threshold: rule.threshold,
          dimension: rule.dimensions.map((name) => ({ name, operator: "Include", values: ["*"] })),
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      autoMitigationEnabled: true,
      // Tables come to be with their first line, which no agent has written yet.
      skipQueryValidation: true,
      action: this.groups.length === 0 ? undefined : { actionGroups: [...this.groups] },
      tags: { ...resourceGroup.tags },
    });
  }

  private watchMetric(
    scope: Construct,
    signal: Signal,
    watched: {
      readonly subject: string;
      readonly resourceId: string;
      readonly source: AzureMetric;
      readonly threshold: number;
    },
  ): void {
    const { environment, resourceGroup } = this.props;
    const { subject, resourceId, source, threshold } = watched;
    const { namespace, metric, aggregation, windowMinutes, dimensions = {} } = source;
    new MonitorMetricAlert(scope, `alert-${signal.id}`, {
      name: `ma-${this.stem}-${subject}-${signal.id}`,
      resourceGroupName: resourceGroup.name,
      scopes: [resourceId],
      description: `${subject}: ${signal.title}. ${signal.meaning} ${runbookLink(signal, environmentRunbook(environment))}`,
      severity: this.severityOf(signal.severity),
      frequency: windowMinutes === 5 ? "PT1M" : "PT5M",
      windowSize: windowMinutes === 60 ? "PT1H" : `PT${windowMinutes}M`,
      criteria: [
        {
          metricNamespace: namespace,
          metricName: metric,
          aggregation,
          operator: "GreaterThan",
          threshold,
          dimension: Object.entries(dimensions).map(([name, values]) => ({
            name,
            operator: "Include",
            values: [...values],
          })),
          // A metric is there once it was measured for the first time.
          skipMetricValidation: true,
        },
      ],
      action: this.groups.map((actionGroupId) => ({ actionGroupId })),
      tags: { ...resourceGroup.tags },
    });
  }

  /** Has an agent's card asked for from outside, where people come from there. */
  private testCard(scope: Construct, { name, reach, customerFacing, route }: AgentWorkload): void {
    const { environment, resourceGroup, observability } = this.props;
    const isOpen = reach === "internet" || environment.gateway !== undefined;
    if (!customerFacing || !isOpen) return;
    const test = new ApplicationInsightsStandardWebTest(scope, "card-test", {
      name: `wt-${this.stem}-${name}`,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      applicationInsightsId: observability.applicationInsightsId,
      description: `Reads the card of ${name} from outside`,
      enabled: true,
      // Each request is billed.
      frequency: 900,
      timeout: 30,
      retryEnabled: true,
      geoLocations: TEST_LOCATIONS,
      request: {
        url: `${route.publicUrl}.well-known/agent-card.json`,
        httpVerb: "GET",
        followRedirectsEnabled: false,
        parseDependentRequestsEnabled: false,
      },
      validationRules: { expectedStatusCode: 200, sslCheckEnabled: true, sslCertRemainingLifetime: 14 },
      tags: { ...resourceGroup.tags },
    });
    const signal = agentSignals.find(({ id }) => id === "card-unreachable");
    if (signal === undefined) return;
    new MonitorMetricAlert(scope, "alert-card-unreachable", {
      name: `ma-${this.stem}-${name}-card-unreachable`,
      resourceGroupName: resourceGroup.name,
      scopes: [test.id, observability.applicationInsightsId],
      description: `${name}: ${signal.title}. ${signal.meaning} ${runbookLink(signal, environmentRunbook(environment))}`,
      severity: this.severityOf(signal.severity),
      frequency: "PT5M",
      windowSize: "PT30M",
      applicationInsightsWebTestLocationAvailabilityCriteria: {
        componentId: observability.applicationInsightsId,
        webTestId: test.id,
        failedLocationCount: 2,
      },
      action: this.groups.map((actionGroupId) => ({ actionGroupId })),
      tags: { ...resourceGroup.tags },
    });
  }

  /** Nobody is woken for a development environment. */
  private severityOf(severity: Severity): number {
    return SEVERITIES[this.props.environment.stage === "development" ? "ticket" : severity];
  }
}

function environmentRunbook({ alerts }: Environment): string | undefined {
  return alerts?.runbookUrl;
}
