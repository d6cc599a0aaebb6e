import type { Environment, RegistrySettings } from "../../environment/environment";
import type { GoogleFleetRegistry, GoogleRegistry } from "./artifact-registries";

/** A repository in Artifact Registry, as images are pulled from it. */
export interface GoogleImages {
  readonly projectId: string;
  readonly region: string;
  readonly repository: string;
  /** What stands in front of an image's own path: a registry that it fetches from may have one. */
  readonly path: readonly string[];
}

/** Repository id where nobody says. */
const DEFAULT_REPOSITORY = "agents";

/** Where agents on Cloud Run pull from, or undefined where the environment has no repository on Google. */
export function googleImages({ google, registry }: Environment): GoogleImages | undefined {
  const settings = google?.images ?? (isGoogle(registry) ? registry : undefined);
  if (settings === undefined || google === undefined) return undefined;
  return repositoryOf(settings, google);
}

/** A repository with its defaults: its place is its own, or the environment's. */
export function repositoryOf(
  settings: GoogleFleetRegistry | GoogleRegistry,
  place: { readonly projectId: string; readonly region: string },
): GoogleImages {
  const { projectId = place.projectId, region = place.region, repository = DEFAULT_REPOSITORY } = settings;
  // A registry with a path (ghcr.io/acme) keeps it: only its host is what the repository stands for.
  const path = settings.kind === "google-fleet" ? (settings.upstream?.server.split("/").slice(1) ?? []) : [];
  return { projectId, region, repository, path };
}

/** Where agents on Google pull from, by its host name. Without one there is a problem to report, and an image to look at. */
export function googleImageServer(environment: Environment): string {
  const nowhere = { projectId: "unknown", region: "unknown", repository: "unknown", path: [] };
  return imagesServer(googleImages(environment) ?? nowhere);
}

/** What the repository fetches from, where it does: it takes no images itself. */
export function googlePushServer({ google, registry }: Environment): string | undefined {
  const settings = google?.images ?? registry;
  return settings.kind === "google-fleet" ? settings.upstream?.server : undefined;
}

/** Host name and path that images are pulled from. */
export function imagesServer({ region, projectId, repository, path }: GoogleImages): string {
  return [`${region}-docker.pkg.dev`, projectId, repository, ...path].join("/");
}

function isGoogle(registry: RegistrySettings): registry is GoogleFleetRegistry | GoogleRegistry {
  return registry.kind === "google" || registry.kind === "google-fleet";
}
