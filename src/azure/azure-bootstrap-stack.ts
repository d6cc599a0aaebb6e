import { DirectoryRole } from "@cdktf/provider-azuread/lib/directory-role";
import { DirectoryRoleAssignment } from "@cdktf/provider-azuread/lib/directory-role-assignment";
import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { DataAzurermRoleDefinition } from "@cdktf/provider-azurerm/lib/data-azurerm-role-definition";
import { FederatedIdentityCredential } from "@cdktf/provider-azurerm/lib/federated-identity-credential";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Fn, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { runsKubernetes } from "../cluster/facts/runs-kubernetes";
import type { Environment } from "../environment/environment";
import { ownedByFleet } from "../environment/fleet-tags";
import { STATE_CONTAINER, type StateSettings } from "../environment/state-settings";
import { keepState, timeProvider } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { waitForGrants } from "../parts/role-grants";
import { GITHUB_ISSUER, type WorkflowIdentity, workflowIdentities } from "../parts/workflow-identities";
import { refuse } from "../problem";
import { azureProvider } from "./azure-provider";
import { isFleetRegistry } from "./facts/azure-registries";
import type { AzureSettings } from "./facts/azure-settings";
import {
  DIRECTORY_ROLE,
  deployerRoles,
  deploymentPlace,
  GRANTED_ROLES,
  GRANTING_ROLE,
  STATE_READING_ROLE,
  STATE_ROLE,
} from "./facts/deployer-roles";
import { ResourceGroup } from "./resource-group";
import { StateStorage } from "./state-storage";

const AZURE_BOOTSTRAP_STACK = "bootstrap-azure";

export interface AzureBootstrapProps {
  /** Environments; those that aren't in Azure have nothing here. */
  readonly environments: readonly Environment[];
  /** Repository at GitHub whose workflows deploy, `owner/name`. @default - none does */
  readonly repository?: string;
  /** Object ids among the environments' deployers that are these workflows' own: they have their roles already. */
  readonly workflowObjectIds?: readonly string[];
}

type OnAzure = Environment & { readonly azure: AzureSettings };
type StateAccount = Extract<StateSettings, { readonly kind: "azure-storage" }>;

/** A role that somebody needs somewhere. */
interface Grant {
  readonly role: string;
  /** Id of what it is about. */
  readonly scope: string;
  /** The same in a word, for addresses. */
  readonly of: string;
  /** Roles that its holder may grant on. @default - it grants none */
  readonly mayGrant?: readonly string[];
}

/**
 * What has to be there before the first deploy to Azure, once for all environments: where state is kept, who the
 * workflows are, and what whoever deploys may do. It keeps its own state in the storage that it makes.
 *
 * @throws Error when no environment is in Azure; FleetError where they don't keep their state in one storage account.
 */
export class AzureBootstrapStack extends TerraformStack {
  private readonly roleIds = new Map<string, string>();

  constructor(scope: Construct, props: AzureBootstrapProps) {
    super(scope, AZURE_BOOTSTRAP_STACK);
    const environments = props.environments.filter((each): each is OnAzure => each.azure !== undefined);
    const [first] = environments;
    if (first === undefined) throw new Error("no environment is in Azure; there is nothing to make there");
    const { repository, workflowObjectIds = [] } = props;
    const account = accountOf(environments);
    const subscriptionId = imagesSubscription(environments) ?? first.azure.subscriptionId;
    const guard = new PlaceholderGuard(this, AZURE_BOOTSTRAP_STACK, {
      repository,
      account,
      subscriptionId,
      environments: environments.map(({ prefix, tenant, azure }) => ({ prefix, tenant, azure })),
    });
    const shared = sharedContainer(environments);
    if (!guard.closed) keepState(this, AZURE_BOOTSTRAP_STACK, { ...account, container: shared });
    azureProvider(this, {
      subscriptionId: guard.pass(subscriptionId),
      tenantId: first.tenant,
      resourceProviders: ["Microsoft.ManagedIdentity", "Microsoft.Storage"],
      deletionProtection: true,
    });
    timeProvider(this);
    const resourceGroup = new ResourceGroup(this, "group", {
      name: account.resourceGroup,
      location: first.azure.location,
      tags: ownedByFleet,
    });
    const { containers } = new StateStorage(this, "state", {
      resourceGroup,
      account: account.storageAccount,
      containers: [...new Set([shared, ...environments.map(containerOf)])],
    });
    const writing = (of: string): Grant => ({ role: STATE_ROLE, scope: containers[of] as string, of });

    const people = [...new Set(environments.flatMap(({ azure }) => azure.deployerObjectIds))].filter(
      (id) => !workflowObjectIds.includes(id),
    );
    const forPeople = people.map((principalId) => {
      const theirs = environments.filter(({ azure }) => azure.deployerObjectIds.includes(principalId));
      // Whoever deploys only some of them has no say in what all share.
      const all = theirs.length === environments.length ? [shared] : [];
      return this.grant(new Construct(this, `deployer-${principalId}`), principalId, undefined, [
        ...widest(theirs.flatMap(deployerGrants)),
        ...[...new Set([...all, ...theirs.map(containerOf)])].map(writing),
      ]);
    });

    const workflows = environments.flatMap((environment) =>
      (repository === undefined ? [] : workflowIdentities(environment, repository)).map((workflow) => {
        const own = new Construct(this, `workflow-${workflow.name}`);
        const identity = createIdentity(own, workflow, first.prefix, resourceGroup);
        const state = writing(containerOf(environment));
        const grants =
          workflow.may === "deploy"
            ? [...deployerGrants(environment), state]
            : [...readerGrants(environment), { ...state, role: STATE_READING_ROLE }];
        return {
          workflow,
          environment,
          identity,
          grants: this.grant(own, identity.principalId, "ServicePrincipal", widest(grants)),
        };
      }),
    );
    waitForGrants(new Construct(this, "state-roles"), forPeople.flat());
    this.registerInDirectory(
      first.tenant,
      workflows.filter(({ environment }) => environment.identityProvider?.kind === "entra"),
    );
    tell(this, first, workflows);
  }

