import { platformTraits } from "../choices/platforms";
import { registryTraits } from "../choices/registries";
import type { Environment, PlatformKind } from "../environment/environment";

/** Host name of the registry that agents pull from, with the path in front of repositories where it has one. */
export function registryServer(environment: Environment, platform: PlatformKind): string {
  const { registry } = environment;
  const { imageServer } = platformTraits(platform);
  return imageServer?.(environment) ?? registryTraits(registry).server(registry, environment);
}

/** Host name, and path, that images are pushed to: a repository that fetches from another registry takes none itself. */
export function pushServer(environment: Environment, platform: PlatformKind): string {
  const { registry } = environment;
  const traits = platformTraits(platform);
  const fetchedFrom =
    traits.imageServer === undefined
      ? registryTraits(registry).pushServer?.(registry)
      : traits.pushServer?.(environment);
  return fetchedFrom ?? registryServer(environment, platform);
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
