import { expect, test } from "vitest";
import { cloudRunService } from "../support/cloud-run-service";
import { helper, onGoogle } from "../support/fleet-on-google";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { definitions, environment } from "../support/sample-fleet";
import { type FinishedResource, synthEnvironment } from "../support/synth";

// What a caller may send in a minute, wherever it is limited: 100 where an environment says nothing.
test.each([
  [100, {}],
  [7, { rateLimitPerMinute: 7 }],
])("%i requests a minute are what agents, gateway and edges let through", (limit, said) => {
  const variable = new RegExp(`"name":"RATE_LIMIT_REQUESTS","value":"${limit}"`);
  const gated = synthEnvironment(
    { ...environment, ...said, gateway: {}, identityProvider: { kind: "entra" } },
    definitions,
  );
  const apps = gated.resources("azurerm_container_app").filter(({ path }) => /billing|desk/.test(path));
  expect(apps.map((app) => variable.test(JSON.stringify(app.arguments)))).toEqual([true, true]);
  const callsOf = ({ arguments: { xml_content } }: FinishedResource) =>
    [...String(xml_content).matchAll(/<rate-limit-by-key calls='(\d+)'/g)].map(([, calls]) => Number(calls));
  const paths = gated
    .resources("azurerm_api_management_api_operation_policy")
    .filter(({ path }) => /json-rpc/.test(path));
  // An address may be that of ten callers.
  expect(paths.map(callsOf)).toEqual([
    [10 * limit, limit],
    [10 * limit, limit],
  ]);

  const google = {
    ...onGoogle,
    ...said,
    cloudRun: { ...onGoogle.cloudRun, front: { kind: "load-balancer" as const } },
  };
  const stack = synthEnvironment(google, [{ ...helper, audience: "customer-facing" }]);
  expect(cloudRunService(stack, "helper").agent.variables.RATE_LIMIT_REQUESTS).toBe(String(limit));
  expect(JSON.stringify(stack.resources("google_compute_security_policy"))).toContain(`"count":${limit},`);

  const cluster = JSON.stringify(synthCluster({ ...aksEnvironment, ...said }, definitions).json);
  expect(cluster).toContain(`"RATE_LIMIT_REQUESTS":"${limit}"`);
});
