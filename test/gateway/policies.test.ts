import { join } from "node:path";
import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { staging } from "../support/fleet/stacks/environments/staging";
import { billing } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

// What API Management is told, word by word: `effective-policies.test.ts` says what it comes to.

const { secrets: _, ...agent } = billing;
const fleets: Readonly<Record<string, Partial<Environment>>> = {
  keycloak: { corsOrigins: ["https://app.example.com"] },
  entra: { identityProvider: { kind: "entra" }, gateway: { applications: { crm: ["billing"] } } },
};

test.each(Object.entries(fleets))("of an agent behind %s", async (name, change) => {
  const stack = synthEnvironment({ ...staging, ...change }, [
    { ...agent, protocolBindings: ["JSONRPC", "HTTP+JSON"], protocolVersions: ["1.0", "0.3"] },
  ]);
  const places = new Map<string, string[]>();
  for (const { path, arguments: policy } of stack.resources()) {
    const { xml_content: xml } = policy as { xml_content?: string };
    if (xml === undefined) continue;
    const place = path.replace(/^shared\/gateway\//, "").replace(/\/policy$/, "");
    places.set(xml, [...(places.get(xml) ?? []), place]);
  }
  const text = [...places].map(([xml, of]) => `<!-- ${of.toSorted().join(", ")} -->\n${xml}\n`);
  await expect(text.toSorted().join("\n")).toMatchFileSnapshot(join(__dirname, `__snapshots__/${name}.xml`));
});
