import { z } from "zod";
import type { VaultTraits } from "../../environment/vault-traits";
import { nameOf } from "../../vendor-limits";
import { azureCloud } from "./azure-cloud";

/** A Key Vault of the environment's own. */
export interface KeyVault {
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

/** A Key Vault that exists. */
export interface ExistingKeyVault {
  readonly kind: "existing-key-vault";
  readonly name: string;
  readonly resourceGroup: string;
  /** Names of the secrets that are in it: the fleet adds none, and refuses an agent that wants another. */
  readonly secrets: readonly string[];
}

export const keyVault: VaultTraits<KeyVault> = {
  kind: "key-vault",
  title: "Key Vault",
  place: azureCloud,
  schema: z.strictObject({
    kind: z.literal("key-vault"),
    access: z.enum(["public", "private"]).optional(),
    allowedRanges: z.array(z.union([z.ipv4(), z.cidrv4()])).optional(),
  }),
  holds: () => null,
};

export const existingKeyVault: VaultTraits<ExistingKeyVault> = {
  kind: "existing-key-vault",
  title: "Key Vault",
  place: azureCloud,
  schema: z.strictObject({
    kind: z.literal("existing-key-vault"),
    name: nameOf("Key Vault"),
    resourceGroup: nameOf("resource group"),
    secrets: z.array(nameOf("secret of a Key Vault")),
  }),
  holds: ({ secrets }) => secrets,
};