  /** The roles of one principal. */
  private grant(
    scope: Construct,
    principalId: string,
    principalType: string | undefined,
    grants: readonly Grant[],
  ): RoleAssignment[] {
    return grants.map(
      ({ role, scope: at, of, mayGrant }) =>
        new RoleAssignment(scope, `${inKebab(role)}-${of}`, {
          scope: at,
          roleDefinitionName: role,
          principalId,
          principalType,
          ...(mayGrant && { condition: this.grantingOnly(mayGrant), conditionVersion: "2.0" }),
        }),
    );
  }

  /**
   * A condition under which somebody grants, and takes back, some roles alone: with the role as it is they would make
   * themselves owners.
   *
   * @see https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
   */
  private grantingOnly(roles: readonly string[]): string {
    const ids = roles.map((role) => this.roleId(role)).join(", ");
    const only = (action: string, of: string) =>
      `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR ` +
      `(@${of}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${ids}}))`;
    return `${only("write", "Request")} AND ${only("delete", "Resource")}`;
  }

  /** A built-in role's id: the same in every subscription. */
  private roleId(name: string): string {
    const known = this.roleIds.get(name);
    if (known !== undefined) return known;
    const definition = new DataAzurermRoleDefinition(this, `role-${inKebab(name)}`, { name });
    // Found by its name, its `role_definition_id` stays empty.
    const id = Fn.basename(definition.id);
    this.roleIds.set(name, id);
    return id;
  }

  /** Where agents and callers are registered in Entra: who deploys writes there, who plans reads. */
  private registerInDirectory(
    tenantId: string,
    workflows: readonly { readonly workflow: WorkflowIdentity; readonly identity: UserAssignedIdentity }[],
  ): void {
    if (workflows.length === 0) return;
    new AzureadProvider(this, "azuread", { tenantId });
    const own = new Construct(this, "directory");
    const roleOf = { deploy: DIRECTORY_ROLE, plan: "Directory Readers" };
    const roles = new Map(
      Object.values(roleOf).map((displayName) => [
        displayName,
        new DirectoryRole(own, inKebab(displayName), { displayName }),
      ]),
    );
    for (const { workflow, identity } of workflows) {
      new DirectoryRoleAssignment(own, workflow.name, {
        roleId: roles.get(roleOf[workflow.may])?.templateId ?? "",
        principalObjectId: identity.principalId,
      });
    }
  }
}

/** What an environment's deployer needs of Azure, its registry's pulls included. */
function deployerGrants(environment: OnAzure): Grant[] {
  const { azure, registry } = environment;
  const scopeOf = {
    place: deploymentPlace(azure).id,
    subscription: `/subscriptions/${azure.subscriptionId}`,
  };
  const own = deployerRoles
    .filter(({ rights }) => rights(environment).length > 0)
    .map(({ role, at }) => ({
      role,
      scope: scopeOf[at],
      of: wordOf(scopeOf[at]),
      ...(role === GRANTING_ROLE && { mayGrant: GRANTED_ROLES }),
    }));
  const images = isFleetRegistry(registry) ? `/subscriptions/${registry.subscriptionId}` : undefined;
  if (images === undefined || images === scopeOf.place) return own;
  return [
    ...own,
    { role: "AcrPull", scope: images, of: wordOf(images) },
    { role: GRANTING_ROLE, scope: images, of: wordOf(images), mayGrant: ["AcrPull"] },
  ];
}

