import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { IIdentityProvider } from "../../identity/identity-provider";
import type { AzureIdentity } from "../azure-identity";
import type { AzurePlan } from "../azure-plan";
import type { IContainerAppsEnvironment } from "../container-apps/container-apps-environment";
import { EntraIdentityProvider } from "../identity-provider/entra-identity-provider";
import { KeycloakIdentityProvider } from "../identity-provider/keycloak-identity-provider";
import type { IKeyVaultSecrets } from "../key-vault-secrets";
import type { INetwork } from "../network";
import type { Observability } from "../observability";
import type { IResourceGroup } from "../resource-group";
import { ApiManagement, type IApiManagement } from "./api-management";
import { ApimAgentApi } from "./apim-agent-api";
import { ApimApplication } from "./apim-application";
import { ApimKeycloakApi } from "./apim-keycloak-api";

/** What an environment's gateway is, and who calls it with keys. */
export type GatewayPlan = NonNullable<AzurePlan["gateway"]>;

export interface AzureGatewayProps {
  readonly plan: GatewayPlan;
  /** Resolved with the addresses that the shared infrastructure knows. */
  readonly workloads: readonly AgentWorkload[];
  readonly identityProvider: IIdentityProvider<AzureIdentity>;
  readonly resourceGroup: IResourceGroup;
  readonly network: INetwork | undefined;
  readonly observability: Observability;
  readonly secrets: IKeyVaultSecrets;
  /** What some of the agents run in. @default - none of them is an app */
  readonly containerApps: IContainerAppsEnvironment | undefined;
  readonly deletionProtection: boolean;
}

/** The public front of an environment: the service, an API for each agent, and the public face of Keycloak. */
export class AzureGateway extends Construct {
  /** The one address that it calls agents from, where it has one that stays. */
  readonly calledFrom: string | undefined;
  /** Resource id of the service, where the environment made it. */
  readonly madeId: string | undefined;

  constructor(scope: Construct, id: string, props: AzureGatewayProps) {
    super(scope, id);
    const { workloads, identityProvider } = props;
    const { gateway, calledFrom } = this.provideService(props);
    this.calledFrom = calledFrom;
    this.madeId = props.plan.service.kind === "created" ? gateway.id : undefined;
    const applications = Object.entries(props.plan.applications);
    const withKeys = new Set(applications.flatMap(([, calls]) => calls));
    const apis = new Map(
      workloads.map((workload) => [
        workload.name,
        new ApimAgentApi(this, workload.name, {
          workload,
          gateway,
          identityProvider,
          apiKeys: withKeys.has(workload.name),
        }),
      ]),
    );
    for (const [name, calls] of applications) {
      new ApimApplication(this, `application-${name}`, {
        gateway,
        name,
        calls: calls.flatMap((agent) => apis.get(agent) ?? []),
      });
    }
    if (identityProvider instanceof KeycloakIdentityProvider) {
      new ApimKeycloakApi(this, "identity", { gateway, keycloak: identityProvider });
    }
    if (identityProvider instanceof EntraIdentityProvider) {
      identityProvider.assign(this, gateway.principalId, [...withKeys]);
    }
  }

  private provideService(props: AzureGatewayProps): {
    readonly gateway: IApiManagement;
    readonly calledFrom?: string;
  } {
    const { plan, workloads } = props;
    const reachesAgentsAfter = props.containerApps?.resolvableAfter;
    if (plan.service.kind === "existing") {
      const existing = { ...plan.service, workloads, reachesAgentsAfter };
      return { gateway: ApiManagement.fromExisting(this, "service", existing) };
    }
    const network = plan.service.inNetwork ? props.network : undefined;
    const gateway = new ApiManagement(this, "service", {
      ...props,
      ...plan.service,
      network,
      reachesAgentsAfter,
    });
    if (gateway.outboundAddress === null) return { gateway };
    new TerraformOutput(this, "gateway_outbound_address", {
      staticId: true,
      description: "Address that the gateway calls agents on other clouds from",
      value: gateway.outboundAddress,
    });
    return { gateway, calledFrom: gateway.outboundAddress };
  }
}
