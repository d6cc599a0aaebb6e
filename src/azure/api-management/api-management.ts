import { ApiManagement as AzurermApiManagement } from "@cdktf/provider-azurerm/lib/api-management";
import { ApiManagementCustomDomain } from "@cdktf/provider-azurerm/lib/api-management-custom-domain";
import { ApiManagementDiagnostic } from "@cdktf/provider-azurerm/lib/api-management-diagnostic";
import { ApiManagementLogger } from "@cdktf/provider-azurerm/lib/api-management-logger";
import { DataAzurermApiManagement } from "@cdktf/provider-azurerm/lib/data-azurerm-api-management";
import { KeyVaultCertificate } from "@cdktf/provider-azurerm/lib/key-vault-certificate";
import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { NatGateway } from "@cdktf/provider-azurerm/lib/nat-gateway";
import { NatGatewayPublicIpAssociation } from "@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association";
import { PublicIp } from "@cdktf/provider-azurerm/lib/public-ip";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { SubnetNatGatewayAssociation } from "@cdktf/provider-azurerm/lib/subnet-nat-gateway-association";
import { Sleep } from "@cdktf/provider-time/lib/sleep";
import { type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import { findGatewayProblems } from "../../gateway/find-gateway-problems";
import { DEFAULT_GATEWAY_SKU, gatewayTier } from "../../gateway/gateway-tier";
import { waitForGrants } from "../../parts/role-grants";
import type { IKeyVaultSecrets } from "../key-vault-secrets";
import type { INetwork } from "../network";
import type { Observability } from "../observability";
import type { IResourceGroup } from "../resource-group";

/** Name of the host's certificate in a vault. */
function certificateName({ writtenPrefix = "" }: IKeyVaultSecrets): string {
  return `${writtenPrefix}gateway`;
}

/** An API Management service in front of agents. */
export interface IApiManagement {
  readonly id: string;
  readonly name: string;
  readonly resourceGroupName: string;
  /** Object id of its own identity. */
  readonly principalId: string;
  /** Names of the agents that it is in front of. */
  readonly agents: readonly string[];
  /** What has to be there before an API of an agent: the way to their addresses. */
  readonly reachesAgentsAfter: readonly ITerraformDependable[];
}

/** A place that the service logs requests to. */
interface GatewayLog {
  readonly identifier: "azuremonitor" | "applicationinsights";
  readonly loggerId: string;
}

export interface ApiManagementProps {
  readonly resourceGroup: IResourceGroup;
  /** Global name, 1 to 50 characters. */
  readonly name: string;
  /** The agents that it is in front of. */
  readonly workloads: readonly AgentWorkload[];
  /** Tier and units, as azurerm writes it. @default "StandardV2_1" */
  readonly sku?: string;
  /** Host name that callers use. */
  readonly host: string;
  readonly publisherName: string;
  readonly publisherEmail: string;
  /** Vault with the certificate of the host. */
  readonly secrets: IKeyVaultSecrets;
  /**
   * Issuer of the certificate: `Self`, or one that is set up in the vault.
   *
   * @default - the certificate exists in the vault
   */
  readonly certificateIssuer?: string;
  /** Object ids of those who deploy: they may make the certificate. @default [] */
  readonly deployerObjectIds?: readonly string[];
  /** Network with a subnet for it, from which it reaches the agents. @default - agents on the internet only */
  readonly network?: INetwork;
  /** What has to be there before somebody in the network finds an agent by its name. @default [] */
  readonly reachesAgentsAfter?: readonly ITerraformDependable[];
  /**
   * Whether it calls from one public address that stays, so that agents on another cloud can admit it alone. Needs a
   * network: a NAT gateway on its subnet.
   *
   * @default false
   */
  readonly fixedAddress?: boolean;
  readonly observability: Observability;
}

/**
 * API Management: the one public front of every agent. It logs requests without their bodies, because a body that is
 * logged is a stream that is held back.
 *
 * @throws Error when the tier has no way into a network, and one is given.
 */
export class ApiManagement extends Construct implements IApiManagement {
  /**
   * A service that exists, with its host and certificate, in a network from which it reaches the agents. What it logs
   * is its owner's: a diagnostic for all APIs that logs bodies holds the agents' streams back.
   */
  static fromExisting(
    scope: Construct,
    id: string,
    props: {
      readonly name: string;
      readonly resourceGroupName: string;
      readonly workloads: readonly AgentWorkload[];
      readonly reachesAgentsAfter?: readonly ITerraformDependable[];
    },
  ): IApiManagement {
    const { name, resourceGroupName, workloads, reachesAgentsAfter = [] } = props;
    const service = new DataAzurermApiManagement(scope, id, { name, resourceGroupName });
    refuseBadGateway(service);
    return {
      id: service.id,
      name,
      resourceGroupName,
      principalId: service.identity.get(0).principalId,
      agents: workloads.map((workload) => workload.name),
      reachesAgentsAfter,
    };
  }

  readonly id: string;
  readonly name: string;
  readonly resourceGroupName: string;
  readonly principalId: string;
  readonly agents: readonly string[];
  readonly reachesAgentsAfter: readonly ITerraformDependable[];
  /** Public address that it calls from, or null where Azure may change it. */
  readonly outboundAddress: string | null;

  constructor(scope: Construct, id: string, props: ApiManagementProps) {
    super(scope, id);
    const { resourceGroup, name, workloads, sku = DEFAULT_GATEWAY_SKU, network, observability } = props;
    this.agents = workloads.map((workload) => workload.name);
    const address = props.fixedAddress ? this.createAddress(props) : undefined;
    this.outboundAddress = address?.ip ?? null;
    const service = this.createService(sku, props, address?.readyAfter ?? []);
    this.id = service.id;
    this.name = service.name;
    this.resourceGroupName = resourceGroup.name;
    this.principalId = service.identity.principalId;
    this.reachesAgentsAfter = network === undefined ? [] : (props.reachesAgentsAfter ?? []);
    this.logRequests(name, observability);
    this.serveHost(props);
    refuseBadGateway(this);
  }

  private createAddress({ resourceGroup, name, network }: ApiManagementProps): {
    readonly ip: string;
    readonly readyAfter: readonly ITerraformDependable[];
  } {
    if (network === undefined) {
      throw new Error(
        `API Management '${name}': a fixed address needs a network; give it one, or leave fixedAddress out`,
      );
    }
    const place = { resourceGroupName: resourceGroup.name, location: resourceGroup.location };
    const tags = { ...resourceGroup.tags };
    const address = new PublicIp(this, "address", {
      name: `pip-${name}`,
      ...place,
      sku: "Standard",
      allocationMethod: "Static",
      tags,
    });
    const translation = new NatGateway(this, "translation", {
      name: `ng-${name}`,
      ...place,
      skuName: "Standard",
      // Twice the silence after which a stream is cut anyway.
      idleTimeoutInMinutes: 8,
      tags,
    });
    const subnet = network.subnet("gateway");
    return {
      ip: address.ipAddress,
      readyAfter: [
        new NatGatewayPublicIpAssociation(this, "translation-address", {
          natGatewayId: translation.id,
          publicIpAddressId: address.id,
        }),
        new SubnetNatGatewayAssociation(this, "translation-subnet", {
          natGatewayId: translation.id,
          subnetId: subnet.id,
        }),
      ],
    };
  }

  private createService(
    sku: string,
    props: ApiManagementProps,
    readyAfter: readonly ITerraformDependable[],
  ): AzurermApiManagement {
    const { resourceGroup, name, network } = props;
    const tier = gatewayTier(sku);
    if (network !== undefined && !tier.network) {
      throw new Error(
        `API Management '${name}': the tier of '${sku}' has no way into a network; use StandardV2_1, or leave the network out`,
      );
    }
    const subnet = network?.subnet("gateway");
    const resource = new AzurermApiManagement(this, "resource", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      publisherName: props.publisherName,
      publisherEmail: props.publisherEmail,
      skuName: sku,
      // A closed vault lets in trusted services by their own identity only.
      identity: { type: "SystemAssigned" },
      ...(subnet === undefined
        ? {}
        : { virtualNetworkType: "External", virtualNetworkConfiguration: { subnetId: subnet.id } }),
      tags: { ...resourceGroup.tags },
      dependsOn: [...(subnet?.readyAfter ?? []), ...readyAfter],
    });
    this.node.defaultChild = resource;
    return resource;
  }

  private createInsightsLog(name: string, observability: Observability): GatewayLog {
    const logger = new ApiManagementLogger(this, "insights", {
      name: "application-insights",
      apiManagementName: this.name,
      resourceGroupName: this.resourceGroupName,
      description: `Requests of ${name}`,
      resourceId: observability.applicationInsightsId,
      applicationInsights: { connectionString: observability.connectionString },
    });
    return { identifier: "applicationinsights", loggerId: logger.id };
  }

  /**
   * For all APIs at once. The provider can't plan a diagnostic of one API for Azure Monitor: its `operation_name_format`
   * has a default that it refuses there.
   *
   * @see https://github.com/hashicorp/terraform-provider-azurerm/issues/28547
   */
  private logRequests(name: string, observability: Observability): void {
    new MonitorDiagnosticSetting(this, "logs", {
      name: "requests",
      targetResourceId: this.id,
      logAnalyticsWorkspaceId: observability.workspaceId,
      // A table of its own, with typed columns, instead of one for everything.
      logAnalyticsDestinationType: "Dedicated",
      enabledLog: [{ category: "GatewayLogs" }],
      enabledMetric: [{ category: "AllMetrics" }],
    });
    for (const log of [azureMonitorOf(this.id), this.createInsightsLog(name, observability)]) {
      new ApiManagementDiagnostic(this, `requests-${log.identifier}`, {
        apiManagementName: this.name,
        resourceGroupName: this.resourceGroupName,
        ...requestsWithoutBodies(log),
      });
    }
  }

  private serveHost(props: ApiManagementProps): void {
    const { secrets, host } = props;
    const certificate = this.createCertificate(props);
    const grant = new RoleAssignment(this, "read-certificate", {
      scope: `${secrets.id}/secrets/${certificateName(secrets)}`,
      roleDefinitionName: "Key Vault Secrets User",
      principalId: this.principalId,
      principalType: "ServicePrincipal",
      dependsOn: certificate === undefined ? [] : [certificate],
    });
    new ApiManagementCustomDomain(this, "host", {
      apiManagementId: this.id,
      gateway: [
        {
          hostName: host,
          // Without a version: the service takes up a new certificate by itself.
          keyVaultCertificateId:
            certificate?.versionlessSecretId ?? `${secrets.uri}secrets/${certificateName(secrets)}`,
        },
      ],
      dependsOn: [...waitForGrants(this, [grant]), ...secrets.readyAfter],
    });
  }

  /** There from the first deploy, so that the host answers; an imported one with the same name takes its place. */
  private createCertificate({
    secrets,
    host,
    certificateIssuer,
    deployerObjectIds = [],
  }: ApiManagementProps): KeyVaultCertificate | undefined {
    if (certificateIssuer === undefined) return undefined;
    const grants = deployerObjectIds.map((objectId) => [
      objectId,
      new RoleAssignment(this, `certificates-${objectId}`, {
        scope: secrets.id,
        roleDefinitionName: "Key Vault Certificates Officer",
        principalId: objectId,
      }).id,
    ]);
    const admitted = new Sleep(this, "deployers-admitted", {
      createDuration: "60s",
      triggers: Object.fromEntries(grants),
    });
    return new KeyVaultCertificate(this, "certificate", {
      name: certificateName(secrets),
      keyVaultId: secrets.id,
      certificatePolicy: {
        issuerParameters: { name: certificateIssuer },
        keyProperties: { exportable: true, keyType: "RSA", keySize: 2048, reuseKey: false },
        secretProperties: { contentType: "application/x-pkcs12" },
        lifetimeAction: [{ action: { actionType: "AutoRenew" }, trigger: { daysBeforeExpiry: 30 } }],
        x509CertificateProperties: {
          subject: `CN=${host}`,
          subjectAlternativeNames: { dnsNames: [host] },
          keyUsage: ["digitalSignature", "keyEncipherment"],
          extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
          validityInMonths: 12,
        },
      },
      // What the operator imports has a policy of its own.
      lifecycle: { ignoreChanges: ["certificate_policy", "certificate"] },
      dependsOn: [admitted, ...secrets.writableAfter],
    });
  }
}

/** Every service has a logger for Azure Monitor that nobody creates. */
function azureMonitorOf(serviceId: string): GatewayLog {
  return { identifier: "azuremonitor", loggerId: `${serviceId}/loggers/azuremonitor` };
}

/** Settings of a diagnostic: every request, no bodies. */
function requestsWithoutBodies({ identifier, loggerId }: GatewayLog) {
  const headers = { bodyBytes: 0, headersToLog: ["A2A-Version", "A2A-Extensions"] };
  return {
    identifier,
    apiManagementLoggerId: loggerId,
    alwaysLogErrors: true,
    samplingPercentage: 100,
    verbosity: "information",
    logClientIp: true,
    httpCorrelationProtocol: "W3C",
    frontendRequest: headers,
    frontendResponse: headers,
    backendRequest: headers,
    backendResponse: headers,
  };
}

/** Looks at the finished stack: what somebody adds beside our constructs can hold streams back as well. */
function refuseBadGateway(scope: Construct): void {
  scope.node.addValidation({ validate: () => findGatewayProblems(TerraformStack.of(scope).toTerraform()) });
}
