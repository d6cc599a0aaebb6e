import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import { gatewayHost } from "../../gateway/gateway-settings";
import type { AzureFoundations } from "../azure-foundations";
import { physicalNames } from "../facts/azure-names";
import { EntraIdentityProvider } from "../identity-provider/entra-identity-provider";
import { KeycloakIdentityProvider } from "../identity-provider/keycloak-identity-provider";
import { ApiManagement, type IApiManagement } from "./api-management";
import { ApimAgentApi } from "./apim-agent-api";
import { ApimApplication } from "./apim-application";
import { ApimKeycloakApi } from "./apim-keycloak-api";

export interface AzureGatewayProps {
  readonly environment: Environment;
  /** Resolved with the addresses that the shared infrastructure knows. */
  readonly workloads: readonly AgentWorkload[];
  readonly azure: AzureFoundations;
}

/** The public front of an environment: the service, an API for each agent, and the public face of Keycloak. */
export class AzureGateway extends Construct {
  constructor(scope: Construct, id: string, props: AzureGatewayProps) {
    super(scope, id);
    const { environment, workloads } = props;
    const { identityProvider } = props.azure;
    if (identityProvider === undefined) {
      throw new Error(
        `environment '${environment.name}' has a gateway and no identity provider whose tokens it lets in`,
      );
    }
    const gateway = this.createService(props);
    const applications = Object.entries(environment.gateway?.applications ?? {});
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

  private createService({ environment, workloads, azure }: AzureGatewayProps): IApiManagement {
    const settings = environment.gateway ?? {};
    const reachesAgentsAfter = azure.containerApps?.resolvableAfter;
    if (settings.existing !== undefined) {
      const { name, resourceGroup: resourceGroupName } = settings.existing;
      return ApiManagement.fromExisting(this, "service", {
        name,
        resourceGroupName,
        workloads,
        reachesAgentsAfter,
      });
    }
    const { resourceGroup, network, observability, secrets } = azure;
    const service = new ApiManagement(this, "service", {
      resourceGroup,
      name: physicalNames(environment).gateway,
      workloads,
      sku: settings.sku,
      host: gatewayHost(environment) ?? environment.domain,
      publisherName: settings.publisherName ?? environment.prefix,
      publisherEmail: settings.publisherEmail ?? `gateway@${environment.domain}`,
      secrets,
      // A vault of somebody else's has the certificate already.
      certificateIssuer:
        environment.vault.kind === "key-vault" ? (settings.certificateIssuer ?? "Self") : undefined,
      deployerObjectIds: environment.azure?.deployerObjectIds,
      network,
      reachesAgentsAfter,
      // What the load balancer in front of agents on another cloud admits.
      fixedAddress: workloads.some(({ platform }) => platform === "cloud-run"),
      observability,
    });
    if (service.outboundAddress !== null) {
      new TerraformOutput(this, "gateway_outbound_address", {
        staticId: true,
        description: "Address that the gateway calls agents on other clouds from: cloudRun.front.admits",
        value: service.outboundAddress,
      });
    }
    return service;
  }
}
