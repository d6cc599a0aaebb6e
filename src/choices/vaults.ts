import { existingKeyVault, keyVault } from "../azure/facts/key-vault";
import { clusterVault } from "../cluster/facts/cluster-vault";
import { type SettingsOf, traitsIn } from "../environment/choice-traits";
import type { VaultTraits } from "../environment/vault-traits";
import { secretManager } from "../google/facts/secret-manager";
import { localFiles } from "../local/facts/local-parts";

/** Every kind of vault: one line each. */
export const vaults = [keyVault, existingKeyVault, secretManager, clusterVault, localFiles] as const;

/** Where the secrets of an environment are kept. */
export type VaultSettings = SettingsOf<(typeof vaults)[number]>;

/** What is known of a vault. */
export function vaultTraits({ kind }: VaultSettings): VaultTraits<VaultSettings> {
  return traitsIn<VaultTraits<VaultSettings>>(vaults, kind);
}
