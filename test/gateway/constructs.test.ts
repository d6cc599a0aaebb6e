import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import type { Construct } from "constructs";
import { describe, expect, test } from "vitest";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { ApiManagement, type IApiManagement } from "../../src/azure/api-management/api-management";
import { ApimAgentApi } from "../../src/azure/api-management/apim-agent-api";
import { ApimApplication } from "../../src/azure/api-management/apim-application";
import { KeyVaultSecrets } from "../../src/azure/key-vault-secrets";
import { Network } from "../../src/azure/network";
import { Observability } from "../../src/azure/observability";
import type { Environment } from "../../src/environment/environment";
import { renderPolicy } from "../../src/gateway/policy";
import { existingIdentityProvider } from "../../src/identity/identity-provider";
import { effectiveOperations, parsePolicy, statements } from "../support/effective-policy";
import { definitions, environment as sample, workloadOf } from "../support/sample-fleet";
import { synth, synthEnvironment } from "../support/synth";

const environment: Partial<Environment> = {
  gateway: {},
  identityProvider: {
    kind: "existing",
    issuer: "https://id.example.org",
    jwksUrl: "https://id.example.org/keys",
  },
};
const billing = workloadOf("billing", { environment });
const desk = workloadOf("desk-globex", { environment });

function companyGateway(scope: Construct, workload: AgentWorkload): IApiManagement {
  new AzurermProvider(scope, "azurerm", { features: [{}] });
  return ApiManagement.fromExisting(scope, "gateway", {
    name: "apim-company",
    resourceGroupName: "rg-company",
    workloads: [workload],
  });
}

describe("an agent behind a gateway that exists", () => {
  const stack = synth((scope) => {
    const gateway = companyGateway(scope, billing);
    new ApimAgentApi(scope, "billing-api", {
      workload: billing,
      gateway,
      identityProvider: existingIdentityProvider,
    });
  });

  test("is its API with its operations, and nothing of the service itself", () => {
    expect(stack.tree()).toEqual([
      "billing-api/backend  azurerm_api_management_backend",
      "billing-api/card-legacy/policy  azurerm_api_management_api_operation_policy",
      "billing-api/card-legacy/resource  azurerm_api_management_api_operation",
      "billing-api/card/policy  azurerm_api_management_api_operation_policy",
      "billing-api/card/resource  azurerm_api_management_api_operation",
      "billing-api/json-rpc/policy  azurerm_api_management_api_operation_policy",
      "billing-api/json-rpc/resource  azurerm_api_management_api_operation",
      "billing-api/policy  azurerm_api_management_api_policy",
      "billing-api/resource  azurerm_api_management_api",
    ]);
  });

  test("is checked against the issuer that exists", () => {
    const [check] = effectiveOperations(stack).flatMap(({ sections }) =>
      statements(sections.inbound, "validate-jwt"),
    );
    expect(statements([check as never], "openid-config")[0]?.attributes.url).toBe(
      "https://id.example.org/.well-known/openid-configuration",
    );
  });

  test("is refused when the gateway was not made for it, by name", () => {
    expect(() =>
      synth((scope) => {
        const gateway = companyGateway(scope, billing);
        new ApimAgentApi(scope, "desk-api", {
          workload: desk,
          gateway,
          identityProvider: existingIdentityProvider,
        });
      }),
    ).toThrow("agent 'desk-globex' is not one of those that the gateway was made for (billing)");
  });

  test("is refused when its route leads through no gateway", () => {
    const direct = workloadOf("billing", { environment: { ...environment, gateway: undefined } });
    expect(() =>
      synth((scope) => {
        const gateway = companyGateway(scope, direct);
        new ApimAgentApi(scope, "api", {
          workload: direct,
          gateway,
          identityProvider: existingIdentityProvider,
        });
      }),
    ).toThrow(/leads through no gateway/);
  });

  test("takes no API keys where the gateway gets no token for the agent", () => {
    expect(() =>
      synth((scope) => {
        const gateway = companyGateway(scope, billing);
        new ApimAgentApi(scope, "api", {
          workload: billing,
          gateway,
          identityProvider: existingIdentityProvider,
          apiKeys: true,
        });
      }),
    ).toThrow(/API keys need Entra/);
  });

  test("gives no application a key to an API that takes none", () => {
    expect(() =>
      synth((scope) => {
        const gateway = companyGateway(scope, billing);
        const api = new ApimAgentApi(scope, "api", {
          workload: billing,
          gateway,
          identityProvider: existingIdentityProvider,
        });
        new ApimApplication(scope, "crm", { gateway, name: "crm", calls: [api] });
      }),
    ).toThrow(/takes no API keys/);
  });
});

