import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { arbitraryFleet, type FleetInput } from "../support/arbitrary-fleet";
import { DaprAccess } from "../support/dapr-access";
import { DEFAULT_DOMAIN, deployedAgents } from "../support/deployed-agents";
import { effectiveOperations, statements, texts } from "../support/effective-policy";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { type Manifest, readManifests, withNames } from "../support/kubernetes-manifests";
import { type PrintedResource, readCustomResources } from "../support/kubernetes-resources";
import { canReach, type PolicyPod, podsOf } from "../support/network-policy-evaluator";
import { environment as onContainerApps } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

type Variables = Readonly<Record<string, string>>;
type Agents = ReadonlyMap<string, Variables>;

/** How one request gets to an agent, and what its process sees of it. */
interface Way {
  readonly kind: "mesh" | "service" | "ingress" | "outside";
  readonly agent: string;
  readonly headers: { readonly Host: string; readonly "X-Forwarded-Host"?: string };
}

/** Where a URL leads that an agent of the fleet asks for. */
function wayTo(url: string, caller: string, agents: Agents): Way {
  const { host, hostname, pathname } = new URL(url);
  const [, invoked] = /^\/v1\.0\/invoke\/([^/.]+)(?:\.[^/]+)?\/method\/$/.exec(pathname) ?? [];
  if (host === "127.0.0.1:3500" && invoked !== undefined) {
    // daprd asks the app at its loopback address, and tells the caller's host name.
    const headers = { Host: "127.0.0.1:8000", "X-Forwarded-Host": `${caller}-7d4b9c-x2x` };
    return { kind: "mesh", agent: invoked, headers };
  }
  const [name = ""] = hostname.split(".");
  if (pathname === "/" && hostname.endsWith(".svc.cluster.local")) {
    return { kind: "service", agent: name, headers: { Host: host } };
  }
  if (pathname === "/" && hostname.endsWith(`.${DEFAULT_DOMAIN}`)) {
    return { kind: "ingress", agent: name, headers: { Host: host } };
  }
  const published = [...agents].find(([, { AGENT_URL }]) => AGENT_URL === url);
  if (published === undefined) throw new Error(`${caller} asks for ${url}, which leads nowhere`);
  return { kind: "outside", agent: published[0], headers: { Host: host } };
}

/** URLs on the card that an agent serves to a request, as the contract says which. */
function urlsServed(variables: Variables, { headers }: Way, version: "1.0" | "0.3"): string[] {
  const host = (headers["X-Forwarded-Host"] ?? headers.Host).replace(/:\d+$/, "");
  const isPublic = host === new URL(variables.AGENT_URL as string).hostname;
  const name = isPublic || variables.AGENT_PEER_CARD === undefined ? "AGENT_CARD" : "AGENT_PEER_CARD";
  const card = JSON.parse(variables[version === "1.0" ? name : `${name}_V03`] ?? "null");
  if (card === null) return [];
  return version === "1.0"
    ? card.supportedInterfaces.map(({ url }: { url: string }) => url)
    : [card.url, ...card.additionalInterfaces.map(({ url }: { url: string }) => url)];
}

/** Every call of every agent, from the registry by the card to the URL that is posted to: what leaves the way it began. */
function strayCalls(agents: Agents, letsThrough: (caller: string, way: Way) => boolean): string[] {
  return [...agents].flatMap(([caller, { AGENT_REGISTRY = "{}" }]) =>
    Object.entries<string>(JSON.parse(AGENT_REGISTRY)).flatMap(([name, url]) => {
      const callee = agents.get(name);
      // Somebody else's agent.
      if (callee === undefined) return [];
      const asked = wayTo(url, caller, agents);
      const posted = (["1.0", "0.3"] as const).flatMap((version) => urlsServed(callee, asked, version));
      expect(posted.length).toBeGreaterThan(0);
      return posted.flatMap((postUrl) => {
        const way = wayTo(postUrl, caller, agents);
        const stays = way.agent === name && way.kind === asked.kind && letsThrough(caller, way);
        return stays ? [] : [`${caller} → ${name}: asked ${url}, posts to ${postUrl}`];
      });
    }),
  );
}

/** Agents of generated fleets have a caller now and then; without one there is nothing to walk. */
const withCalls = (environment: Partial<Environment>) =>
  arbitraryFleet({ maxAgents: 4, environment }).filter(({ definitions, environment: each }) => {
    const { workloads, problems } = resolveFleet(definitions, each);
    return problems.length === 0 && workloads.some(({ peers }) => peers.length > 0);
  });

const entra = { identityProvider: { kind: "entra" } } satisfies Partial<Environment>;
const gateway = { ...entra, gateway: {} } satisfies Partial<Environment>;
const mesh = { mesh: { kind: "dapr" } } satisfies Partial<Environment>;

function walk(environment: Partial<Environment>, check: (input: FleetInput) => void) {
  // Shrinking would synthesize for minutes: the seed that is printed is enough.
  fc.assert(fc.property(withCalls(environment), check), { numRuns: 5, endOnFailure: true });
}

