import type { AgentWorkload } from "../agent/agent-workload";
import { partsOf } from "../choices/parts";
import { platforms, platformTraits } from "../choices/platforms";
import { taskStoreTraits } from "../choices/task-stores";
import type { Environment, PlatformKind } from "../environment/environment";
import { taskStoreFor } from "../fleet/task-store-for";
import { gatewayHost } from "../gateway/gateway-settings";

/**
 * Draws a fleet as a Mermaid flowchart: agents by platform, who calls whom, what callers outside pass on their way,
 * and the shared parts. Pure: the same workloads make the same text.
 */
export function drawFleet(workloads: readonly AgentWorkload[], environment: Environment): string {
  const kinds = [...new Set(workloads.map(({ platform }) => platform))];
  const { stations, arrows } = drawWaysIn(workloads, environment);
  return [
    "flowchart LR",
    ...stations,
    ...kinds.flatMap((kind) =>
      drawPlatform(
        kind,
        workloads.filter(({ platform }) => platform === kind),
      ),
    ),
    // What an arrow names has its title by now: some renderers take it from where they first meet it.
    ...arrows,
    ...drawCalls(workloads),
    ...drawParts(workloads, environment),
    ...drawOutside(workloads),
    "  classDef open stroke-width:3px",
    "",
  ].join("\n");
}

/** Way from the internet, or from the network, to an agent: what it passes, outermost first. */
interface WayIn {
  readonly from: "internet" | "network";
  readonly hops: readonly string[];
}

function waysInto({ reach, route }: AgentWorkload, environment: Environment): WayIn[] {
  if (reach === "environment") return [];
  const hops = route.hops.map(({ name }) => name);
  if (environment.gateway === undefined)
    return [{ from: reach === "internet" ? "internet" : "network", hops }];
  const through: WayIn = { from: "internet", hops };
  // Whatever is open to the internet is so beside the gateway.
  return reach === "internet" ? [through, { from: "internet", hops: hops.slice(1) }] : [through];
}

function drawWaysIn(
  workloads: readonly AgentWorkload[],
  environment: Environment,
): { readonly stations: string[]; readonly arrows: string[] } {
  const stations = new Map<string, string>();
  const arrows = workloads.flatMap((workload) =>
    waysInto(workload, environment).flatMap(({ from, hops }) => {
      const passed = hops.map((_hop, index) => hopId(workload, from, hops.slice(0, index + 1)));
      stations.set(idOf("from")(from), `((${quoted(from)}))`);
      for (const [index, id] of passed.entries()) stations.set(id, `{{${quoted(titleOf(hops[index]))}}}`);
      const way = [idOf("from")(from), ...passed, idOf("agent")(workload.name)];
      return way.slice(1).map((to, index) => ({ from: way[index] as string, to }));
    }),
  );
  return {
    stations: [...stations].map(([id, shape]) => `  ${id}${shape}`),
    arrows: bundled(arrows, "==>"),
  };

  function titleOf(hop = ""): string {
    const host = gatewayHost(environment);
    if (hop === GATEWAY && host !== null) return `Gateway\n${host}`;
    const platform = platforms.find(({ kind }) => kind === hop);
    return platform?.title ?? sentence(hop.replaceAll("-", " ")).replace(/\bapi$/, "API");
  }
}

const GATEWAY = "gateway";

/**
 * Where two ways in share a hop, everything behind it would seem reachable both ways: a hop is drawn once for each way
 * that leads to it. Only the gateway is the same for all platforms.
 */
function hopId({ platform }: AgentWorkload, from: string, hops: readonly string[]): string {
  const owner = hops.length === 1 && hops[0] === GATEWAY ? [] : [platform];
  return idOf("hop")([from, ...owner, ...hops].join("-"));
}

function drawPlatform(kind: PlatformKind, workloads: readonly AgentWorkload[]): string[] {
  return [
    `  subgraph ${idOf("platform")(kind)}[${quoted(platformTraits(kind).title)}]`,
    ...workloads.map(({ name, minReplicas, maxReplicas, reach }) => {
      const replicas =
        minReplicas === maxReplicas
          ? `replicas: ${minReplicas}`
          : `replicas: ${minReplicas} to ${maxReplicas}`;
      const mark = reach === "internet" ? ":::open" : "";
      return `    ${idOf("agent")(name)}[${quoted(`${name}\n${replicas}`)}]${mark}`;
    }),
    "  end",
  ];
}

