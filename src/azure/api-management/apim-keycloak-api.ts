import { ApiManagementApi } from "@cdktf/provider-azurerm/lib/api-management-api";
import { ApiManagementApiOperation } from "@cdktf/provider-azurerm/lib/api-management-api-operation";
import { ApiManagementApiPolicy } from "@cdktf/provider-azurerm/lib/api-management-api-policy";
import { ApiManagementBackend } from "@cdktf/provider-azurerm/lib/api-management-backend";
import { Construct } from "constructs";
import { issuerApiPolicy } from "../../gateway/issuer-policy";
import { renderPolicy } from "../../gateway/policy";
import { publicPathsOf } from "../../identity/keycloak/keycloak-issuer";
import type { KeycloakIdentityProvider } from "../identity-provider/keycloak-identity-provider";
import type { IApiManagement } from "./api-management";

export interface ApimKeycloakApiProps {
  readonly gateway: IApiManagement;
  readonly keycloak: KeycloakIdentityProvider;
}

/**
 * The public face of Keycloak: discovery, keys and tokens of one realm, for everybody, within a limit for each address.
 * Its other realms and its console stay private.
 */
export class ApimKeycloakApi extends Construct {
  constructor(scope: Construct, id: string, { gateway, keycloak }: ApimKeycloakApiProps) {
    super(scope, id);
    const { issuer } = keycloak;
    const service = { apiManagementName: gateway.name, resourceGroupName: gateway.resourceGroupName };
    const backend = new ApiManagementBackend(this, "backend", {
      ...service,
      name: "keycloak",
      title: "Keycloak",
      protocol: "http",
      url: issuer.internalUrl,
      tls: { validateCertificateChain: true, validateCertificateName: true },
      dependsOn: [...gateway.reachesAgentsAfter, ...keycloak.reachableAfter],
    });
    const api = new ApiManagementApi(this, "resource", {
      ...service,
      name: "identity",
      path: new URL(issuer.publicUrl).pathname.slice(1),
      displayName: "Identity provider",
      description: `Discovery, keys and tokens of the realm ${issuer.realm}`,
      protocols: ["https"],
      revision: "1",
      apiType: "http",
      subscriptionRequired: false,
    });
    this.node.defaultChild = api;
    new ApiManagementApiPolicy(this, "policy", {
      ...service,
      apiName: api.name,
      xmlContent: renderPolicy(issuerApiPolicy({ backend: backend.name, issuer })),
    });
    const methods = { discovery: "GET", keys: "GET", token: "POST" };
    for (const [operation, path] of Object.entries(publicPathsOf(issuer))) {
      new ApiManagementApiOperation(this, operation, {
        ...service,
        apiName: api.name,
        operationId: operation,
        displayName: operation,
        method: methods[operation as keyof typeof methods],
        urlTemplate: path,
      });
    }
  }
}