/** What it takes to plan an environment, and to read no secret. */
function readerGrants(environment: OnAzure): Grant[] {
  const scope = deploymentPlace(environment.azure).id;
  const cluster = runsKubernetes(environment)
    ? ["Azure Kubernetes Service Cluster User Role", "Azure Kubernetes Service RBAC Reader"]
    : [];
  return ["Reader", ...cluster].map((role) => ({ role, scope, of: wordOf(scope) }));
}

/** The last word of an id: a subscription's own, or the name of a group. */
function wordOf(id: string): string {
  return id.split("/").at(-1) as string;
}

/** Grants without those that another one holds already: the same, or the same role above it. */
function widest(grants: readonly Grant[]): Grant[] {
  const holds = (wide: Grant, narrow: Grant) =>
    wide.role === narrow.role &&
    `${narrow.scope}/`.startsWith(`${wide.scope}/`) &&
    (narrow.mayGrant ?? []).every((role) => wide.mayGrant?.includes(role));
  return grants.filter(
    (grant, index) =>
      !grants.some(
        (other, at) => at !== index && holds(other, grant) && !(holds(grant, other) && index < at),
      ),
  );
}

/** The one storage account of all environments. @throws FleetError where there is none, or several */
function accountOf(environments: readonly OnAzure[]): StateAccount {
  const accounts = environments.flatMap(({ state }) => (state.kind === "azure-storage" ? [state] : []));
  const [first] = accounts;
  const others = environments.filter(
    ({ state }) =>
      state.kind !== "azure-storage" ||
      state.storageAccount !== first?.storageAccount ||
      state.resourceGroup !== first.resourceGroup,
  );
  refuse(
    AZURE_BOOTSTRAP_STACK,
    others.map(({ name, state }) => ({
      rule: "one-state",
      message:
        `environment '${name}' keeps its state in ${"storageAccount" in state ? `the storage account '${state.storageAccount}'` : `'${state.kind}'`}, ` +
        `and one storage account is made for all environments in Azure${first === undefined ? "" : ` ('${first.storageAccount}')`}; ` +
        "give it the same 'state', with a container of its own if you like",
    })),
  );
  return first as StateAccount;
}

/** Container of an environment's state. */
function containerOf({ state }: OnAzure): string {
  return (state as StateAccount).container ?? STATE_CONTAINER;
}

/** Container of what environments share: their images, and who may do what. Where all have the same one, that. */
function sharedContainer(environments: readonly OnAzure[]): string {
  const [only, ...others] = new Set(environments.map(containerOf));
  return others.length === 0 && only !== undefined ? only : STATE_CONTAINER;
}

function imagesSubscription(environments: readonly OnAzure[]): string | undefined {
  return environments.map(({ registry }) => registry).find(isFleetRegistry)?.subscriptionId;
}

/** Who a workflow is in Azure: no secret, the tokens of its jobs are all that it logs in with. */
function createIdentity(
  scope: Construct,
  { name, subject }: WorkflowIdentity,
  prefix: string,
  { name: resourceGroupName, location, tags }: ResourceGroup,
): UserAssignedIdentity {
  const identity = new UserAssignedIdentity(scope, "identity", {
    name: `id-${prefix}-workflow-${name}`,
    resourceGroupName,
    location,
    tags: { ...tags },
  });
  new FederatedIdentityCredential(scope, "github", {
    name: "github",
    resourceGroupName,
    parentId: identity.id,
    issuer: GITHUB_ISSUER,
    audience: ["api://AzureADTokenExchange"],
    subject,
  });
  return identity;
}

/** Says what is left: the workflows' variables, and who they are to vaults. */
function tell(
  stack: TerraformStack,
  { tenant }: OnAzure,
  workflows: readonly { readonly workflow: WorkflowIdentity; readonly identity: UserAssignedIdentity }[],
): void {
  if (workflows.length === 0) return;
  const variable = { plan: "AZURE_CLIENT_ID_READ", deploy: "AZURE_CLIENT_ID_DEPLOY" };
  new TerraformOutput(stack, "github_variables", {
    staticId: true,
    description: "What the workflows log in with: run these once, in the repository",
    value: [
      `gh variable set AZURE_TENANT_ID --body ${tenant}`,
      ...workflows.map(
        ({ workflow: { name, may }, identity }) =>
          `gh variable set ${variable[may]} --env ${name} --body ${identity.clientId}`,
      ),
    ],
  });
  new TerraformOutput(stack, "workflow_object_ids", {
    staticId: true,
    description: "For azure.workflowObjectIds of stacks/company.json: workflows write the vaults' secrets",
    value: Object.fromEntries(
      workflows
        .filter(({ workflow }) => workflow.may === "deploy")
        .map(({ workflow, identity }) => [workflow.environment, identity.principalId]),
    ),
  });
}

function inKebab(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}
