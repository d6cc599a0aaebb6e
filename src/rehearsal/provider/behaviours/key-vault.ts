import type { LedgerEntry } from "../../ledger";
import type { Behaviour, Reading } from "../behaviour";
import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import { at, canonical, type ObjectValue, textAt, type Value } from "../value";

function feature(cloud: Cloud, name: string): boolean {
  return at(cloud.settings.config, `features.0.key_vault.0.${name}`) !== false;
}

/** `https://kv-fleet.vault.azure.net/` */
function vaultUri(name: string): string {
  return `https://${name.toLowerCase()}.vault.azure.net/`;
}

/** The id of a secret, key or certificate without its version. */
export function versionless(id: string): string {
  return id.replace(/^(https:\/\/[^/]+\/(?:secrets|keys|certificates)\/[^/]+).*$/, "$1");
}

type Collection = "secrets" | "keys" | "certificates";

function identityIn(collection: Collection, { key_vault_id: vaultId }: ObjectValue, name: string): string {
  const vault = typeof vaultId === "string" ? (vaultId.split("/").at(-1) ?? "") : "";
  return `${vaultUri(vault)}${collection}/${name}`;
}

/** A version that nobody has had: every creation, and every change that makes a version, counts. */
function newVersion(cloud: Cloud, id: string): string {
  return cloud.hash("version", id, String(cloud.ledger.countAttempt(`version of ${id}`))).slice(0, 32);
}

/** The value of a secret, however it was written. */
function secretValue(entry: LedgerEntry): Value {
  return entry.attributes.value ?? entry.writeOnly?.value_wo ?? null;
}

function findVault(cloud: Cloud, id: string): LedgerEntry | undefined {
  return cloud.ledger
    .ofType("azurerm_key_vault")
    .find((vault) => vault.id.toLowerCase() === id.toLowerCase());
}

/** The vault that a secret's address leads to. */
export function findVaultOfSecret(cloud: Cloud, secretId: string): LedgerEntry | undefined {
  const uri = /^https:\/\/[^/]+\//.exec(secretId)?.[0].toLowerCase();
  return cloud.ledger
    .ofType("azurerm_key_vault")
    .find(({ attributes }) => textAt(attributes, "vault_uri") === uri);
}

/** Vaults that are deleted stay for a while, and so does their name; creating them again recovers them. */
export const keyVault: Behaviour = {
  types: ["azurerm_key_vault"],
  beforeCreate({ cloud, type, id, name }) {
    const key = cloud.key(type, id);
    const elsewhere = cloud.ledger
      .allDeleted()
      .some(
        ([other, entry]) => other !== key && entry.type === type && textAt(entry.attributes, "name") === name,
      );
    if (elsewhere) {
      throw new CloudError(
        `creating Vault: vaults.VaultsClient#CreateOrUpdate: Failure sending request: StatusCode=409 -- Original Error: Code="VaultAlreadyExists" Message="The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state."`,
      );
    }
    if (!cloud.ledger.findDeleted(key)) return;
    if (!feature(cloud, "recover_soft_deleted_key_vaults")) {
      throw new CloudError(
        `an existing soft-deleted Key Vault exists with the Name "${name}", however automatically recovering this KeyVault has been disabled via the "features" block.`,
      );
    }
    cloud.ledger.purge(key);
  },
  beforeUpdate({ name, prior, attributes }) {
    if (prior?.soft_delete_retention_days === attributes.soft_delete_retention_days) return;
    throw new CloudError(
      `updating Key Vault ${name}: unexpected status 400 (400 Bad Request) with error: BadRequest: The property "softDeleteRetentionInDays" has been set already and it can't be modified.`,
    );
  },
  computed: ({ name }) => ({
    vault_uri: vaultUri(name),
    access_policy: [],
    rbac_authorization_enabled: false,
    enable_rbac_authorization: ({ rbac_authorization_enabled: enabled }) => enabled === true,
  }),
  softDelete: ({ cloud, attributes }) =>
    attributes.purge_protection_enabled === true || !feature(cloud, "purge_soft_delete_on_destroy"),
};

