import type { Environment } from "../../environment/environment";
import { terraformText } from "../../terraform-text";
import { physicalNames } from "./azure-names";

/** Resource ids of the action groups that an environment's alerts call: its own, then the one that exists. */
export function actionGroupIds(environment: Environment): string[] {
  const { azure, alerts } = environment;
  if (azure === undefined || alerts === undefined) return [];
  const names = physicalNames(environment);
  const idOf = (resourceGroup: string, name: string) =>
    `/subscriptions/${azure.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Insights/actionGroups/${terraformText(name)}`;
  const group = azure.resourceGroup?.existing ?? names.resourceGroup;
  return [
    ...((alerts.email?.length ?? 0) === 0 ? [] : [idOf(group, names.actionGroup)]),
    ...(alerts.actionGroup === undefined
      ? []
      : [idOf(alerts.actionGroup.resourceGroup, alerts.actionGroup.name)]),
  ];
}
