import { isSharedState, type StateSettings } from "../../environment/state-settings";
import { type Check, type Finding, HostNotFound, Unanswered } from "../../preflight/check";
import { STATE_ROLE } from "../facts/deployer-roles";
import type { AzureClient } from "./azure-client";

/** Whether Terraform can keep its state where the environment says. */
export function stateCheck(state: StateSettings, client: AzureClient): Check {
  return {
    name: "state",
    run: async () => {
      if (!isSharedState(state)) return [];
      if (state.kind === "google-storage") return [notLookedUp(state.bucket)];
      const { storageAccount, container = "tfstate", resourceGroup } = state;
      const status = await statusOf(storageAccount, container);
      if (status === null) {
        return [
          {
            what: `storage account ${storageAccount}, which is to keep the state, does not exist`,
            remedy: "npm run bootstrap -- azure --first makes it, and says who may read and write it",
            weight: "missing",
          },
        ];
      }
      if (status === 200) return [];
      if (status === 404) {
        return [
          {
            what: `storage account ${storageAccount} has no container '${container}' for the state`,
            remedy: `az storage container create --account-name ${storageAccount} --name ${container} --auth-mode login`,
            weight: "missing",
          },
        ];
      }
      if (status === 401 || status === 403) {
        return [
          {
            what: `you may not read the state in storage account ${storageAccount} (${status})`,
            remedy:
              `ask for the role '${STATE_ROLE}' on it (resource group ${resourceGroup}), ` +
              "and for your address among those that reach it",
            weight: "missing",
          },
        ];
      }
      throw new Unanswered(`storage account ${storageAccount} answers ${status}`);
    },
  };

  async function statusOf(account: string, container: string): Promise<number | null> {
    try {
      return (await client.container(account, container)).status;
    } catch (error) {
      if (error instanceof HostNotFound) return null;
      throw error;
    }
  }
}

function notLookedUp(bucket: string): Finding {
  return {
    what: `the state is kept in the bucket ${bucket}, which is not looked up from here`,
    remedy: `gcloud storage ls gs://${bucket} says whether you reach it`,
    weight: "doubtful",
  };
}
