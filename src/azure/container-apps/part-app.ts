import type { ContainerAppConfig } from "@cdktf/provider-azurerm/lib/container-app";
import type { Construct } from "constructs";
import type { RoleGrant } from "../../parts/agent-dependency";
import { createAzureIdentity } from "../azure-identity";
import { grantSecret, type VaultSecret } from "../key-vault-secrets";
import type { IResourceGroup } from "../resource-group";
import type { IContainerAppsEnvironment } from "./container-apps-environment";

/** What every app is told that is a part of the fleet and none of its agents. */
export interface PartApp {
  readonly config: Pick<
    ContainerAppConfig,
    | "name"
    | "resourceGroupName"
    | "containerAppEnvironmentId"
    | "workloadProfileName"
    | "revisionMode"
    | "identity"
    | "secret"
    | "tags"
  >;
  /** What has to hold before it starts: that it reads its secrets. */
  readonly grants: readonly RoleGrant[];
}

/** Lets an app read secrets by an identity of its own, the construct `identity`. */
export function partApp(
  scope: Construct,
  props: {
    readonly name: string;
    readonly identityName: string;
    readonly resourceGroup: IResourceGroup;
    readonly environment: IContainerAppsEnvironment;
    /** Secrets that it reads. */
    readonly reads: readonly VaultSecret[];
  },
): PartApp {
  const { name, identityName, resourceGroup, environment, reads } = props;
  const identity = createAzureIdentity(scope, "identity", { resourceGroup, name: identityName });
  return {
    grants: reads.map((secret) => grantSecret(scope, secret, identity)),
    config: {
      name,
      resourceGroupName: resourceGroup.name,
      containerAppEnvironmentId: environment.id,
      // Neither computed nor defaulted by the provider: left out, every plan would take it away again.
      workloadProfileName: "Consumption",
      revisionMode: "Single",
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      secret: reads.map((secret) => ({
        name: secret.name,
        keyVaultSecretId: secret.versionlessId,
        identity: identity.id,
      })),
      tags: { ...resourceGroup.tags },
    },
  };
}
