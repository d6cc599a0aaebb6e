import { agentHost, type IAgentPlatform } from "../../src";
import type { AzureIdentity } from "../../src/azure/azure-identity";
import type { KeyVaultSecrets } from "../../src/azure/key-vault-secrets";
import type { RedisTaskStore } from "../../src/azure/redis-task-store";
import type { GoogleIdentity, MemorystoreTaskStore, SecretManagerSecrets } from "../../src/google";

declare const azurePlatform: IAgentPlatform<AzureIdentity>;
declare const googlePlatform: IAgentPlatform<GoogleIdentity>;
declare const redis: RedisTaskStore;
declare const memorystore: MemorystoreTaskStore;
declare const keyVault: KeyVaultSecrets;
declare const secretManager: SecretManagerSecrets;

/** Nothing here runs: `npm run typecheck` fails where the compiler lets a wrong pair through, or refuses a right one. */
export function pairs() {
  return [
    agentHost({ platform: azurePlatform, dependencies: [redis, keyVault] }),
    agentHost({ platform: googlePlatform, dependencies: [memorystore, secretManager] }),
    // @ts-expect-error Azure's store grants roles to Azure's identities only
    agentHost({ platform: googlePlatform, dependencies: [redis] }),
    // @ts-expect-error and Google's to Google's
    agentHost({ platform: azurePlatform, dependencies: [memorystore] }),
    // @ts-expect-error one of the right cloud doesn't let the other through
    agentHost({ platform: googlePlatform, dependencies: [memorystore, redis] }),
    // @ts-expect-error nor does a vault
    agentHost({ platform: googlePlatform, dependencies: [keyVault] }),
    // @ts-expect-error in either direction
    agentHost({ platform: azurePlatform, dependencies: [secretManager] }),
  ];
}
