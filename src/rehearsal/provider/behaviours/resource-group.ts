import type { LedgerEntry } from "../../ledger";
import type { Behaviour, Change } from "../behaviour";
import { CloudError } from "../cloud-error";
import { at, textAt } from "../value";

/** Resources in a group, without what is part of one of them. Locks and role assignments are no resources of it. */
const TOP_LEVEL = /\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+$/i;

/** Azure deletes a group with all that is in it; the provider refuses to, unless it is told otherwise. */
export const resourceGroup: Behaviour = {
  types: ["azurerm_resource_group"],
  beforeDelete(change) {
    const { cloud, name } = change;
    const path = "features.0.resource_group.0.prevent_deletion_if_contains_resources";
    if (cloud.scenario.unprotected || at(cloud.settings.config, path) === false) return;
    const left = contents(change).filter(
      ({ id }) => TOP_LEVEL.test(id) && !/\/Microsoft\.Authorization\//i.test(id),
    );
    if (left.length === 0) return;
    throw new CloudError(
      `deleting Resource Group "${name}": the Resource Group still contains Resources.`,
      `Terraform is configured to check for Resources within the Resource Group when deleting the Resource Group - and
raise an error if nested Resources still exist to avoid unintentionally deleting these Resources.

Terraform has detected that the following Resources still exist within the Resource Group:

${left.map(({ id }) => `* \`${id}\``).join("\n")}

This feature is intended to avoid the unintentional destruction of nested Resources provisioned through some
other means - as such you must either remove these Resources, or disable this behaviour using the feature flag
\`prevent_deletion_if_contains_resources\` within the \`features\` block when configuring the Provider.`,
    );
  },
  afterDelete(change) {
    const { cloud } = change;
    for (const { type, id } of contents(change)) cloud.ledger.remove(cloud.key(type, id));
  },
};

function contents({ cloud, id }: Change): LedgerEntry[] {
  const prefix = `${id.toLowerCase()}/`;
  return cloud.ledger.all().filter((entry) => entry.id.toLowerCase().startsWith(prefix));
}

/** Azure adds an alert rule and an action group beside every Application Insights, and leaves them behind. */
export const applicationInsights: Behaviour = {
  types: ["azurerm_application_insights"],
  computed({ cloud, id, name, attributes }) {
    const key = cloud.secret(id, "instrumentation key");
    const location = (textAt(attributes, "location") ?? "westeurope").toLowerCase().replaceAll(" ", "");
    return {
      app_id: cloud.uuid(id, "app"),
      instrumentation_key: key,
      connection_string: `InstrumentationKey=${key};IngestionEndpoint=https://${location}-5.in.applicationinsights.azure.com/;LiveEndpoint=https://${location}.livediagnostics.monitor.azure.com/;ApplicationId=${cloud.uuid(name)}`,
      workspace_id: "",
    };
  },
  afterApply({ cloud, id, name, prior }) {
    if (prior) return;
    const group = id.replace(/\/providers\/.*$/, "");
    const isDisabled =
      at(cloud.settings.config, "features.0.application_insights.0.disable_generated_rule") === true;
    const added: [string, string, string][] = [
      [
        "azurerm_monitor_action_group",
        "microsoft.insights/actionGroups",
        "Application Insights Smart Detection",
      ],
    ];
    if (!isDisabled) {
      added.push([
        "azurerm_monitor_smart_detector_alert_rule",
        "microsoft.alertsmanagement/smartDetectorAlertRules",
        `Failure Anomalies - ${name}`,
      ]);
    }
    for (const [type, path, title] of added) {
      const addedId = `${group}/providers/${path}/${title}`;
      cloud.ledger.put(cloud.key(type, addedId), {
        type,
        id: addedId,
        scope: cloud.scope,
        attributes: { id: addedId, name: title, resource_group_name: group.split("/").at(-1) ?? "" },
        addedBy: id,
        outlives: true,
      });
    }
  },
};
