import type { Environment } from "../../environment/environment";
import { physicalNames } from "../facts/azure-names";
import type { AzureSettings } from "../facts/azure-settings";

/** The Azure side of an environment, as checks ask about it. */
export interface AzureFacts {
  readonly environment: Environment;
  readonly azure: AzureSettings;
  /** `/subscriptions/<id>` */
  readonly subscription: string;
  readonly resourceGroup: string;
}

export function azureFacts(environment: Environment): AzureFacts | undefined {
  const { azure } = environment;
  if (azure === undefined) return undefined;
  return {
    environment,
    azure,
    subscription: `/subscriptions/${azure.subscriptionId}`,
    resourceGroup: azure.resourceGroup?.existing ?? physicalNames(environment).resourceGroup,
  };
}
