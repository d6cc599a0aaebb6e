import { AgentCard as SdkCard } from "@a2a-js/sdk";
import { isLegacyAgentCard, parseLegacyAgentCard } from "@a2a-js/sdk/compat/v0_3/client";
import type { AgentCard as LegacySdkCard } from "a2a-sdk-0.3";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AgentCard, agentCard, type LegacyAgentCard, legacyAgentCard } from "../../src/agent/agent-card";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { existingIdentityProvider } from "../../src/identity/identity-provider";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { billing, workloadOf } from "../support/sample-fleet";

/** The JSON that the SDK's 1.0 types stand for: a `oneof` is the key of its case, and what is empty may be left out. */
type Wire<T> = T extends string | number | boolean | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : [keyof T] extends ["scheme" | "flow"]
      ? WireCase<NonNullable<T[keyof T]>>
      : { [Key in keyof T]?: Wire<T[Key]> };
type WireCase<T> = T extends { $case: infer Case extends string; value: infer Value }
  ? { [Key in Case]: Wire<Value> }
  : never;

// These lines are the type check: they don't compile when a card isn't what the SDKs say a card is.
const inVersion1 = (card: AgentCard): Wire<SdkCard> => card;
const inVersion03 = (card: LegacyAgentCard): LegacySdkCard => card;

const skilled = {
  ...billing,
  skills: [
    ...billing.skills,
    {
      id: "write-off",
      name: "Write off",
      description: "Gives up a debt",
      tags: ["invoice"],
      examples: ["Write off invoice 17"],
      requiredRole: "billing-approver",
    },
  ],
};

describe("the card in 1.0 shape", () => {
  it("is what the SDK reads, and nothing of it is unknown there", () => {
    fc.assert(
      fc.property(arbitraryFleet(), ({ definitions, environment }) => {
        for (const workload of resolveFleet(definitions, environment).workloads) {
          const card = inVersion1(agentCard(workload));
          expect(SdkCard.toJSON(SdkCard.fromJSON(card))).toEqual(card);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("names one interface for every version and binding, the preferred one first", () => {
    const workload = workloadOf("billing", {
      definitions: [{ ...billing, protocolBindings: ["JSONRPC", "HTTP+JSON"] }],
    });
    expect(
      agentCard(workload).supportedInterfaces.map(({ protocolBinding, protocolVersion }) => [
        protocolVersion,
        protocolBinding,
      ]),
    ).toEqual([
      ["1.0", "JSONRPC"],
      ["1.0", "HTTP+JSON"],
      ["0.3", "JSONRPC"],
      ["0.3", "HTTP+JSON"],
    ]);
  });

  it("says where to get a token, and which role a skill needs, when there is an identity provider", () => {
    const workload = workloadOf("billing", {
      definitions: [skilled],
      environment: { identityProvider: { kind: "entra" } },
    });
    const card = SdkCard.fromJSON(agentCard(workload));
    const scope = "api://11111111-1111-4111-8111-111111111111/test-billing/.default";
    expect(card.securitySchemes.oauth2?.scheme).toMatchObject({
      $case: "oauth2SecurityScheme",
      value: {
        flows: {
          flow: {
            $case: "clientCredentials",
            value: {
              tokenUrl:
                "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/oauth2/v2.0/token",
              scopes: { [scope]: "Call Billing" },
            },
          },
        },
      },
    });
    expect(card.securityRequirements).toEqual([{ schemes: { oauth2: { list: [scope] } } }]);
    expect(card.skills.map(({ id, securityRequirements }) => [id, securityRequirements])).toEqual([
      ["balance", []],
      ["write-off", [{ schemes: { oauth2: { list: [scope] }, bearer: { list: ["billing-approver"] } } }]],
    ]);
  });

  it("says nothing of tokens when there is none", () => {
    const card = agentCard(
      workloadOf("billing", { definitions: [skilled], environment: { stage: "development" } }),
    );
    expect(card).not.toHaveProperty("securitySchemes");
    expect(card.skills[1]).not.toHaveProperty("securityRequirements");
  });

  it.each([
    ["https://id.acme.example", "https://id.acme.example/.well-known/openid-configuration"],
    // Auth0's end with a slash, which its tokens have and its documents' URLs have not twice.
    ["https://id.acme.example/", "https://id.acme.example/.well-known/openid-configuration"],
    ["https://id.acme.example/one/", "https://id.acme.example/one/.well-known/openid-configuration"],
  ])("points at the discovery document of %s, whose token endpoint nobody said", (issuer, document) => {
    const workload = workloadOf("billing", {
      environment: {
        identityProvider: { kind: "existing", issuer, jwksUrl: "https://id.acme.example/keys" },
      },
    });
    expect(SdkCard.fromJSON(agentCard(workload)).securitySchemes).toMatchObject({
      openIdConnect: { scheme: { value: { openIdConnectUrl: document } } },
    });
    const { variables } = existingIdentityProvider.bind(undefined as never, workload, undefined);
    expect(variables).toMatchObject({ OIDC_ISSUER: issuer });
    expect(existingIdentityProvider.tokenCheck(workload)).toMatchObject({ issuer, discoveryUrl: document });
  });
});

describe("the card in 0.3 shape", () => {
  it("is what both SDKs take for a card of 0.3, with the same skills and URL as in 1.0", () => {
    fc.assert(
      fc.property(arbitraryFleet(), ({ definitions, environment }) => {
        for (const workload of resolveFleet(definitions, environment).workloads) {
          const legacy = inVersion03(legacyAgentCard(workload));
          expect(isLegacyAgentCard(legacy)).toBe(true);
          const read = parseLegacyAgentCard(legacy);
          const modern = SdkCard.fromJSON(agentCard(workload));
          expect(read.skills).toEqual(modern.skills);
          expect(read.securityRequirements).toEqual(modern.securityRequirements);
          expect(read.securitySchemes).toEqual(modern.securitySchemes);
          expect(new Set(read.supportedInterfaces.map(({ url }) => url))).toEqual(
            new Set(modern.supportedInterfaces.map(({ url }) => url)),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
