import { clusterStackName } from "../../cluster/facts/cluster-stack-name";
import type { Environment } from "../../environment/environment";
import { isSharedState, STATE_CONTAINER } from "../../environment/state-settings";
import { type Check, type Finding, HostNotFound, Unanswered } from "../../preflight/check";
import { STATE_ROLE } from "../facts/deployer-roles";
import type { AzureClient } from "./azure-client";

/** Whether Terraform can keep its state where the environment says. */
export function stateCheck({ name, state }: Pick<Environment, "name" | "state">, client: AzureClient): Check {
  return {
    name: "state",
    run: async () => {
      if (!isSharedState(state)) return [];
      if (state.kind === "google-storage") return [notLookedUp(state.bucket)];
      const { storageAccount, container = STATE_CONTAINER, resourceGroup } = state;
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
      if (status === 200) return leftBehind(storageAccount, container);
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

  /** Deployed from another container than the one before, everything would be made a second time. */
  async function leftBehind(account: string, container: string): Promise<Finding[]> {
    if (container === STATE_CONTAINER) return [];
    const blob = `${name}.tfstate`;
    const holds = async (of: string) => (await client.blob(account, of, blob)).status === 200;
    if ((await holds(container)) || !(await holds(STATE_CONTAINER))) return [];
    return [
      {
        what: `the state of ${name} is still in container '${STATE_CONTAINER}', and a deploy from '${container}' would begin anew`,
        remedy:
          `az storage blob copy start --auth-mode login --account-name ${account} --source-container ${STATE_CONTAINER} ` +
          `--source-blob ${blob} --destination-container ${container} --destination-blob ${blob}, and the same with ` +
          `${clusterStackName({ name })}.tfstate where there is one`,
        weight: "missing",
      },
    ];
  }

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
