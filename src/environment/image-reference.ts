import type { Environment, PlatformKind } from "./environment";

/** Host name of the registry that an environment's agents pull from, with the path in front of repositories where it has one. */
export function registryServer(environment: Environment, platform: PlatformKind): string {
  const { registry } = environment;
  if (platform === "cloud-run") return artifactRegistryServer(environment);
  switch (registry.kind) {
    case "fleet":
    case "azure":
      return `${registry.name}.azurecr.io`;
    case "google":
      return artifactRegistryServer(environment);
    case "other":
      return registry.server;
  }
}

/** Id of the Artifact Registry repository of an environment: its own images, or those it fetches from elsewhere. */
export function artifactRepository({ name, registry }: Environment): string {
  return registry.kind === "google" ? (registry.repository ?? "agents") : `${name}-images`;
}

/** A whole image reference, `server/repository:tag` or `server/repository@sha256:…`. */
export function imageReference(
  environment: Environment,
  platform: PlatformKind,
  image: { readonly repository: string; readonly tagOrDigest: string },
): string {
  const separator = image.tagOrDigest.startsWith("sha256:") ? "@" : ":";
  return `${registryServer(environment, platform)}/${image.repository}${separator}${image.tagOrDigest}`;
}

/** Cloud Run pulls from nowhere else: images of other registries come through a repository that fetches them. */
function artifactRegistryServer(environment: Environment): string {
  const { google, registry } = environment;
  // A registry with a path (ghcr.io/acme) keeps it: only its host is what the repository stands for.
  const path = registry.kind === "other" ? registry.server.split("/").slice(1) : [];
  return [
    `${google?.region}-docker.pkg.dev`,
    google?.projectId,
    artifactRepository(environment),
    ...path,
  ].join("/");
}
