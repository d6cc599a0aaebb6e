import { join } from "node:path";
import { expect, test } from "vitest";
import { edgePrograms } from "../../src/edge/edge-program";
import { workloadOf } from "../support/sample-fleet";

// Each program's configuration, whole; `edges.test.ts` says what the programs make of it.

const workload = workloadOf("billing");
const at = (name: string, publicUrl: string, taskDeadlineSeconds: number) => ({
  ...workload,
  name,
  port: 8123,
  reach: "internet" as const,
  taskDeadlineSeconds,
  route: { ...workload.route, publicUrl },
});
const agents = [
  at("billing", "https://agents.acme.example/agents/billing", 300),
  at("desk", "https://agents.acme.example/agents/desk/", 400),
  at("alone", "https://alone.acme.example:8443", 60),
];

test.each(["nginx", "haproxy", "caddy"] as const)("%s", async (name) => {
  const { write } = edgePrograms[name];
  const given = {
    servers: { billing: ["10.0.0.4:8000", "10.0.0.5:8000"] },
    certificates: "/certs",
    beside: { "/identity": "keycloak:8080", "/docs": "docs:80" },
    httpPort: 8080,
  };
  const text = `${write(agents, given)}\n# And with nothing said:\n\n${write(agents.slice(0, 1))}`;
  await expect(text).toMatchFileSnapshot(join(__dirname, `__snapshots__/${name}.conf`));
});
