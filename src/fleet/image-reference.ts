import type { Environment, PlatformKind } from "../environment/environment";
import { googleImages, imagesServer } from "../google/facts/google-images";

/** Host name of the registry that agents pull from, with the path in front of repositories where it has one. */
export function registryServer(environment: Environment, platform: PlatformKind): string {
  const { registry } = environment;
  // Cloud Run pulls from nowhere else; the other platforms pull from there where it is the environment's registry.
  const onGoogle = platform === "cloud-run" || registry.kind === "google" || registry.kind === "google-fleet";
  if (onGoogle) {
    // Without one there is a problem to report, and an image that is only looked at.
    const nowhere = { projectId: "unknown", region: "unknown", repository: "unknown", path: [] };
    return imagesServer(googleImages(environment) ?? nowhere);
  }
  return registry.kind === "other" ? registry.server : `${registry.name}.azurecr.io`;
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
