import { z } from "zod";
import type { RegistrySettings } from "../../environment/environment";
import type { RegistryTraits } from "../../environment/registry-traits";
import { type StateSettings, stateSchema } from "../../environment/state-settings";
import { registryServer, text } from "../../shapes";
import { googleCloud } from "./google-cloud";
import { googleImageServer } from "./google-images";
import { googleRegion, googleSecretId, projectId, projectNumber, repositoryId } from "./google-shapes";

/**
 * The fleet's own repository in Artifact Registry: the `google-registry` stack, deployed once, before all environments
 * with agents on Cloud Run, which pulls from nowhere else.
 */
export interface GoogleFleetRegistry {
  readonly kind: "google-fleet";
  readonly projectId: string;
  /** Number of that project. */
  readonly projectNumber: string;
  /** Region of the repository, `europe-west4`. */
  readonly region: string;
  /** Repository id. @default "agents" */
  readonly repository?: string;
  /**
   * A registry outside Google whose images it fetches when they are pulled: the digests stay the same.
   *
   * @default - none: images are pushed to it
   */
  readonly upstream?: UpstreamSettings;
  /** Where the state of the `google-registry` stack is kept. */
  readonly state: StateSettings;
}

/** A registry outside Google, and how Artifact Registry logs in to it. */
export interface UpstreamSettings {
  /** Host name, for example `acmeimages.azurecr.io`, optionally with a path. */
  readonly server: string;
  readonly username: string;
  /**
   * Name of the secret in Secret Manager that holds the password or token.
   *
   * @default "image-pull-password"
   */
  readonly passwordSecret?: string;
}

/** A repository in Artifact Registry that exists. */
export interface GoogleRegistry {
  readonly kind: "google";
  /** Project that it is in. @default - the environment's */
  readonly projectId?: string;
  /** Region that it is in. @default - the environment's */
  readonly region?: string;
  /** Repository id. @default "agents" */
  readonly repository?: string;
}

/** Name of the stack with the images of all environments on Google. */
export const GOOGLE_REGISTRY_STACK = "google-registry";

const artifactRegistry = { title: "Artifact Registry", place: googleCloud, needs: googleCloud } as const;

export const googleFleetRegistry: RegistryTraits<GoogleFleetRegistry> = {
  ...artifactRegistry,
  kind: "google-fleet",
  stack: GOOGLE_REGISTRY_STACK,
  schema: z.strictObject({
    kind: z.literal("google-fleet"),
    projectId,
    projectNumber,
    region: googleRegion,
    repository: repositoryId.optional(),
    upstream: z
      .strictObject({ server: registryServer, username: text, passwordSecret: googleSecretId.optional() })
      .optional(),
    state: stateSchema,
  }),
  server: (_settings, environment) => googleImageServer(environment),
  pushServer: ({ upstream }) => upstream?.server,
  secrets: () => [],
};

export const googleRegistry: RegistryTraits<GoogleRegistry> = {
  ...artifactRegistry,
  kind: "google",
  stack: null,
  schema: z.strictObject({
    kind: z.literal("google"),
    projectId: projectId.optional(),
    region: googleRegion.optional(),
    repository: repositoryId.optional(),
  }),
  server: (_settings, environment) => googleImageServer(environment),
  secrets: () => [],
};

/** Whether a registry is the fleet's own on Google. */
export function isGoogleFleetRegistry(settings: RegistrySettings): settings is GoogleFleetRegistry {
  return settings.kind === "google-fleet";
}
