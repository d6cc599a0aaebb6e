import { DataAzurermKeyVault } from "@cdktf/provider-azurerm/lib/data-azurerm-key-vault";
import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault";
import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret";
import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Sleep } from "@cdktf/provider-time/lib/sleep";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { azureIdentityVariables, keyVaultVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AgentBinding, IAgentDependency, RoleGrant, SecretReference } from "../parts/agent-dependency";
import { listOf } from "../problem";
import type { AzureIdentity } from "./azure-identity";
import type { AzurePlan } from "./azure-plan";
import type { INetwork } from "./network";
import { PrivateEndpoint } from "./private-endpoint";
import type { IResourceGroup } from "./resource-group";

/** One secret of a vault, as others grant and refer to it. */
export interface VaultSecret {
  readonly name: string;
  /** Id without a version: who reads it gets the newest value. */
  readonly versionlessId: string;
  /** Resource id without a version: the scope of a role on this one secret. */
  readonly scopeId: string;
}

/** A Key Vault that agents read their secrets from. */
export interface IKeyVaultSecrets extends IAgentDependency<AzureIdentity> {
  readonly name: string;
  /** Resource id. */
  readonly id: string;
  /** `https://<name>.vault.azure.net/` */
  readonly uri: string;
  /** What has to be there before a secret can be read: the way into a closed vault. */
  readonly readyAfter: readonly ITerraformDependable[];
  /** What has to be there before a deploy can write a secret. */
  readonly writableAfter: readonly ITerraformDependable[];
  /**
   * Leads the names of the secrets that a deploy writes: a vault that exists may serve several environments.
   *
   * @default - none
   */
  readonly writtenPrefix?: string;
  /**
   * A secret that people fill in.
   *
   * @throws Error when the vault does not have it.
   */
  readonly secret: (name: string) => VaultSecret;
}

export interface KeyVaultSecretsProps {
  readonly resourceGroup: IResourceGroup;
  /** Global name, 3 to 24 characters. */
  readonly name: string;
  /** Entra tenant id. */
  readonly tenantId: string;
  /**
   * Names of the secrets that people fill in. Each exists from the first deploy with a write-only placeholder that
   * later deploys leave alone.
   */
  readonly secrets: readonly string[];
  /** Object ids of those who deploy: they may write secrets. */
  readonly deployerObjectIds: readonly string[];
  /**
   * Network from which the vault is reached; without it the vault is open to the internet and guarded by roles alone.
   * There is no other way to close it: Container Apps is not one of the services that Key Vault trusts.
   *
   * @default - open
   */
  readonly network?: INetwork;
  /** Public addresses (CIDR) that may reach a closed vault: runners and offices. @default [] */
  readonly allowedRanges?: readonly string[];
  /** Log Analytics workspace (resource id) that gets the audit log. @default - none */
  readonly workspaceId?: string;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/**
 * A Key Vault with the secrets of a fleet. Agents read each of theirs by a role on that secret alone.
 *
 * @throws Error when a secret is named twice, or `allowedRanges` is given for an open vault.
 * @example
 * const secrets = new KeyVaultSecrets(this, "secrets", {
 *   resourceGroup, name: "kv-acme-dev", tenantId, deployerObjectIds, secrets: ["openai-api-key"],
 * });
 */
export class KeyVaultSecrets extends Construct implements IKeyVaultSecrets {
  /** A vault that exists, with secrets that exist. Agents get their own roles on them all the same. */
  static fromExisting(scope: Construct, id: string, props: ExistingKeyVaultProps): IKeyVaultSecrets {
    return new ExistingKeyVaultSecrets(scope, id, props);
  }

  readonly name: string;
  readonly id: string;
  readonly uri: string;
  readonly dependencyName: string;
  readonly readyAfter: readonly ITerraformDependable[];
  readonly writableAfter: readonly ITerraformDependable[];
  private readonly secrets: ReadonlyMap<string, VaultSecret>;

