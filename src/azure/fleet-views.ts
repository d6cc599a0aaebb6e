import { ApplicationInsightsWorkbook } from "@cdktf/provider-azurerm/lib/application-insights-workbook";
import { LogAnalyticsQueryPack } from "@cdktf/provider-azurerm/lib/log-analytics-query-pack";
import { LogAnalyticsQueryPackQuery } from "@cdktf/provider-azurerm/lib/log-analytics-query-pack-query";
import { Construct } from "constructs";
import { derivedUuid } from "../derived-uuid";
import type { Environment } from "../environment/environment";
import { savedQueries } from "../signals/queries";
import { terraformText } from "../terraform-text";
import { physicalNames } from "./facts/azure-names";
import type { Observability } from "./observability";
import type { IResourceGroup } from "./resource-group";
import { fleetWorkbook } from "./workbook";

export interface FleetViewsProps {
  readonly environment: Environment;
  readonly resourceGroup: IResourceGroup;
  readonly observability: Observability;
}

/** Where people look: a workbook of the fleet, and the runbook's queries under their names. Neither costs anything. */
export class FleetViews extends Construct {
  constructor(scope: Construct, id: string, { environment, resourceGroup, observability }: FleetViewsProps) {
    super(scope, id);
    const names = physicalNames(environment);
    const place = { resourceGroupName: resourceGroup.name, location: resourceGroup.location };
    const tags = { ...resourceGroup.tags };
    const workbook = fleetWorkbook(observability.workspaceId, environment.alerts?.runbookUrl);
    this.node.defaultChild = new ApplicationInsightsWorkbook(this, "resource", {
      name: derivedUuid(`${names.queryPack}#workbook`),
      ...place,
      displayName: `A2A agents: ${environment.name}`,
      category: "workbook",
      dataJson: JSON.stringify(workbook),
      tags,
    });
    const pack = new LogAnalyticsQueryPack(this, "queries", { name: names.queryPack, ...place, tags });
    for (const { name, title, kql } of savedQueries) {
      new LogAnalyticsQueryPackQuery(this, name, {
        queryPackId: pack.id,
        name: derivedUuid(`${names.queryPack}#${name}`),
        displayName: `${name}: ${title}`,
        body: terraformText(kql),
        categories: ["applications"],
      });
    }
  }
}