/** A secret has versions; a vault keeps deleted ones like it is kept itself. */
export const keyVaultSecret: Behaviour = {
  types: ["azurerm_key_vault_secret"],
  id: ({ attributes, name }) => identityIn("secrets", attributes, name),
  identity: ({ id }) => (typeof id === "string" ? versionless(id) : undefined),
  unknownOnUpdate(prior, planned) {
    const changed = ["value", "value_wo_version"].some(
      (name) => canonical(prior[name] ?? null) !== canonical(planned[name] ?? null),
    );
    return changed ? ["id", "version", "resource_id"] : [];
  },
  beforeCreate({ cloud, type, id, name, attributes }) {
    const vaultId = textAt(attributes, "key_vault_id") ?? "";
    if (!findVault(cloud, vaultId)) {
      throw new CloudError(
        `checking for presence of existing Secret "${name}": the Key Vault ${vaultId} was not found`,
      );
    }
    const key = cloud.key(type, id);
    if (!cloud.ledger.findDeleted(key)) return;
    if (!feature(cloud, "recover_soft_deleted_secrets")) {
      throw new CloudError(
        `a soft-deleted Secret "${name}" exists in the Key Vault, however automatically recovering it has been disabled via the "features" block.`,
      );
    }
    cloud.ledger.purge(key);
  },
  computed({ cloud, id, name, attributes }) {
    const vaultId = textAt(attributes, "key_vault_id") ?? "";
    const version = newVersion(cloud, id);
    return {
      id: `${id}/${version}`,
      version,
      versionless_id: id,
      resource_id: `${vaultId}/secrets/${name}/versions/${version}`,
      resource_versionless_id: `${vaultId}/secrets/${name}`,
    };
  },
  softDelete({ cloud, attributes }) {
    const vault = findVault(cloud, textAt(attributes, "key_vault_id") ?? "");
    const isProtected = vault?.attributes.purge_protection_enabled === true;
    return isProtected || !feature(cloud, "purge_soft_deleted_secrets_on_destroy");
  },
  readData: (reading) => {
    const entry = findSecret(reading);
    return { ...entry.attributes, value: secretValue(entry) };
  },
  openEphemeral: (reading) => {
    const { attributes, ...entry } = findSecret(reading);
    const { version, expiration_date, not_before_date } = attributes;
    return {
      version,
      expiration_date,
      not_before_date,
      value: secretValue({ attributes, ...entry }),
    } as ObjectValue;
  },
};

function findSecret({ cloud, config }: Reading): LedgerEntry {
  const name = textAt(config, "name") ?? "";
  const vaultId = textAt(config, "key_vault_id") ?? "";
  const entry = cloud.find("azurerm_key_vault_secret", identityIn("secrets", config, name));
  if (!entry)
    throw new CloudError(
      `KeyVault Secret "${name}" (KeyVault URI "${vaultUri(vaultId.split("/").at(-1) ?? "")}") does not exist`,
    );
  return entry;
}

/** A certificate is a secret as well, which is what others read. */
export const keyVaultCertificate: Behaviour = {
  types: ["azurerm_key_vault_certificate"],
  id: ({ attributes, name }) => identityIn("certificates", attributes, name),
  identity: ({ id }) => (typeof id === "string" ? versionless(id) : undefined),
  computed({ cloud, id, name, attributes, prior }) {
    const version = textAt(prior ?? {}, "version") ?? newVersion(cloud, id);
    const secret = identityIn("secrets", attributes, name);
    const resource = `${textAt(attributes, "key_vault_id")}/certificates/${name}`;
    return {
      id: `${id}/${version}`,
      version,
      versionless_id: id,
      secret_id: `${secret}/${version}`,
      versionless_secret_id: secret,
      resource_manager_id: `${resource}/versions/${version}`,
      resource_manager_versionless_id: resource,
    };
  },
};

export const keyVaultKey: Behaviour = {
  types: ["azurerm_key_vault_key"],
  id: ({ attributes, name }) => identityIn("keys", attributes, name),
  identity: ({ id }) => (typeof id === "string" ? versionless(id) : undefined),
  computed({ cloud, id, name, attributes, prior }) {
    const version = textAt(prior ?? {}, "version") ?? newVersion(cloud, id);
    const resource = `${textAt(attributes, "key_vault_id")}/keys/${name}`;
    return {
      id: `${id}/${version}`,
      version,
      versionless_id: id,
      resource_id: `${resource}/versions/${version}`,
      resource_versionless_id: resource,
    };
  },
};
