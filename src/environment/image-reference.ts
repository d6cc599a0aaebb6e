import type { Environment, PlatformKind } from "./environment";
import { googleImages, imagesServer } from "./google-images";

/** Host name of the registry that agents pull from, with the path in front of repositories where it has one. */
export function registryServer(environment: Environment, platform: PlatformKind): string {
  const { registry } = environment;
  // Cloud Run pulls from nowhere else; the other platforms pull from there where it is the environment's registry.
  const onGoogle = platform === "cloud-run" || registry.kind === "google" || registry.kind === "google-fleet";
  if (onGoogle) {
    const images = googleImages(environment);
    if (images !== undefined) return imagesServer(images);
    throw new Error(
      `environment '${environment.name}' has no images on Google; set 'google' with its 'images', or another registry`,
    );
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
