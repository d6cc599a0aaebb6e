import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { arbitraryFleet, type FleetInput } from "../support/arbitrary-fleet";
import { type CloudRunService, cloudRunService } from "../support/cloud-run-service";
import { findContractErrors } from "../support/contract-validator";
import { onGoogle } from "../support/fleet-on-google";
import { type FinishedStack, synthEnvironment } from "../support/synth";

const PROJECT_NUMBER = "123456789012";
const REGION = "europe-west4";

/** Generated fleets, moved to Google: what Cloud Run can't run is another test's business. */
const fleets = fc
  .tuple(arbitraryFleet({ maxAgents: 4 }), fc.boolean())
  .map(([{ definitions, environment }, balanced]): FleetInput => {
    const size = { cpu: 1, memoryMiB: 1024 };
    const { name, stage, customers, corsOrigins, logLevel } = environment;
    const agents = definitions.map((definition) => [
      definition.name,
      { ...environment.agents?.[definition.name], ...size },
    ]);
    const moved: Environment = {
      ...onGoogle,
      name,
      stage,
      customers,
      corsOrigins,
      logLevel,
      cloudRun: balanced ? { front: { kind: "load-balancer" } } : {},
      agents: Object.fromEntries(agents),
    };
    return { definitions, environment: moved };
  })
  .filter(({ definitions, environment }) => resolveFleet(definitions, environment).problems.length === 0);

function holds(
  check: (services: ReadonlyMap<string, CloudRunService>, input: FleetInput, stack: FinishedStack) => void,
) {
  fc.assert(
    fc.property(fleets, (input) => {
      const stack = synthEnvironment(input.environment, input.definitions);
      const names = stack
        .resources("google_cloud_run_v2_service")
        .map(({ arguments: { labels } }) => labels.app as string);
      expect(names.length).toBeGreaterThan(0);
      check(new Map(names.map((name) => [name, cloudRunService(stack, name)])), input, stack);
    }),
    { numRuns: 8 },
  );
}

const json = ({ agent }: CloudRunService, variable: string) =>
  JSON.parse(agent.variables[variable] ?? "null");
const runApp = (service: string) => `https://${service}-${PROJECT_NUMBER}.${REGION}.run.app/`;

/** What a process finds: Terraform's doubled signs single, references answered, secrets with a value, PORT from Cloud Run. */
function processVariables({ agent }: CloudRunService): Record<string, string> {
  const plain = Object.entries(agent.variables).map(([name, value]) => [
    name,
    value.replace(/\$\$\{|%%\{|\$\{[^}]*\}/g, (found) => {
      if (found.startsWith("$${") || found.startsWith("%%{")) return found.slice(1);
      return found.endsWith(".port}") ? "6378" : "10.0.0.3";
    }),
  ]);
  const secret = Object.keys(agent.secrets).map((name) => [name, "rediss://from-secret-manager"]);
  return { ...Object.fromEntries([...plain, ...secret]), PORT: String(agent.port) };
}

describe("generated fleets on Cloud Run", () => {
  test("have one URL each: on the card, in AGENT_URL, and where the service or its load balancer answers", () => {
    holds((services, { environment }, stack) => {
      const paths = stack
        .resources("google_compute_url_map")
        .flatMap(({ arguments: { path_matcher } }) => path_matcher ?? [])
        .flatMap(({ path_rule }) => path_rule)
        .flatMap(({ paths: each }) => each);
      for (const [name, service] of services) {
        const { AGENT_URL } = service.agent.variables;
        const behind = service.ingress === "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER";
        expect(AGENT_URL).toBe(behind ? `https://run.acme.test/agents/${name}/` : runApp(service.name));
        expect(paths.includes(`/agents/${name}`)).toBe(behind);
        expect(service.name).toBe(`${environment.name}-${name}`);
        for (const { url } of json(service, "AGENT_CARD").supportedInterfaces) expect(url).toBe(AGENT_URL);
      }
    });
  });

  test("know their peers by addresses that answer them, under the peers' own audiences", () => {
    holds((services) => {
      for (const service of services.values()) {
        const scopes = json(service, "AGENT_SCOPES");
        for (const [name, url] of Object.entries<string>(json(service, "AGENT_REGISTRY"))) {
          const peer = services.get(name);
          if (peer === undefined) continue;
          expect(url).toBe(runApp(peer.name));
          expect(scopes[url]).toBe(`${peer.agent.variables.AGENT_AUDIENCE}/.default`);
        }
      }
    });
  });

  test("find what the contract's schema promises, with any text in it", () => {
    holds((services, { definitions }) => {
      for (const service of services.values()) {
        const variables = processVariables(service);
        expect(findContractErrors(variables)).toEqual([]);
        const definition = definitions.find(({ description }) => description === variables.AGENT_DESCRIPTION);
        expect(definition, variables.AGENT_DESCRIPTION).toBeDefined();
      }
    });
  });

  test("are probed where they listen, and keep their tasks where all of their instances find them", () => {
    holds((services) => {
      for (const { agent, maxInstances } of services.values()) {
        expect(agent.variables.A2A_PORT).toBe(String(agent.port));
        expect([agent.startupProbe.http_get.port, agent.livenessProbe.http_get.port]).toEqual([
          agent.port,
          agent.port,
        ]);
        if (agent.variables.TASK_STORE === "memory") expect(maxInstances).toBe(1);
      }
    });
  });

  test("are open to the internet where people are behind them, and only there", () => {
    holds((services, { definitions, environment }) => {
      for (const [name, { ingress }] of services) {
        const definition = definitions.find(
          (each) => each.name === name || (each.perCustomer && name.startsWith(`${each.name}-`)),
        );
        const closed = ingress === "INGRESS_TRAFFIC_INTERNAL_ONLY";
        expect(closed).toBe(definition?.audience !== "customer-facing");
        if (environment.cloudRun?.front !== undefined) expect(ingress).not.toBe("INGRESS_TRAFFIC_ALL");
      }
    });
  });
});
