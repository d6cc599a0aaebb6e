import { AppRoleAssignment } from "@cdktf/provider-azuread/lib/app-role-assignment";
import { Application } from "@cdktf/provider-azuread/lib/application";
import { ApplicationFederatedIdentityCredential } from "@cdktf/provider-azuread/lib/application-federated-identity-credential";
import { DataAzureadApplication } from "@cdktf/provider-azuread/lib/data-azuread-application";
import { DataAzureadServicePrincipal } from "@cdktf/provider-azuread/lib/data-azuread-service-principal";
import { ServicePrincipal } from "@cdktf/provider-azuread/lib/service-principal";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { issuerVariables } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { TokenCheck } from "../../gateway/token-check";
import { entraRoleId } from "../../identity/entra/entra-role-id";
import {
  agentRole,
  type CallerSettings,
  type FleetCaller,
  fleetCallers,
  skillRoles,
} from "../../identity/fleet-callers";
import { type IIdentityProvider, refuseStranger, tokenIssuerOf } from "../../identity/identity-provider";
import type { AgentBinding } from "../../parts/agent-dependency";
import type { FederatedClient, IOutsideIssuer, OutsideIdentity } from "../../parts/federation";
import { terraformText } from "../../terraform-text";
import type { AzureIdentity } from "../azure-identity";

/** Longest description of a registration. */
const LONGEST_DESCRIPTION = 1024;

/** What the token of an outside identity must be for. @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation */
const ASSERTION_AUDIENCE = "api://AzureADTokenExchange";

/** What callers of one agent are let in by. */
interface AgentRegistration {
  /** Resource id of the app (`/applications/<object id>`). */
  readonly applicationId: string;
  /** Client id of the app: what `aud` of its tokens is. */
  readonly clientId: string;
  /** Object id of its service principal: what roles are assigned at. */
  readonly resourceId: string;
}

export interface EntraIdentityProviderProps {
  readonly workloads: readonly AgentWorkload[];
  /** Customers, and who else may call. */
  readonly settings: CallerSettings;
  /** Tenant id (a UUID). */
  readonly tenantId: string;
}

/**
 * Entra ID: an app registration for every agent, with the agent's role and those of its skills. Whoever isn't assigned a
 * role gets no token at all. Agents are assigned as their managed identities; customers and applications get a
 * registration of their own, to which the operator adds a credential, so that none is in Terraform's state.
 */
