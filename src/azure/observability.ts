import { ApplicationInsights } from "@cdktf/provider-azurerm/lib/application-insights";
import { DataAzurermLogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/data-azurerm-log-analytics-workspace";
import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import { Construct } from "constructs";
import type { IResourceGroup } from "./resource-group";

export interface ObservabilityProps {
  readonly resourceGroup: IResourceGroup;
  readonly workspaceName: string;
  readonly applicationInsightsName: string;
  /** Days that logs are kept, 30 to 730. @default 30 */
  readonly retentionDays?: number;
  /** A workspace that exists, in which everything is kept. @default - one is created */
  readonly existingWorkspace?: { readonly name: string; readonly resourceGroup: string };
  /** @default true */
  readonly deletionProtection?: boolean;
}

/** Where logs, traces and metrics are kept: a Log Analytics workspace, and Application Insights on it. */
export class Observability extends Construct {
  /** Resource id of the workspace. */
  readonly workspaceId: string;
  /** Connection string of Application Insights: secret, a reference into state. */
  readonly connectionString: string;
  /** Resource id of Application Insights. */
  readonly applicationInsightsId: string;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { resourceGroup, retentionDays = 30, existingWorkspace, deletionProtection = true } = props;
    const place = { resourceGroupName: resourceGroup.name, location: resourceGroup.location };
    const tags = { ...resourceGroup.tags };
    const lifecycle = { preventDestroy: deletionProtection };
    this.workspaceId =
      existingWorkspace === undefined
        ? new LogAnalyticsWorkspace(this, "workspace", {
            name: props.workspaceName,
            ...place,
            sku: "PerGB2018",
            retentionInDays: retentionDays,
            tags,
            lifecycle,
          }).id
        : new DataAzurermLogAnalyticsWorkspace(this, "workspace", {
            name: existingWorkspace.name,
            resourceGroupName: existingWorkspace.resourceGroup,
          }).id;
    const insights = new ApplicationInsights(this, "application-insights", {
      name: props.applicationInsightsName,
      ...place,
      applicationType: "web",
      workspaceId: this.workspaceId,
      tags,
      lifecycle,
    });
    this.connectionString = insights.connectionString;
    this.applicationInsightsId = insights.id;
  }
}
