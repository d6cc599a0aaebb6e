/** Google's half of what others build with: apart, so that a stack on Azure alone doesn't load its bindings. */

export {
  ArtifactRegistry,
  type ArtifactRegistryProps,
  type IArtifactRegistry,
  type UpstreamRegistry,
} from "./google/artifact-registry";
export { CloudRunAgent, type CloudRunAgentProps } from "./google/cloud-run/cloud-run-agent";
export { type CloudRunPlatformProps, cloudRunPlatform } from "./google/cloud-run/cloud-run-platform";
export { CloudSqlTaskStore, type CloudSqlTaskStoreProps } from "./google/cloud-sql-task-store";
export type { GoogleImages } from "./google/facts/google-images";
export { googleNames } from "./google/facts/google-names";
export { GoogleFront, type GoogleFrontProps } from "./google/google-front";
export type { GoogleIdentity } from "./google/google-identity";
export { googleModelGateway } from "./google/google-model-gateway";
export { GoogleNetwork, type GoogleNetworkProps, type IGoogleNetwork } from "./google/google-network";
export { GoogleProject, type GoogleProjectProps, type IGoogleProject } from "./google/google-project";
export { type GoogleTelemetryProps, googleTelemetry } from "./google/google-telemetry";
export { type GoogleTokenIssuerProps, googleTokenIssuer } from "./google/google-token-issuer";
export { MemorystoreTaskStore, type MemorystoreTaskStoreProps } from "./google/memorystore-task-store";
export {
  type GoogleSecret,
  type ISecretManagerSecrets,
  SecretManagerSecrets,
  type SecretManagerSecretsProps,
} from "./google/secret-manager-secrets";
export { existingCollector } from "./parts/existing-collector";
