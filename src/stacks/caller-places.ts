import type { AgentWorkload } from "../agent/agent-workload";
import { callerOnContainerApps } from "../azure/container-apps/caller-place";
import { containerAppsTraits } from "../azure/facts/container-apps-traits";
import type { AzureClient } from "../azure/preflight/azure-client";
import { platformTraits } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import { callerOnCloudRun } from "../google/cloud-run/caller-place";
import { cloudRunTraits } from "../google/facts/cloud-run-traits";
import type { GoogleClient } from "../google/google-client";
import type { ICallerPlace, Patience } from "../verify/caller-place";

/** Whom a command asks in clouds: each is logged in to when it is first needed. */
export interface CloudLogins {
  readonly azure: (tenant: string) => Promise<AzureClient>;
  readonly google: (projectId: string) => Promise<GoogleClient>;
}

/** Where a caller is that runs on a cloud's own platform; undefined where its platform has no jobs in callers' places. */
export async function callerPlace(
  environment: Environment,
  { name, platform }: AgentWorkload,
  logins: CloudLogins,
  patience: Patience,
): Promise<ICallerPlace | undefined> {
  switch (platformTraits(platform)) {
    case containerAppsTraits:
      return callerOnContainerApps(environment, name, await logins.azure(environment.tenant), patience);
    case cloudRunTraits:
      return callerOnCloudRun(environment, name, logins.google, patience);
    default:
      return undefined;
  }
}
