import { expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { cloudRunService } from "../support/cloud-run-service";
import { helper, onGoogle } from "../support/fleet-on-google";
import { synthEnvironment } from "../support/synth";

/** Every option of the article's `gcloud run deploy`, in one definition and its environment. */
const article: AgentDefinition = {
  ...helper,
  name: "my-a2a-agent",
  audience: "customer-facing",
  port: 8000,
  cpu: 2,
  memoryMiB: 1024,
  workers: 4,
  minReplicas: 1,
  maxReplicas: 10,
  scaling: { kind: "http", concurrentRequests: 80 },
  secrets: { GOOGLE_API_KEY: "google-api-key" },
};

test("every value of `gcloud run deploy` is reachable from one definition", () => {
  const environment = {
    ...onGoogle,
    google: { projectId: "acme-agents", projectNumber: "123456789012", region: "us-central1" },
    cloudRun: { timeoutSeconds: 300 },
    agents: { "my-a2a-agent": { image: "2.0.0" } },
  };
  const stack = synthEnvironment(environment, [article]);
  const service = cloudRunService(stack, "my-a2a-agent");
  const { agent } = service;

  expect(agent.image).toBe("us-central1-docker.pkg.dev/acme-agents/agents/agents/my-a2a-agent:2.0.0");
  expect(stack.at("my-a2a-agent/service/resource").arguments.location).toBe("us-central1");
  expect(agent.port).toBe(8000);
  expect(agent.memory).toBe("1Gi");
  expect(agent.cpu).toBe("2");
  expect(service.timeoutSeconds).toBe(300);
  expect(service.concurrency).toBe(80);
  expect(service.minInstances).toBe(1);
  expect(service.maxInstances).toBe(10);
  expect(agent.variables).toMatchObject({
    AGENT_URL: "https://trial-my-a2a-agent-123456789012.us-central1.run.app/",
    LOG_LEVEL: "info",
    WORKERS: "4",
  });
  expect(agent.secrets.GOOGLE_API_KEY?.version).toBe("latest");
  expect(agent.secrets.GOOGLE_API_KEY?.secret).toMatch(/google-api-key.*\.secret_id/);
  // --allow-unauthenticated
  expect([service.open, service.ingress]).toEqual([true, "INGRESS_TRAFFIC_ALL"]);
});

test("a custom domain is mapped to the service, and is the URL on the card", () => {
  const environment = {
    ...onGoogle,
    cloudRun: { front: { kind: "domain-mapping", hosts: { "my-a2a-agent": "agent.acme.test" } } },
  } as const;
  const stack = synthEnvironment(environment, [article]);
  const { agent } = cloudRunService(stack, "my-a2a-agent");
  expect(agent.variables.AGENT_URL).toBe("https://agent.acme.test/");
  const [mapping] = stack.resources("google_cloud_run_domain_mapping");
  expect(mapping?.arguments.name).toBe("agent.acme.test");
  expect(mapping?.arguments.spec.route_name).toBe(
    `\${${cloudRunService(stack, "my-a2a-agent").address}.name}`,
  );
});
