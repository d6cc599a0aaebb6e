/** Where the secrets of an environment are kept. */
export type VaultSettings =
  | {
      readonly kind: "key-vault";
      /**
       * Who reaches the vault. Container Apps is not one of the services that Key Vault trusts, so a closed vault
       * is reached through a private endpoint and needs the environment in a network.
       *
       * @default - "private" where the environment has a network, otherwise "public"
       */
      readonly access?: "public" | "private";
      /**
       * Public addresses (CIDR) that may reach the vault: runners and offices.
       *
       * @default []
       */
      readonly allowedRanges?: readonly string[];
    }
  | {
      readonly kind: "existing-key-vault";
      readonly name: string;
      readonly resourceGroup: string;
      /** Names of the secrets that are in it: the fleet adds none, and refuses an agent that wants another. */
      readonly secrets: readonly string[];
    }
  | { readonly kind: "secret-manager" }
  /** Secrets of the cluster itself, made by its owner: any Kubernetes without a cloud around it. */
  | { readonly kind: "kubernetes"; readonly secrets: readonly string[] };
