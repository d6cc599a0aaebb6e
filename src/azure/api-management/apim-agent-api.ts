import { ApiManagementApi } from "@cdktf/provider-azurerm/lib/api-management-api";
import { ApiManagementApiOperation } from "@cdktf/provider-azurerm/lib/api-management-api-operation";
import { ApiManagementApiOperationPolicy } from "@cdktf/provider-azurerm/lib/api-management-api-operation-policy";
import { ApiManagementApiPolicy } from "@cdktf/provider-azurerm/lib/api-management-api-policy";
import { ApiManagementBackend } from "@cdktf/provider-azurerm/lib/api-management-backend";
import { Construct } from "constructs";
import type { AgentWorkload } from "../../agent/agent-workload";
import { type AgentOperation, agentOperations, pathParameters } from "../../gateway/agent-operations";
import {
  API_KEY_HEADER,
  agentApiPolicy,
  callPolicy,
  cardPolicy,
  gatewayHop,
  keyCallPolicy,
} from "../../gateway/agent-policies";
import { type Policy, renderPolicy } from "../../gateway/policy";
import { type IIdentityProvider, refuseStranger } from "../../identity/identity-provider";
import { terraformText } from "../../terraform-text";
import type { IApiManagement } from "./api-management";

export interface ApimAgentApiProps {
  /** The resolved agent: one of those that the gateway was made for. */
  readonly workload: AgentWorkload;
  readonly gateway: IApiManagement;
  /** Whose tokens are let in. */
  readonly identityProvider: IIdentityProvider<never>;
  /**
   * Whether applications may call with an API key as well, at the same path under `/keys`. They need a subscription
   * (`ApimApplication`); the gateway takes tokens for them as itself, which only Entra gives it.
   *
   * @default false
   */
  readonly apiKeys?: boolean;
}

/**
 * One agent behind the gateway, at the path of its public URL: the card for everybody, calls with a token of the
 * agent's audience and role, nothing else.
 *
 * @throws Error when the gateway wasn't made for the agent, or its route leads through no gateway.
 * @example
 * new ApimAgentApi(this, "billing-api", { workload, gateway, identityProvider });
 */
export class ApimAgentApi extends Construct {
  /** Name of the API that takes keys, or null where there is none. */
  readonly keyApiName: string | null;

  constructor(scope: Construct, id: string, props: ApimAgentApiProps) {
    super(scope, id);
    const { workload, gateway, identityProvider, apiKeys = false } = props;
    refuseStranger("gateway", gateway.agents, workload.name);
    const backend = this.createBackend(workload, gateway);
    const check = identityProvider.tokenCheck(workload);
    this.createApi(this, props, {
      name: `agent-${workload.name}`,
      path: pathOf(workload),
      backend,
      operations: agentOperations(workload),
      policy: (operation) =>
        operation.access === "card" ? cardPolicy() : callPolicy(workload, operation, check),
    });
    if (!apiKeys) {
      this.keyApiName = null;
      return;
    }
    if (check.kind !== "tenant") {
      throw new Error(
        `agent '${workload.name}': API keys need Entra: the agent checks a token in any case, and only there the gateway gets ` +
          "one as itself; use identityProvider kind 'entra', or leave apiKeys out",
      );
    }
    this.keyApiName = this.createApi(new Construct(this, "keys"), props, {
      name: `agent-${workload.name}-keys`,
      path: `keys/${pathOf(workload)}`,
      backend,
      operations: agentOperations(workload).filter(({ access }) => access === "call"),
      policy: (operation) => keyCallPolicy(workload, operation),
      keyHeader: API_KEY_HEADER,
    });
  }

  private createBackend({ name, title, route }: AgentWorkload, gateway: IApiManagement): string {
    return new ApiManagementBackend(this, "backend", {
      name: `agent-${name}`,
      apiManagementName: gateway.name,
      resourceGroupName: gateway.resourceGroupName,
      title: terraformText(title),
      protocol: "http",
      url: route.backendUrl,
      tls: { validateCertificateChain: true, validateCertificateName: true },
      circuitBreakerRule: {
        name: "failing",
        tripDuration: "PT30S",
        acceptRetryAfterEnabled: true,
        failureCondition: { count: 10, intervalDuration: "PT1M", statusCodeRange: [{ min: 500, max: 599 }] },
      },
      dependsOn: [...gateway.reachesAgentsAfter],
    }).name;
  }

  private createApi(
    scope: Construct,
    { workload, gateway, identityProvider }: ApimAgentApiProps,
    api: {
      readonly name: string;
      readonly path: string;
      readonly backend: string;
      readonly operations: readonly AgentOperation[];
      readonly policy: (operation: AgentOperation) => Policy;
      readonly keyHeader?: string;
    },
  ): string {
    const service = { apiManagementName: gateway.name, resourceGroupName: gateway.resourceGroupName };
    const resource = new ApiManagementApi(scope, "resource", {
      ...service,
      name: api.name,
      path: api.path,
      displayName: terraformText(
        api.keyHeader === undefined ? workload.title : `${workload.title} (API keys)`,
      ),
      description: terraformText(workload.description),
      protocols: ["https"],
      // Another revision is another resource to the provider, which replaces the API.
      revision: "1",
      apiType: "http",
      subscriptionRequired: api.keyHeader !== undefined,
      ...(api.keyHeader === undefined
        ? {}
        : { subscriptionKeyParameterNames: { header: api.keyHeader, query: "api-key" } }),
    });
    scope.node.defaultChild = resource;
    new ApiManagementApiPolicy(scope, "policy", {
      ...service,
      apiName: resource.name,
      xmlContent: renderPolicy(agentApiPolicy(workload, { backend: api.backend })),
    });
    for (const operation of api.operations) {
      const part = new Construct(scope, operation.id);
      const added = new ApiManagementApiOperation(part, "resource", {
        ...service,
        apiName: resource.name,
        operationId: operation.id,
        displayName: operation.title,
        method: operation.method,
        urlTemplate: operation.path,
        templateParameter: pathParameters(operation.path).map((name) => ({
          name,
          type: "string",
          required: true,
        })),
      });
      part.node.defaultChild = added;
      new ApiManagementApiOperationPolicy(part, "policy", {
        ...service,
        apiName: resource.name,
        operationId: added.operationId,
        xmlContent: renderPolicy(api.policy(operation)),
        dependsOn: [...identityProvider.checkableAfter],
      });
    }
    return resource.name;
  }
}

/** The service writes paths without slashes around them. @throws Error when the agent is not behind a gateway */
function pathOf({ route }: AgentWorkload): string {
  gatewayHop(route);
  return new URL(route.publicUrl).pathname.slice(1, -1);
}