export class EntraIdentityProvider
  extends Construct
  implements IIdentityProvider<AzureIdentity>, IOutsideIssuer
{
  /** The registrations that another stack made, by their identifier URIs: agents are assigned to the same roles. */
  static fromExisting(
    scope: Construct,
    id: string,
    props: EntraIdentityProviderProps,
  ): IIdentityProvider<AzureIdentity> {
    const construct = new Construct(scope, id);
    return entraIdentityProvider(
      props,
      new Map(
        props.workloads.map(({ name, route }) => {
          const application = new DataAzureadApplication(construct, `${name}-app`, {
            identifierUri: route.audience,
          });
          const principal = new DataAzureadServicePrincipal(construct, name, {
            clientId: application.clientId,
          });
          const { id: applicationId, clientId } = application;
          return [name, { applicationId, clientId, resourceId: principal.objectId }];
        }),
      ),
    );
  }

  readonly dependencyName = "Entra ID";
  readonly checkableAfter: readonly ITerraformDependable[] = [];
  private readonly provider: IIdentityProvider<AzureIdentity>;
  private readonly registrations: ReadonlyMap<string, AgentRegistration>;
  private readonly workloads: readonly AgentWorkload[];
  private readonly callers: ReadonlyMap<string, FleetCaller>;

  constructor(scope: Construct, id: string, props: EntraIdentityProviderProps) {
    super(scope, id);
    const { workloads, settings } = props;
    this.workloads = workloads;
    this.registrations = new Map(workloads.map((workload) => [workload.name, this.register(workload)]));
    this.provider = entraIdentityProvider(props, this.registrations);
    const callers = fleetCallers(workloads, settings);
    this.callers = new Map(callers.map((caller) => [caller.name, caller]));
    for (const caller of callers) {
      if (caller.kind !== "agent") this.registerCaller(caller, workloads);
    }
  }

  tokenCheck(workload: AgentWorkload): TokenCheck {
    return this.provider.tokenCheck(workload);
  }

  bind(scope: Construct, workload: AgentWorkload, identity: AzureIdentity): AgentBinding {
    return this.provider.bind(scope, workload, identity);
  }

  /** Assigns an identity that is none of the fleet's agents (the gateway's own) to the roles of agents. */
  assign(scope: Construct, principalId: string, agents: readonly string[]): void {
    assignRoles(scope, { principalId, calls: agents, roles: agents }, this.workloads, this.registrations);
  }

  /** Takes the identity that an agent has in another cloud for the agent's own registration, which then calls others. */
  federate(scope: Construct, workload: AgentWorkload, { issuer, subject }: OutsideIdentity): FederatedClient {
    const { name, environment } = workload;
    const { applicationId, clientId, resourceId } = registrationOf(this.registrations, name);
    const credential = new ApplicationFederatedIdentityCredential(scope, "federation", {
      applicationId,
      displayName: `${environment}-${name}`,
      description: `What ${name} is where it runs`,
      audiences: [ASSERTION_AUDIENCE],
      issuer,
      subject,
    });
    const caller = { ...this.callers.get(name), principalId: resourceId };
    const assigned = assignRoles(scope, caller, this.workloads, this.registrations);
    return { clientId, assertionAudience: ASSERTION_AUDIENCE, readyAfter: [credential, ...assigned] };
  }

  private register(workload: AgentWorkload): AgentRegistration {
    const { name, title, description, environment, route } = workload;
    const scope = new Construct(this, name);
    const role = (value: string, displayName: string) => ({
      id: entraRoleId(route.audience, value),
      value: terraformText(value),
      displayName: terraformText(displayName),
      description: terraformText(`${displayName} (${environment})`),
      allowedMemberTypes: ["Application"],
      enabled: true,
    });
    const application = new Application(scope, "resource", {
      displayName: `${environment}-${name}`,
      description: terraformText(`${title}: ${description}`.slice(0, LONGEST_DESCRIPTION)),
      identifierUris: [route.audience],
      signInAudience: "AzureADMyOrg",
      preventDuplicateNames: true,
      // Version 1 tokens have another issuer, and the URI as their audience.
      api: { requestedAccessTokenVersion: 2 },
      appRole: [
        role(agentRole(workload), `Call the agent ${name}`),
        ...skillRoles(workload).map((value) =>
          role(value, `Use skills of the agent ${name} that ask for ${value}`),
        ),
      ],
    });
    scope.node.defaultChild = application;
    const principal = new ServicePrincipal(scope, "principal", {
      clientId: application.clientId,
      appRoleAssignmentRequired: true,
    });
    return {
      applicationId: application.id,
      clientId: application.clientId,
      resourceId: principal.objectId,
    };
  }

  private registerCaller(caller: FleetCaller, workloads: readonly AgentWorkload[]): void {
    const environment = workloads[0]?.environment;
    const scope = new Construct(this, caller.name);
    const application = new Application(scope, "resource", {
      displayName: `${environment}-${caller.name}`,
      description: `Calls agents of ${environment}`,
      signInAudience: "AzureADMyOrg",
      preventDuplicateNames: true,
      api: { requestedAccessTokenVersion: 2 },
    });
    scope.node.defaultChild = application;
    const principal = new ServicePrincipal(scope, "principal", { clientId: application.clientId });
    assignRoles(scope, { ...caller, principalId: principal.objectId }, workloads, this.registrations);
  }
}

/** What Entra tells agents and gateway, whoever made the registrations. */
function entraIdentityProvider(
  { workloads, settings, tenantId }: EntraIdentityProviderProps,
  registrations: ReadonlyMap<string, AgentRegistration>,
): IIdentityProvider<AzureIdentity> {
  const callers = new Map(fleetCallers(workloads, settings).map((caller) => [caller.name, caller]));
  return {
    dependencyName: "Entra ID",
    checkableAfter: [],
    tokenCheck: (workload) => ({
      kind: "tenant",
      tenantId,
      audience: registrationOf(registrations, workload.name).clientId,
      role: agentRole(workload),
    }),
    bind: (scope, workload, identity) => {
      const caller = { ...callers.get(workload.name), principalId: identity.principalId };
      return {
        variables: issuerVariables(tokenIssuerOf(workload), {
          audience: registrationOf(registrations, workload.name).clientId,
          requiredRole: agentRole(workload),
        }),
        readyAfter: assignRoles(scope, caller, workloads, registrations),
        egress: [{ host: "login.microsoftonline.com" }],
      };
    },
  };
}

function registrationOf(
  registrations: ReadonlyMap<string, AgentRegistration>,
  name: string,
): AgentRegistration {
  refuseStranger("identity provider", [...registrations.keys()], name);
  return registrations.get(name) as AgentRegistration;
}

/** Assigns a caller to exactly the roles that it holds, each at the agent that asks for it: whoever calls nobody holds none. */
function assignRoles(
  scope: Construct,
  {
    calls = [],
    roles = [],
    principalId,
  }: Partial<Pick<FleetCaller, "calls" | "roles">> & { readonly principalId: string },
  workloads: readonly AgentWorkload[],
  registrations: ReadonlyMap<string, AgentRegistration>,
): ITerraformDependable[] {
  return workloads
    .filter(({ name }) => calls.includes(name))
    .flatMap((workload) =>
      [agentRole(workload), ...skillRoles(workload)]
        .filter((role) => roles.includes(role))
        .map(
          (role) =>
            new AppRoleAssignment(scope, `may-call-${role}`, {
              appRoleId: entraRoleId(workload.route.audience, role),
              principalObjectId: principalId,
              resourceObjectId: registrationOf(registrations, workload.name).resourceId,
            }),
        ),
    );
}
