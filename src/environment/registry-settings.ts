/** Where the images of the agents come from. */
export type RegistrySettings =
  | FleetRegistry
  | AzureRegistry
  | GoogleFleetRegistry
  | GoogleRegistry
  | OtherRegistry;

/** The fleet's own Azure registry: the `registry` stack, deployed once, before all environments. */
export interface FleetRegistry {
  readonly kind: "fleet";
  /** Global name: letters and digits, 5 to 50. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly tenant: string;
  /** Where the state of the `registry` stack is kept. */
  readonly state: import("./state-settings").StateSettings;
}

/** An Azure Container Registry that exists; agents pull by managed identity. */
export interface AzureRegistry {
  readonly kind: "azure";
  readonly name: string;
  readonly resourceGroup: string;
  /** Subscription that it is in. @default - the environment's */
  readonly subscriptionId?: string;
}

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
  readonly state: import("./state-settings").StateSettings;
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

/** Any other registry, by user name and a pull secret in the environment's vault. */
export interface OtherRegistry {
  readonly kind: "other";
  /** Host name, for example `ghcr.io`, optionally with a path. */
  readonly server: string;
  readonly username: string;
  /** Name of the secret, in the environment's vault, that holds the password or token. */
  readonly passwordSecret: string;
}
