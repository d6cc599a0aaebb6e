/** Google's half of what others build with: apart, so that a stack on Azure alone doesn't load its bindings. */
export { googleNames } from "./naming";
export { CloudRunAgent, type CloudRunAgentProps } from "./platforms/cloud-run/cloud-run-agent";
export { type CloudRunPlatformProps, cloudRunPlatform } from "./platforms/cloud-run/cloud-run-platform";
export {
  ArtifactRegistry,
  type ArtifactRegistryProps,
  type IArtifactRegistry,
  type UpstreamRegistry,
} from "./shared/artifact-registry";
export { existingCollector } from "./shared/existing-collector";
export { GoogleFront, type GoogleFrontProps } from "./shared/google-front";
export type { GoogleIdentity } from "./shared/google-identity";
export { googleModelGateway } from "./shared/google-model-gateway";
export { GoogleNetwork, type GoogleNetworkProps, type IGoogleNetwork } from "./shared/google-network";
export { GoogleProject, type GoogleProjectProps, type IGoogleProject } from "./shared/google-project";
export { type GoogleTelemetryProps, googleTelemetry } from "./shared/google-telemetry";
export { type GoogleTokenIssuerProps, googleTokenIssuer } from "./shared/google-token-issuer";
export { MemorystoreTaskStore, type MemorystoreTaskStoreProps } from "./shared/memorystore-task-store";
export {
  type GoogleSecret,
  type ISecretManagerSecrets,
  SecretManagerSecrets,
  type SecretManagerSecretsProps,
} from "./shared/secret-manager-secrets";
