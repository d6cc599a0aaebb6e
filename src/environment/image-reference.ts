import type { Environment } from "./environment";

/** Host name of the registry that an environment pulls from, with the path in front of repositories where it has one. */
export function registryServer(environment: Environment): string {
  const { registry, google } = environment;
  switch (registry.kind) {
    case "fleet":
    case "azure":
      return `${registry.name}.azurecr.io`;
    case "google":
      return `${google?.region}-docker.pkg.dev/${google?.projectId}/${registry.repository ?? "agents"}`;
    case "other":
      return registry.server;
  }
}

/** A whole image reference, `server/repository:tag` or `server/repository@sha256:…`. */
export function imageReference(
  environment: Environment,
  image: { readonly repository: string; readonly tagOrDigest: string },
): string {
  const separator = image.tagOrDigest.startsWith("sha256:") ? "@" : ":";
  return `${registryServer(environment)}/${image.repository}${separator}${image.tagOrDigest}`;
}