  constructor(scope: Construct, id: string, props: KeyVaultSecretsProps) {
    super(scope, id);
    const { resourceGroup, name, tenantId, network, allowedRanges = [], deletionProtection = true } = props;
    if (network === undefined && allowedRanges.length > 0) {
      throw new Error(
        `vault '${name}': allowedRanges (${allowedRanges.join(", ")}) would shut out every app, because Key Vault does ` +
          "not trust Container Apps; give it a network, or remove allowedRanges",
      );
    }
    this.name = name;
    this.uri = `https://${name}.vault.azure.net/`;
    this.dependencyName = `vault ${name}`;

    const vault = new KeyVault(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tenantId,
      skuName: "standard",
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: deletionProtection ? 90 : 7,
      publicNetworkAccessEnabled: network === undefined || allowedRanges.length > 0,
      networkAcls: {
        bypass: "AzureServices",
        defaultAction: network === undefined ? "Allow" : "Deny",
        ipRules: [...allowedRanges],
      },
      tags: { ...resourceGroup.tags },
      lifecycle: {
        preventDestroy: deletionProtection,
        // Azure takes it once, at creation: protecting the vault later must not try to change it.
        ignoreChanges: ["soft_delete_retention_days"],
      },
    });
    this.node.defaultChild = vault;
    this.id = vault.id;
    this.readyAfter = network === undefined ? [] : this.enterFrom(network, props);
    this.writableAfter = [...this.readyAfter, this.admitDeployers(props.deployerObjectIds)];
    this.secrets = new Map(props.secrets.map((secret) => [secret, this.placeholder(secret)]));
    if (props.workspaceId !== undefined) this.audit(props.workspaceId);
  }

  secret(name: string): VaultSecret {
    return find(this.name, this.secrets, name);
  }

  bind(scope: Construct, workload: AgentWorkload, identity: AzureIdentity): AgentBinding {
    return bindSecrets(this, scope, workload, identity);
  }

  private enterFrom(
    network: INetwork,
    { resourceGroup, name }: KeyVaultSecretsProps,
  ): readonly ITerraformDependable[] {
    const endpoint = new PrivateEndpoint(this, "endpoint", {
      resourceGroup,
      network,
      name: `pe-${name}`,
      targetId: this.id,
      subresource: "vault",
      zoneName: "privatelink.vaultcore.azure.net",
    });
    return endpoint.readyAfter;
  }

  /** Roles take a while to hold: secrets are written after a wait that starts again when a deployer is added. */
  private admitDeployers(objectIds: readonly string[]): ITerraformDependable {
    const grants = objectIds.map((objectId) => [
      objectId,
      new RoleAssignment(this, `deployer-${objectId}`, {
        scope: this.id,
        roleDefinitionName: "Key Vault Secrets Officer",
        principalId: objectId,
      }).id,
    ]);
    return new Sleep(this, "deployers-admitted", {
      createDuration: "60s",
      triggers: Object.fromEntries(grants),
    });
  }

  private placeholder(name: string): VaultSecret {
    const secret = new KeyVaultSecret(this, name, {
      name,
      keyVaultId: this.id,
      // Write-only with a version that never changes: an operator's value is neither overwritten nor read into state.
      valueWo: "placeholder",
      valueWoVersion: 1,
      contentType: "text/plain",
      dependsOn: [...this.writableAfter],
    });
    return { name, versionlessId: secret.versionlessId, scopeId: secret.resourceVersionlessId };
  }

  private audit(workspaceId: string): void {
    new MonitorDiagnosticSetting(this, "audit", {
      name: "audit",
      targetResourceId: this.id,
      logAnalyticsWorkspaceId: workspaceId,
      enabledLog: [{ categoryGroup: "audit" }],
    });
  }
}

export interface ExistingKeyVaultProps {
  readonly name: string;
  readonly resourceGroupName: string;
  /** Names of the secrets that it has. */
  readonly secrets: readonly string[];
  /**
   * Leads the names of the secrets that a deploy writes into it: two environments that share a vault take two.
   *
   * @default - none
   */
  readonly writtenPrefix?: string;
}

/** A vault that somebody else made. */
class ExistingKeyVaultSecrets extends Construct implements IKeyVaultSecrets {
  readonly name: string;
  readonly id: string;
  readonly uri: string;
  readonly dependencyName: string;
  readonly readyAfter = [];
  readonly writableAfter = [];
  readonly writtenPrefix: string | undefined;
  private readonly secrets: ReadonlyMap<string, VaultSecret>;

