import { ApiManagementProduct } from "@cdktf/provider-azurerm/lib/api-management-product";
import { ApiManagementProductApi } from "@cdktf/provider-azurerm/lib/api-management-product-api";
import { ApiManagementSubscription } from "@cdktf/provider-azurerm/lib/api-management-subscription";
import { Construct } from "constructs";
import type { IApiManagement } from "./api-management";
import type { ApimAgentApi } from "./apim-agent-api";

export interface ApimApplicationProps {
  readonly gateway: IApiManagement;
  /** Name of the application. */
  readonly name: string;
  /** The agents that it may call: APIs with `apiKeys`. */
  readonly calls: readonly ApimAgentApi[];
}

/**
 * An application that calls agents with an API key: a product with their APIs, and a subscription to it. The keys are
 * made by the service and read there by the operator; they are in Terraform's state as well, as the provider has no
 * other way.
 *
 * @throws Error when one of the APIs takes no keys.
 */
export class ApimApplication extends Construct {
  constructor(scope: Construct, id: string, { gateway, name, calls }: ApimApplicationProps) {
    super(scope, id);
    const service = { apiManagementName: gateway.name, resourceGroupName: gateway.resourceGroupName };
    const product = new ApiManagementProduct(this, "resource", {
      ...service,
      productId: name,
      displayName: name,
      description: `Agents that ${name} calls`,
      published: true,
      subscriptionRequired: true,
      approvalRequired: false,
    });
    this.node.defaultChild = product;
    for (const { node, keyApiName } of calls) {
      if (keyApiName === null) {
        throw new Error(`application '${name}': ${node.path} takes no API keys; set its 'apiKeys'`);
      }
      new ApiManagementProductApi(this, node.id, {
        ...service,
        productId: product.productId,
        apiName: keyApiName,
      });
    }
    new ApiManagementSubscription(this, "subscription", {
      ...service,
      subscriptionId: name,
      displayName: name,
      productId: product.id,
      state: "active",
      allowTracing: false,
    });
  }
}
