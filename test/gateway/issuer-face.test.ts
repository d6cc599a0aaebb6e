import { expect, test } from "vitest";
import { ADDRESS_CLAIMS } from "../../src/agent/forwarding-headers";
import { effectiveOperations, statements } from "../support/effective-policy";
import { staging } from "../support/fleet/stacks/environments/staging";
import { synthEnvironment } from "../support/synth";

test("Keycloak's public face lets 120 requests a minute of an address through, for 30 s each, and no claim of another address", () => {
  const operations = effectiveOperations(synthEnvironment(staging)).filter(
    ({ apiPath }) => apiPath === "identity",
  );
  expect(operations.length).toBeGreaterThan(0);
  for (const { sections } of operations) {
    const [limit] = statements(sections.inbound, "rate-limit-by-key");
    expect(limit?.attributes).toMatchObject({ calls: "120", "renewal-period": "60" });
    expect(limit?.attributes["counter-key"]).toContain("context.Request.IpAddress");
    expect(statements(sections.inbound, "set-backend-service")).toHaveLength(1);
    const taken = statements(sections.inbound, "set-header").map(({ attributes }) => attributes.name);
    expect(taken).toEqual(expect.arrayContaining([...ADDRESS_CLAIMS]));
    const [forward] = statements(sections.backend, "forward-request");
    expect(forward?.attributes.timeout).toBe("30");
    expect(statements(sections.outbound, "find-and-replace")).toHaveLength(1);
  }
});
