/** Azure's parts: what agents on Container Apps and AKS lean on. */

export {
  type AzureWorkloadIdentitiesProps,
  azureWorkloadIdentities,
} from "./azure/aks/azure-workload-identities";
export {
  type ClusterLogin,
  type IKubernetesCluster,
  KubernetesCluster,
  type KubernetesClusterProps,
} from "./azure/aks/kubernetes-cluster";
export {
  ApiManagement,
  type ApiManagementProps,
  type IApiManagement,
} from "./azure/api-management/api-management";
export { ApimApplication, type ApimApplicationProps } from "./azure/api-management/apim-application";
export type { AzureIdentity } from "./azure/azure-identity";
export {
  ContainerAppsEnvironment,
  type ContainerAppsEnvironmentProps,
  type IContainerAppsEnvironment,
} from "./azure/container-apps/container-apps-environment";
export {
  type ContainerAppsPlatformProps,
  containerAppsPlatform,
} from "./azure/container-apps/container-apps-platform";
export { TelemetryCollector, type TelemetryCollectorProps } from "./azure/container-apps/telemetry-collector";
export type { RegistryPull } from "./azure/container-registry";
export {
  ContainerRegistry,
  type ContainerRegistryProps,
  type IContainerRegistry,
} from "./azure/container-registry";
export { physicalNames } from "./azure/facts/azure-names";
export type { SubnetKind } from "./azure/facts/network-layout";
export {
  EntraIdentityProvider,
  type EntraIdentityProviderProps,
} from "./azure/identity-provider/entra-identity-provider";
export {
  KeycloakIdentityProvider,
  type KeycloakIdentityProviderProps,
} from "./azure/identity-provider/keycloak-identity-provider";
export type { VaultSecret } from "./azure/key-vault-secrets";
export { existingModelGateway } from "./azure/model-gateway";
export type { NetworkSubnet } from "./azure/network";
export { type INetwork, Network, type NetworkProps } from "./azure/network";
export { Observability, type ObservabilityProps } from "./azure/observability";
export { OtherContainerRegistry } from "./azure/other-container-registry";
export type { PostgresDatabase } from "./azure/postgres-server";
export { PrivateEndpoint, type PrivateEndpointProps } from "./azure/private-endpoint";
export { type IResourceGroup, ResourceGroup, type ResourceGroupProps } from "./azure/resource-group";
export type { CallerSettings } from "./identity/fleet-callers";
export type { KeycloakIssuer } from "./identity/keycloak/keycloak-issuer";
export type {
  KeycloakClient,
  KeycloakClientScope,
  KeycloakMapper,
  KeycloakPolicy,
  KeycloakProfile,
  KeycloakRealm,
  KeycloakRole,
  KeycloakServiceAccount,
} from "./identity/keycloak/keycloak-realm";
export type { FederatedClient, IOutsideIssuer, OutsideIdentity } from "./parts/federation";
export { type TraceSampling, traceSampling } from "./parts/trace-sampling";