/** The same agents without what the contract gives peers. */
function withoutPeerCards(agents: Agents): Agents {
  return new Map(
    [...agents].map(([name, { AGENT_PEER_CARD, AGENT_PEER_CARD_V03, ...rest }]) => [name, rest]),
  );
}

describe("every call between agents, from the card that the caller is given", () => {
  test.each([
    ["by Services", {}],
    ["by Services, behind a gateway", gateway],
    ["by sidecars", mesh],
    ["by sidecars, behind a gateway", { ...gateway, ...mesh }],
  ])("in a cluster %s: stays there, and its policies let it through", (_, change) => {
    walk({ ...aksEnvironment, ...inNetwork(aksEnvironment), ...change }, ({ definitions, environment }) => {
      const json = withNames(synthCluster(environment, definitions).json);
      const agents = agentsInCluster(json);
      const through = clusterPolicies(json, agents);
      expect(strayCalls(agents, through)).toEqual([]);
    });
  });

  test.each([
    ["without anything in front", {}],
    ["behind a gateway", gateway],
    ["by sidecars, behind a gateway", { ...gateway, ...mesh }],
  ])("on Container Apps %s: stays in the environment", (_, change) => {
    walk({ ...inNetwork(onContainerApps), ...change }, ({ definitions, environment }) => {
      const apps = deployedAgents(synthEnvironment(environment, definitions));
      const agents = new Map(apps.map(({ name, variables }) => [name, variables]));
      const meshed = new Set(apps.flatMap(({ meshId }) => meshId ?? []));
      expect(strayCalls(agents, (_caller, { kind, agent }) => kind !== "mesh" || meshed.has(agent))).toEqual(
        [],
      );
    });
  });

  test("without the cards for peers leaves through the gateway", () => {
    walk({ ...inNetwork(onContainerApps), ...gateway }, ({ definitions, environment }) => {
      const apps = deployedAgents(synthEnvironment(environment, definitions));
      const agents = new Map(apps.map(({ name, variables }) => [name, variables]));
      expect(strayCalls(withoutPeerCards(agents), () => true)).not.toEqual([]);
    });
  });
});

describe("a caller from outside", () => {
  test("is told the gateway's URL: the gateway says for which host it was asked, and no caller can", () => {
    walk({ ...inNetwork(onContainerApps), ...gateway }, ({ definitions, environment }) => {
      const stack = synthEnvironment(environment, definitions);
      const operations = effectiveOperations(stack);
      for (const { name, variables, address } of deployedAgents(stack)) {
        const cards = operations.filter(
          ({ api, path }) => api === `agent-${name}` && path.startsWith("/.well-known/"),
        );
        expect(cards.length).toBe(2);
        for (const { sections, apiPath } of cards) {
          const said = statements(sections.inbound, "set-header").filter(
            ({ attributes }) => attributes.name === "X-Forwarded-Host",
          );
          expect(said.map(({ attributes }) => attributes["exists-action"])).toEqual(["override"]);
          const [forwardedHost = ""] = texts(said[0] as never, "value");
          const headers = { Host: new URL(address).host, "X-Forwarded-Host": forwardedHost };
          const urls = urlsServed(variables, { kind: "outside", agent: name, headers }, "1.0");
          for (const url of urls) expect(url).toBe(`https://${forwardedHost}/${apiPath}/`);
        }
      }
    });
  });
});

function inNetwork({ azure }: Environment): Partial<Environment> {
  if (azure === undefined) throw new Error("the sample environment is on Azure");
  return { azure: { ...azure, network: { kind: "created" } } };
}

function agentsInCluster(json: object): Agents {
  const manifests = readManifests(json);
  return new Map(
    manifests
      .filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name !== undefined)
      .flatMap(({ metadata, ...rest }) => {
        const { data } = rest as unknown as { data: Variables };
        return data.AGENT_NAME === undefined ? [] : [[metadata.name, data] as const];
      }),
  );
}

/** Whether network policies and Dapr's access control let a call through that stays in the cluster. */
function clusterPolicies(json: object, agents: Agents): (caller: string, way: Way) => boolean {
  const manifests = readManifests(json);
  const policies = manifests.filter(({ kind }: Manifest) => kind === "NetworkPolicy");
  const pods = new Map(podsOf(manifests).map((pod) => [pod.name, pod]));
  const access = new DaprAccess(readCustomResources(json) as PrintedResource[]);
  return (caller, { kind, agent }) => {
    const from = pods.get(caller) as PolicyPod;
    const to = pods.get(agent) as PolicyPod;
    if (kind === "service") return canReach(policies, from, to, Number(agents.get(agent)?.A2A_PORT));
    if (kind !== "mesh") return false;
    const app = (pod: PolicyPod) => ({ appId: pod.name, namespace: pod.namespace });
    return canReach(policies, from, to, 50002) && access.allows(app(from), app(to), "/", "POST");
  };
}
