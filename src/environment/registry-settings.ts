/** Where the images of the agents come from. */
export type RegistrySettings = FleetRegistry | AzureRegistry | GoogleRegistry | OtherRegistry;

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

/** Artifact Registry in the environment's Google project; agents pull by service account. */
export interface GoogleRegistry {
  readonly kind: "google";
  /** Repository id. @default "agents", created */
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
