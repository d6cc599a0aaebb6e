import * as fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryFleet, type FleetInput } from "../support/arbitrary-fleet";
import { findContractErrors } from "../support/contract-validator";
import {
  DEFAULT_DOMAIN,
  type DeployedAgent,
  deployedAgents,
  processVariables,
} from "../support/deployed-agents";
import { synthEnvironment } from "../support/synth";

/**
 * Agents of the fleets that were synthesized already: every property meets the same ones. cdktf keeps every token, and with it every construct, for as long
 * as the process lives: a synthesis for each property and fleet is paid in memory as well as in time.
 */
const synthesized = new Map<string, readonly DeployedAgent[]>();

function agentsOf(input: FleetInput): readonly DeployedAgent[] {
  const key = fc.stringify(input);
  const agents =
    synthesized.get(key) ?? deployedAgents(synthEnvironment(input.environment, input.definitions));
  synthesized.set(key, agents);
  return agents;
}

const anyFleet = arbitraryFleet();

/** Checks something about all agents of generated fleets, as their finished stacks say it. */
function holds(
  check: (agents: readonly DeployedAgent[], input: FleetInput) => void,
  fleets = anyFleet,
  numRuns = 25,
) {
  fc.assert(
    fc.property(fleets, (input) => {
      const agents = agentsOf(input);
      expect(agents.length).toBeGreaterThan(0);
      check(agents, input);
    }),
    // Shrinking would synthesize for minutes: the seed that is printed is enough.
    { numRuns, endOnFailure: true },
  );
}

const json = (agent: DeployedAgent, variable: string) => JSON.parse(agent.variables[variable] ?? "null");

test("the card, AGENT_URL and the address that answers agree", () => {
  holds((agents, { environment }) => {
    for (const agent of agents) {
      const { AGENT_URL } = agent.variables;
      const { gateway } = environment;
      if (gateway === undefined) {
        expect(AGENT_URL).toBe(`${agent.address}/`);
      } else {
        // The gateway forwards /agents/<name> to the app, which it can only reach in an internal environment.
        expect(AGENT_URL).toBe(
          `https://${gateway.host ?? `api.${environment.domain}`}/agents/${agent.name}/`,
        );
        expect(agent.public).toBe(false);
        expect(agent.address).toBe(`https://${agent.name}.${DEFAULT_DOMAIN}`);
      }
      const card = json(agent, "AGENT_CARD");
      for (const { url } of card.supportedInterfaces) expect(url).toBe(AGENT_URL);
      const legacy = json(agent, "AGENT_CARD_V03");
      if (legacy !== null)
        expect([legacy.url, legacy.skills.length]).toEqual([AGENT_URL, card.skills.length]);
      expect(json(agent, "AGENT_SKILLS")).toEqual(card.skills);
      expect([card.version, agent.variables.SERVICE_VERSION]).toEqual([
        agent.variables.AGENT_VERSION,
        agent.variables.AGENT_VERSION,
      ]);
      expect([agent.variables.AGENT_NAME, agent.variables.SERVICE_NAME]).toEqual([agent.name, agent.name]);
    }
  });
});

test("who is in a registry answers there, under the scope that the caller asks for", () => {
  holds((agents, { definitions }) => {
    const byName = new Map(agents.map((agent) => [agent.name, agent]));
    const outside = new Set(
      definitions.flatMap(({ externalAgents = [] }) => externalAgents.map(({ name }) => name)),
    );
    for (const agent of agents) {
      const registry: Record<string, string> = json(agent, "AGENT_REGISTRY");
      const scopes: Record<string, string> = json(agent, "AGENT_SCOPES");
      for (const [name, url] of Object.entries(registry)) {
        const peer = byName.get(name);
        if (peer === undefined) {
          expect(outside).toContain(name);
          continue;
        }
        expect(url).toBe(`${peer.address}/`);
        expect(scopes[url]).toBe(`${peer.variables.AGENT_AUDIENCE}/.default`);
      }
      expect(Object.values(registry)).toEqual(expect.arrayContaining(Object.keys(scopes)));
    }
  });
});

test("through the mesh, who is in a registry is called by its sidecar's name", () => {
  const mesh = { kind: "dapr" as const };
  holds(
    (agents) => {
      for (const agent of agents) {
        const registry: Record<string, string> = json(agent, "AGENT_REGISTRY");
        const inFleet = agents.filter(({ name }) => name in registry);
        for (const { name, meshId } of inFleet) {
          expect(registry[name]).toBe(`http://127.0.0.1:3500/v1.0/invoke/${meshId}/method/`);
        }
      }
    },
    arbitraryFleet({ environment: { mesh } }),
    10,
  );
});

test("every agent calls exactly those that its definition names, and a customer's only that customer's", () => {
  holds((agents, { definitions, environment: { customers = [] } }) => {
    const instances = definitions.flatMap((definition) => {
      const served = definition.perCustomer && customers.length > 0 ? customers : [undefined];
      return served.map((customer) => {
        const name = customer === undefined ? definition.name : `${definition.name}-${customer}`;
        return { name, customer, definition };
      });
    });
    expect(agents.map(({ name }) => name).toSorted()).toEqual(instances.map(({ name }) => name).toSorted());
    for (const { name, customer, definition } of instances) {
      const agent = agents.find((candidate) => candidate.name === name) as DeployedAgent;
      expect(agent.variables.CUSTOMER).toBe(customer);
      const { calls = [], externalAgents = [] } = definition;
      const called = instances
        .filter((other) => other.name !== name)
        .filter((other) =>
          calls === "every-internal-agent"
            ? other.definition.audience !== "customer-facing"
            : calls.includes(other.definition.name),
        )
        .filter(
          (other) => customer === undefined || other.customer === undefined || other.customer === customer,
        );
      expect(Object.keys(json(agent, "AGENT_REGISTRY")).toSorted()).toEqual(
        [...called, ...externalAgents].map((each) => each.name).toSorted(),
      );
    }
  });
});

test("audiences tell agents apart", () => {
  holds((agents) => {
    const audiences = agents.map(({ variables }) => variables.AGENT_AUDIENCE);
    expect(new Set(audiences).size).toBe(agents.length);
  });
});

test("the port that is told is the port that is asked", () => {
  holds((agents) => {
    for (const { variables, targetPort, probePorts } of agents) {
      expect(variables.A2A_PORT).toBe(String(targetPort));
      expect(variables.PORT).toBe(String(targetPort));
      expect(new Set(probePorts)).toEqual(new Set([targetPort]));
    }
  });
});

test("no more than one replica keeps its tasks in memory", () => {
  holds((agents) => {
    for (const { variables, maxReplicas } of agents) {
      if (variables.TASK_STORE !== "memory") continue;
      expect([maxReplicas, variables.WORKERS]).toEqual([1, "1"]);
    }
  });
});

test("what a process finds is what the contract's schema promises, with any text in it", () => {
  holds((agents, { definitions }) => {
    for (const agent of agents) {
      expect(findContractErrors(processVariables(agent))).toEqual([]);
      // Two agents may say the same of themselves.
      const alike = definitions.filter(
        ({ description }) => description === agent.variables.AGENT_DESCRIPTION,
      );
      expect(alike, `${agent.name}: ${agent.variables.AGENT_DESCRIPTION}`).not.toEqual([]);
      const isGiven = ({ variables = {} }: (typeof alike)[number]) =>
        Object.entries(variables).every(([name, value]) => agent.variables[name] === value);
      expect(alike.some(isGiven), agent.name).toBe(true);
    }
  });
});