describe("the service", () => {
  const stack = synthEnvironment(
    { ...sample, gateway: { certificateIssuer: "DigiCert" }, identityProvider: { kind: "entra" } },
    definitions,
  );

  test("is of a tier with a network, in a subnet of its own that is delegated and guarded", () => {
    const { arguments: service } = stack.at("shared/gateway/service/resource");
    expect(service).toMatchObject({
      sku_name: "StandardV2_1",
      virtual_network_type: "External",
      identity: { type: "SystemAssigned" },
    });
    const { arguments: subnet } = stack.at("shared/network/gateway");
    expect(subnet.delegation[0].service_delegation.name).toBe("Microsoft.Web/serverFarms");
    expect(service.depends_on).toEqual([
      expect.stringMatching(/azurerm_subnet_network_security_group_association\..*gateway-rules-association/),
    ]);
  });

  test("serves its host with a certificate of the vault, which it may read before it does", () => {
    const { arguments: domain } = stack.at("shared/gateway/service/host");
    expect(domain.gateway[0]).toEqual({
      host_name: "api.test.acme.example",
      key_vault_certificate_id: expect.stringMatching(
        /^\$\{azurerm_key_vault_certificate\..*versionless_secret_id\}$/,
      ),
    });
    expect(domain.depends_on).toContainEqual(expect.stringMatching(/^time_sleep\..*grants-hold/));
    const { arguments: certificate } = stack.at("shared/gateway/service/certificate");
    expect(certificate.certificate_policy.issuer_parameters.name).toBe("DigiCert");
    expect(certificate.lifecycle.ignore_changes).toContain("certificate_policy");
  });

  test("calls from whatever address Azure gives it, or from one that agents on another cloud can admit", () => {
    expect(stack.resources("azurerm_nat_gateway")).toEqual([]);
    const fixed = ownService("StandardV2_1", true);
    expect(fixed.at("service/translation-subnet").arguments.subnet_id).toMatch(/network_gateway/);
    expect(fixed.at("service/resource").arguments.depends_on).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/azurerm_subnet_nat_gateway_association/),
        expect.stringMatching(/azurerm_nat_gateway_public_ip_association/),
      ]),
    );
  });

  test("is in a network where it has one, by a tier that can be", () => {
    const networkOf = (sku: string, inNetwork: boolean) => {
      const { virtual_network_type, virtual_network_configuration, sku_name } = ownService(sku, inNetwork).at(
        "service/resource",
      ).arguments;
      return [sku_name, virtual_network_type, virtual_network_configuration?.subnet_id];
    };
    expect(networkOf("StandardV2_1", true)).toEqual([
      "StandardV2_1",
      "External",
      expect.stringMatching(/network_gateway/),
    ]);
    expect(networkOf("BasicV2_1", false)).toEqual(["BasicV2_1", undefined, undefined]);
    expect(() => networkOf("BasicV2_1", true)).toThrow(
      "API Management 'apim-acme-test': the tier of 'BasicV2_1' has no way into a network; use StandardV2_1, or leave the network out",
    );
  });

  function ownService(sku: string, inNetwork: boolean) {
    return synth((scope) => {
      new AzurermProvider(scope, "azurerm", { features: [{}] });
      new TimeProvider(scope, "time");
      const resourceGroup = { id: "group", name: "rg-acme-test", location: "westeurope", tags: {} };
      new ApiManagement(scope, "service", {
        resourceGroup,
        name: "apim-acme-test",
        workloads: [billing],
        host: "api.test.acme.example",
        publisherName: "acme",
        publisherEmail: "gateway@acme.example",
        secrets: KeyVaultSecrets.fromExisting(scope, "vault", {
          name: "kv-acme-test",
          resourceGroupName: resourceGroup.name,
          secrets: [],
        }),
        sku,
        ...(inNetwork
          ? {
              network: new Network(scope, "network", {
                resourceGroup,
                name: "vnet-acme-test",
                subnets: ["gateway"],
              }),
              fixedAddress: true,
            }
          : {}),
        observability: new Observability(scope, "observability", {
          resourceGroup,
          workspaceName: "log-acme-test",
          applicationInsightsName: "appi-acme-test",
        }),
      });
    });
  }

  test("logs every request to Log Analytics", () => {
    const { arguments: logs } = stack.at("shared/gateway/service/logs");
    expect(logs.enabled_log).toEqual([{ category: "GatewayLogs" }]);
    expect(logs.log_analytics_workspace_id).toMatch(/azurerm_log_analytics_workspace/);
  });

  test("breaks the circuit of an agent that keeps failing", () => {
    const { arguments: backend } = stack.at("shared/gateway/billing/backend");
    const [condition] = [backend.circuit_breaker_rule.failure_condition].flat();
    expect(condition).toMatchObject({ count: 10, interval_duration: "PT1M" });
    expect(condition.percentage).toBeUndefined();
  });
});

describe("a policy's text", () => {
  test("keeps the double quotes of expressions, and stays well-formed", () => {
    const xml = renderPolicy({
      inbound: [{ name: "set-variable", attributes: { name: "a", value: '@("x" + "y")' } }],
      backend: [],
      outbound: [],
      onError: [],
    });
    expect(xml).toContain(`value='@("x" + "y")'`);
    expect(statements([parsePolicy(xml)], "set-variable")[0]?.attributes.value).toBe('@("x" + "y")');
  });

  test.each(["a < b", "a && b", "it's", "a => b"])("refuses %s, which it cannot carry", (value) => {
    for (const given of [{ attributes: { value } }, { content: value }]) {
      const policy = { inbound: [{ name: "x", ...given }], backend: [], outbound: [], onError: [] };
      expect(() => renderPolicy(policy)).toThrow(
        `policy element 'x': the value ${JSON.stringify(value)} holds one of < > & ', which a policy cannot carry; ` +
          "write the expression without it",
      );
    }
  });
});
