import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { IKeyVaultSecrets, VaultSecret } from "./key-vault-secrets";

/** A secret that nobody knows: made up at the first deploy, straight into the vault. */
export interface GeneratedSecret extends VaultSecret {
  /** The value for a write-only argument of another resource: read back from the vault, so that all get the same one. */
  readonly readBack: () => string;
}

const LENGTH = 48;

/**
 * Makes up a password and puts it into a vault, where it stays: later deploys leave it alone, and it is in no plan and no
 * state. Without special characters, because it may end up in a connection string.
 */
export function generateSecret(
  scope: Construct,
  id: string,
  props: { readonly vault: IKeyVaultSecrets; readonly name: string },
): GeneratedSecret {
  const { vault } = props;
  const name = `${vault.writtenPrefix ?? ""}${props.name}`;
  const stack = TerraformStack.of(scope);
  const secret = new KeyVaultSecret(scope, id, {
    name,
    keyVaultId: vault.id,
    valueWo: "to be replaced below",
    valueWoVersion: 1,
    contentType: "text/plain",
    dependsOn: [...vault.writableAfter],
  });
  const address = secret.friendlyUniqueId;
  // cdktf has no ephemeral blocks.
  stack.addOverride(`ephemeral.random_password.${address}`, { length: LENGTH, special: false });
  secret.addOverride("value_wo", `\${ephemeral.random_password.${address}.result}`);
  return {
    name,
    versionlessId: secret.versionlessId,
    scopeId: secret.resourceVersionlessId,
    readBack: () => {
      stack.addOverride(`ephemeral.azurerm_key_vault_secret.${address}`, {
        name: secret.name,
        key_vault_id: secret.keyVaultId,
        // Not known before the secret is there: a vault may be older, and Terraform would look into it while planning.
        version: secret.version,
        depends_on: [`azurerm_key_vault_secret.${address}`],
      });
      return `\${ephemeral.azurerm_key_vault_secret.${address}.value}`;
    },
  };
}
