import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { readCustomResources } from "../support/kubernetes-resources";
import { definitions } from "../support/sample-fleet";

const gateway: Partial<Environment> = {
  gateway: {},
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.example",
    jwksUrl: "https://login.acme.example/keys",
  },
};
/** Closed edges get their certificates from within. */
const edge = { kind: "gateway-api", certificates: { kind: "issuer", name: "corporate" } } as const;
const legacyEdge = {
  kind: "nginx",
  controller: "ingress-nginx",
  certificates: { kind: "issuer", name: "letsencrypt" },
} as const;
const nginx: Environment = {
  ...aksEnvironment,
  kubernetes: { autoscaling: "metrics-adapter", edge: legacyEdge },
};

/** A caller's headers as the route of an agent passes them on, by the filters of Gateway API. */
function passedOn(environment: Environment, agent: string, sent: Readonly<Record<string, string>>) {
  const route = readCustomResources(synthCluster(environment, definitions).json).find(
    ({ kind, metadata }) => kind === "HTTPRoute" && metadata.name === agent,
  );
  if (route === undefined) throw new Error(`no route leads to ${agent}`);
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON
  const [rule] = (route as any).spec.rules;
  const headers = new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
  for (const { requestHeaderModifier: change } of rule.filters) {
    for (const { name, value } of change?.set ?? []) headers.set(name.toLowerCase(), value);
    for (const name of change?.remove ?? []) headers.delete(name.toLowerCase());
  }
  return Object.fromEntries(headers);
}

function annotationsOf(environment: Environment, agent: string): Record<string, string> {
  const ingress = synthCluster(environment, definitions)
    .resources("kubernetes_ingress_v1")
    .find(({ arguments: { metadata } }) => metadata.name === agent);
  return ingress?.arguments.metadata.annotations;
}

const LIES = {
  Forwarded: "host=evil.example",
  "X-Forwarded-Host": "evil.example",
  "X-Forwarded-Prefix": "/evil",
  "X-Original-URL": "/evil",
};

describe("which host was asked", () => {
  test("is what the edge says where it is the first to know", () => {
    const host = `agents.${aksEnvironment.domain}`;
    expect(passedOn(aksEnvironment, "desk-globex", LIES)).toEqual({ "x-forwarded-host": host });
  });

  test("is what the gateway says where one is in front", () => {
    const sent = { "X-Forwarded-Host": "api.test.acme.example" };
    expect(passedOn({ ...aksEnvironment, ...gateway, kubernetes: { edge } }, "desk-globex", sent)).toEqual({
      "x-forwarded-host": "api.test.acme.example",
    });
  });
});

describe("an edge of the fleet's own Envoy", () => {
  const limitsOf = (environment: Environment, agent: string) =>
    readCustomResources(synthCluster(environment, definitions).json).filter(
      ({ kind, metadata }) => kind === "BackendTrafficPolicy" && metadata.name === agent,
    );
  test("limits each address to ten times what one caller may send, at the agent's own route", () => {
    const limit = { requests: 300, unit: "Minute" };
    expect(limitsOf({ ...aksEnvironment, rateLimitPerMinute: 30 }, "desk-globex")).toMatchObject([
      {
        spec: {
          targetRefs: [{ kind: "HTTPRoute", name: "desk-globex" }],
          rateLimit: {
            type: "Local",
            local: {
              rules: [
                { clientSelectors: [{ sourceCIDR: { type: "Distinct", value: "0.0.0.0/0" } }], limit },
                { clientSelectors: [{ sourceCIDR: { type: "Distinct", value: "::/0" } }], limit },
              ],
            },
          },
        },
      },
    ]);
  });

  test.each([
    ["an agent that nobody outside reaches", aksEnvironment, "billing"],
    ["an agent behind the gateway", { ...aksEnvironment, ...gateway, kubernetes: { edge } }, "desk-globex"],
    [
      "an agent behind a controller of somebody else's",
      {
        ...aksEnvironment,
        kubernetes: { edge: { ...edge, gatewayClass: "corporate", namespace: "corporate-gateways" } },
      },
      "desk-globex",
    ],
  ])("limits nobody in front of %s", (_what, environment, agent) => {
    expect(limitsOf(environment, agent)).toEqual([]);
  });
});

describe("a legacy edge", () => {
  const limit = "nginx.ingress.kubernetes.io/limit-rpm";

  test("limits each address to ten times what one caller may send", () => {
    expect(annotationsOf({ ...nginx, rateLimitPerMinute: 30 }, "desk-globex")[limit]).toBe("300");
  });

  test("limits nobody behind a gateway, which is one address for all", () => {
    const internalAddress = { subnet: "snet-edge", address: "10.40.4.4", allowedRanges: ["10.0.3.0/24"] };
    const edge = { ...legacyEdge, internalAddress };
    const behind = { ...nginx, ...gateway, kubernetes: { ...nginx.kubernetes, edge } };
    expect(annotationsOf(behind, "desk-globex")).not.toHaveProperty(limit);
  });
});
