import type { Behaviour } from "../behaviour";
import { CloudError } from "../cloud-error";

/** What the services say when somebody else, anywhere, has the name. */
const REFUSALS: Readonly<Record<string, (name: string) => string>> = {
  azurerm_key_vault: (name) =>
    `Code="VaultAlreadyExists" Message="The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken."`,
  azurerm_container_registry: (name) =>
    `AlreadyInUse: The registry DNS name ${name}.azurecr.io is already in use. You can check if the name is already claimed using following API: https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability`,
  azurerm_managed_redis: (name) =>
    `Code="NameNotAvailable" Message="The name '${name}' is not available for use"`,
  azurerm_redis_cache: (name) =>
    `NameNotAvailable: An error occurred when trying to reserve the DNS name for the cache. This may be a transient error, please try again. The DNS name '${name}' is in use.`,
  azurerm_storage_account: (name) =>
    `StorageAccountAlreadyTaken: The storage account named ${name} is already taken.`,
  azurerm_api_management: (name) => `ServiceAlreadyExists: Api service already exists: ${name}`,
  azurerm_postgresql_flexible_server: (name) =>
    `ServerNameAlreadyExists: Specified server name ${name} is already used.`,
  google_storage_bucket: (name) =>
    `googleapi: Error 409: The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again: ${name}, conflict`,
};

/** Names that are unique in the whole world, not only in a resource group. */
export const globalNames: Behaviour = {
  types: Object.keys(REFUSALS),
  beforeCreate({ cloud, type, name }) {
    const isOurs = cloud.findBy(type, "name", name) !== undefined;
    const isTheirs = cloud.scenario.takenNames.some((taken) => taken.toLowerCase() === name.toLowerCase());
    if (isOurs || isTheirs) throw new CloudError(`creating ${type} ${name}: ${REFUSALS[type]?.(name)}`);
  },
};
