import { FederatedIdentityCredential } from "@cdktf/provider-azurerm/lib/federated-identity-credential";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { IPodIdentities, PodIdentity, PodOwner, PodSecrets } from "../../cluster/agent/pod-identity";
import type { SecretProviderClass } from "../../cluster/custom-resources";
import { KubernetesResources } from "../../cluster/kubernetes-resources";
import type { SecretReference } from "../../parts/agent-dependency";
import type { AzureIdentity } from "../azure-identity";
import type { IResourceGroup } from "../resource-group";
import type { IKubernetesCluster } from "./kubernetes-cluster";

export interface AzureWorkloadIdentitiesProps {
  readonly cluster: IKubernetesCluster;
  readonly namespace: string;
  /** Where the agents' identities are made. */
  readonly resourceGroup: IResourceGroup;
  /** Entra tenant id. */
  readonly tenantId: string;
  /** Name of one agent's identity. */
  readonly identityName: (agent: string) => string;
  /** What has to be there before something is made in the namespace. */
  readonly readyAfter: readonly ITerraformDependable[];
}

/**
 * Managed identities for the pods of an AKS cluster: each agent's is federated with its service account, so that the
 * cluster holds no credential of Azure's. Secrets come from Key Vault through the cluster's own driver, by that identity.
 */
export function azureWorkloadIdentities(props: AzureWorkloadIdentitiesProps): IPodIdentities<AzureIdentity> {
  return {
    create: (scope, owner) => {
      const { resourceGroup, identityName } = props;
      const identity = new UserAssignedIdentity(scope, "identity", {
        name: identityName(owner.name),
        resourceGroupName: resourceGroup.name,
        location: resourceGroup.location,
        tags: { ...resourceGroup.tags },
      });
      return {
        id: identity.id,
        clientId: identity.clientId,
        principalId: identity.principalId,
        name: identity.name,
      };
    },
    bind: (scope, owner, identity, secrets) => bindIdentity(props, scope, owner, identity, secrets),
  };
}

function bindIdentity(
  props: AzureWorkloadIdentitiesProps,
  scope: Construct,
  owner: PodOwner,
  identity: AzureIdentity,
  secrets: readonly SecretReference[],
): PodIdentity {
  const { cluster, namespace, resourceGroup } = props;
  const federation = new FederatedIdentityCredential(scope, "federation", {
    name: owner.name,
    resourceGroupName: resourceGroup.name,
    parentId: identity.id,
    issuer: cluster.oidcIssuerUrl,
    subject: `system:serviceaccount:${namespace}:${owner.name}`,
    audience: ["api://AzureADTokenExchange"],
  });
  return {
    serviceAccountAnnotations: { "azure.workload.identity/client-id": identity.clientId },
    podLabels: { "azure.workload.identity/use": "true" },
    variables: { AZURE_CLIENT_ID: identity.clientId },
    egress: [{ host: "login.microsoftonline.com" }],
    settling: [federation],
    secrets: mountedSecrets(props, scope, owner, identity, secrets),
  };
}

function mountedSecrets(
  { namespace, tenantId, readyAfter }: AzureWorkloadIdentitiesProps,
  scope: Construct,
  owner: PodOwner,
  identity: AzureIdentity,
  secrets: readonly SecretReference[],
): PodSecrets {
  if (secrets.length === 0) return { keys: [], providerClasses: [], readyAfter: [] };
  const vaults = [...new Set(secrets.map(({ vault }) => vault))];
  // One class a vault: a class names one. The first bears the agent's own name, and mostly is the only one.
  const className = (vault: string) =>
    vaults[0] === vault ? owner.name : `${owner.name}--${vaults.indexOf(vault)}`;
  const classes = vaults.map((vault): SecretProviderClass => {
    const names = [...new Set(secrets.filter((secret) => secret.vault === vault).map(({ name }) => name))];
    return {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { name: className(vault), labels: owner.labels },
      spec: {
        provider: "azure",
        parameters: {
          clientID: identity.clientId,
          keyvaultName: vault,
          tenantId,
          objects: objectsOf(names),
        },
        secretObjects: [
          {
            secretName: className(vault),
            type: "Opaque",
            data: names.map((name) => ({ objectName: name, key: name })),
          },
        ],
      },
    };
  });
  const release = new KubernetesResources(scope, "secrets", {
    name: `${owner.name}--secrets`,
    namespace,
    resources: classes,
    dependsOn: [...readyAfter],
  });
  return {
    keys: secrets.map(({ variable, name, vault }) => ({ variable, secret: className(vault), key: name })),
    providerClasses: vaults.map(className),
    readyAfter: [release],
  };
}

/** The driver takes its list as YAML in a string, with YAML in every item. */
function objectsOf(names: readonly string[]): string {
  return [
    "array:",
    ...names.flatMap((name) => ["  - |", `    objectName: ${name}`, "    objectType: secret"]),
    "",
  ].join("\n");
}