function drawCalls(workloads: readonly AgentWorkload[]): string[] {
  const id = idOf("agent");
  const calls = workloads.flatMap(({ name, peers }) =>
    peers.map((peer) => ({ from: id(name), to: id(peer.name) })),
  );
  return bundled(calls, "-->");
}

function drawParts(workloads: readonly AgentWorkload[], environment: Environment): string[] {
  const { registry, vault } = partsOf(environment);
  const parts: { readonly id: string; readonly title: string; readonly users: string[] }[] = [];
  const use = (id: string, title: string, user: string) => {
    const known = parts.find((part) => part.id === id);
    if (known === undefined) parts.push({ id, title, users: [user] });
    else if (!known.users.includes(user)) known.users.push(user);
  };
  for (const workload of workloads) {
    const platform = idOf("platform")(workload.platform);
    const traits = platformTraits(workload.platform);
    const server = workload.image.split("/")[0] as string;
    const images = traits.imageServer === undefined ? sentence(registry.title) : "Images";
    use(idOf("images")(server), `${images}\n${server}`, platform);
    if (workload.taskStore === "shared") {
      const store = taskStoreFor(environment, workload.platform);
      use(idOf("tasks")(store.kind), `Tasks\n${sentence(taskStoreTraits(store).title)}`, platform);
    }
    if (workload.secrets.length > 0) {
      const cloud = traits.cloud(environment);
      const title = traits.readsVault ? vault.title : `vault of ${cloud?.title ?? traits.title}`;
      use(idOf("secrets")(title), `Secrets\n${sentence(title)}`, platform);
    }
    if (workload.tokenIssuer !== null) {
      const kind = environment.identityProvider?.kind ?? "";
      use("issuer", `Tokens\n${sentence(kind)}`, platform);
    }
    if (workload.model !== null) use("models", "Model gateway", idOf("agent")(workload.name));
  }
  if (parts.length === 0) return [];
  return [
    `  subgraph shared[${quoted("Shared parts")}]`,
    ...parts.map(({ id, title }) => `    ${id}[(${quoted(title)})]`),
    "  end",
    ...bundled(
      parts.flatMap(({ id, users }) => users.map((user) => ({ from: user, to: id }))),
      "-.->",
    ),
  ];
}

/** Agents and places that are not the fleet's. */
function drawOutside(workloads: readonly AgentWorkload[]): string[] {
  const id = idOf("beyond");
  const arrows = workloads.flatMap(({ name, externalAgents, egress }) =>
    [
      ...externalAgents.map((agent) => `${agent.name}\n${agent.url}`),
      ...egress.map((place) => ("host" in place ? place.host : place.cidr)),
    ].map((title) => ({ from: idOf("agent")(name), to: id(title), title })),
  );
  const places = new Map(arrows.map(({ to, title }) => [to, title]));
  return [
    ...[...places].map(([place, title]) => `  ${place}([${quoted(title)}])`),
    ...bundled(arrows, "-.->"),
  ];
}

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** One line for all arrows from the same places to the same places: the picture is the same, its text is short. */
function bundled(arrows: readonly Arrow[], arrow: string): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of arrows) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const sources = new Map<string, string[]>();
  for (const [from, to] of targets) {
    const together = [...to].join(" & ");
    sources.set(together, [...(sources.get(together) ?? []), from]);
  }
  return [...sources].map(([to, from]) => `  ${from.join(" & ")} ${arrow} ${to}`);
}

/** Names of things of one kind as Mermaid's ids: some words (`end`) are its own, and so are most signs. */
function idOf(kind: string): (name: string) => string {
  return (name) => `${kind}_${name.replace(/[^a-z0-9]/gi, "_")}`;
}

/** A title that begins as a line does. */
function sentence(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** Text in a shape, in Mermaid's own escapes. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll("#", "#35;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;");
  return `"${escaped.replaceAll("\n", "<br/>")}"`;
}