  constructor(scope: Construct, id: string, props: ExistingKeyVaultProps) {
    super(scope, id);
    const { name, resourceGroupName } = props;
    const vault = new DataAzurermKeyVault(this, "resource", { name, resourceGroupName });
    this.name = name;
    this.writtenPrefix = props.writtenPrefix;
    this.id = vault.id;
    this.uri = `https://${name}.vault.azure.net/`;
    this.dependencyName = `vault ${name}`;
    // Built from the name and not looked up: a data source would read the secrets' values into state.
    this.secrets = new Map(
      props.secrets.map((secret) => [
        secret,
        {
          name: secret,
          versionlessId: `${this.uri}secrets/${secret}`,
          scopeId: `${vault.id}/secrets/${secret}`,
        },
      ]),
    );
  }

  secret(name: string): VaultSecret {
    return find(this.name, this.secrets, name);
  }

  bind(scope: Construct, workload: AgentWorkload, identity: AzureIdentity): AgentBinding {
    return bindSecrets(this, scope, workload, identity);
  }
}

function find(vault: string, secrets: ReadonlyMap<string, VaultSecret>, name: string): VaultSecret {
  const secret = secrets.get(name);
  if (secret !== undefined) return secret;
  throw new Error(
    `vault '${vault}' has no secret '${name}' (it has ${listOf([...secrets.keys()])}); add it to 'secrets', or correct the name`,
  );
}

function bindSecrets(
  vault: IKeyVaultSecrets,
  scope: Construct,
  workload: AgentWorkload,
  identity: AzureIdentity,
): AgentBinding {
  // Several variables may carry one secret; it is granted once.
  const names = [...new Set(workload.secrets.map(({ name }) => name))];
  return {
    variables: { ...keyVaultVariables({ url: vault.uri }), ...azureIdentityVariables(identity) },
    secrets: workload.secrets.map(({ variable, name }) =>
      secretReference(vault, vault.secret(name), variable),
    ),
    grants: names.map((name) => grantSecret(scope, vault.secret(name), identity)),
    readyAfter: vault.readyAfter,
  };
}

/** A secret as a variable of an agent. */
export function secretReference(
  vault: IKeyVaultSecrets,
  secret: VaultSecret,
  variable: string,
): SecretReference {
  return { variable, name: secret.name, vault: vault.name, id: secret.versionlessId };
}

/** Lets one identity read one secret; asked again for the same one, it is the same grant. */
export function grantSecret(
  scope: Construct,
  secret: VaultSecret,
  identity: Pick<AzureIdentity, "principalId">,
): RoleGrant {
  const id = `read-${secret.name}`;
  const granted = scope.node.tryFindChild(id);
  if (granted instanceof RoleAssignment) return granted;
  return new RoleAssignment(scope, id, {
    scope: secret.scopeId,
    roleDefinitionName: "Key Vault Secrets User",
    principalId: identity.principalId,
    principalType: "ServicePrincipal",
  });
}

/** Puts a value that the deploy itself knows (a connection string) into a vault. It is in the state, like its source. */
export function writeSecret(
  scope: Construct,
  id: string,
  props: {
    readonly vault: IKeyVaultSecrets;
    readonly name: string;
    readonly value: string;
    readonly contentType: string;
  },
): VaultSecret {
  const { vault, value, contentType } = props;
  const name = `${vault.writtenPrefix ?? ""}${props.name}`;
  const secret = new KeyVaultSecret(scope, id, {
    name,
    keyVaultId: vault.id,
    value,
    contentType,
    dependsOn: [...vault.writableAfter],
  });
  return { name, versionlessId: secret.versionlessId, scopeId: secret.resourceVersionlessId };
}

/** The vault of an environment: one that exists, or its own. */
export function provideVault(
  scope: Construct,
  id: string,
  plan: AzurePlan["vault"],
  parts: {
    readonly resourceGroup: IResourceGroup;
    readonly network: INetwork | undefined;
    readonly workspaceId: string;
    readonly deletionProtection: boolean;
  },
): IKeyVaultSecrets {
  if (plan.kind === "existing") return KeyVaultSecrets.fromExisting(scope, id, plan);
  return new KeyVaultSecrets(scope, id, {
    ...parts,
    ...plan,
    network: plan.closed ? parts.network : undefined,
  });
}
