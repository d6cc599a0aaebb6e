import { type AzureSettings, azureSchema } from "./azure-settings";
import { type ContainerAppsSettings, containerAppsSchema } from "./container-apps-settings";

/** What Azure adds to an environment. */
export interface AzureEnvironment {
  /** The Azure side; needed by Container Apps, AKS, API Management and Azure's stores. @default - no Azure */
  readonly azure?: AzureSettings;

  /** @default {} */
  readonly containerApps?: ContainerAppsSettings;
}

export const azureShape = {
  azure: azureSchema.optional(),
  containerApps: containerAppsSchema.optional(),
};
