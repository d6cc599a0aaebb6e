import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "./environment";
import { secretsOf } from "./secrets-of";
import { taskStoreFor } from "./task-store-for";

/** How Artifact Registry logs in to a registry outside Google where an environment doesn't say. */
const DEFAULT_IMAGE_PULL = { username: "artifact-registry", passwordSecret: "image-pull-password" };

/** How Artifact Registry logs in to the environment's registry, or nothing where that is Google's own. */
export function upstreamLogin({
  registry,
  google,
}: Environment): { readonly username: string; readonly passwordSecret: string } | undefined {
  if (registry.kind === "google") return undefined;
  if (google?.imagePull !== undefined) return google.imagePull;
  if (registry.kind === "other") {
    return { username: registry.username, passwordSecret: registry.passwordSecret };
  }
  return DEFAULT_IMAGE_PULL;
}

/** Names of the secrets that people have to fill in on Google, for the agents of a fleet that run there. */
export function googleSecretsOf(workloads: readonly AgentWorkload[], environment: Environment): string[] {
  const login = upstreamLogin(environment);
  const store = taskStoreFor(environment, "cloud-run");
  return [
    ...new Set([
      ...secretsOf(workloads, environment),
      ...(login === undefined ? [] : [login.passwordSecret]),
      ...(store.kind === "existing" ? [store.urlSecret] : []),
    ]),
  ];
}
