import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { drawFleet } from "../../src/review/draw-fleet";
import { drawSvg } from "../../src/review/draw-svg";
import { useFleetProject } from "../support/fleet-project";
import { definitions, environment } from "../support/sample-fleet";

function draw(change: Partial<Environment> = {}, agents = definitions): string[] {
  const changed = { ...environment, ...change };
  const { workloads } = resolveFleet(agents, changed);
  return drawFleet(workloads, changed)
    .trim()
    .split("\n")
    .map((line) => line.trim());
}

const INGRESS = "container_apps_container_apps_ingress";

test("the whole picture of a small fleet", () => {
  expect(draw()).toEqual([
    "flowchart LR",
    'from_internet(("internet"))',
    `hop_internet_${INGRESS}{{"Container apps ingress"}}`,
    'subgraph platform_container_apps["Container Apps"]',
    'agent_desk_globex["desk-globex<br/>replicas: 1 to 10"]:::open',
    'agent_billing["billing<br/>replicas: 1 to 5"]',
    "end",
    `from_internet ==> hop_internet_${INGRESS}`,
    `hop_internet_${INGRESS} ==> agent_desk_globex`,
    "agent_desk_globex --> agent_billing",
    'subgraph shared["Shared parts"]',
    'images_acmeimages_azurecr_io[("Azure Container Registry<br/>acmeimages.azurecr.io")]',
    'tasks_managed_redis[("Tasks<br/>Azure Managed Redis")]',
    'secrets_Key_Vault[("Secrets<br/>Key Vault")]',
    "end",
    "platform_container_apps -.-> images_acmeimages_azurecr_io & tasks_managed_redis & secrets_Key_Vault",
    "classDef open stroke-width:3px",
  ]);
});

test("nobody outside reaches an agent that is closed, and the network reaches one by a way of its own", () => {
  const closed = draw({ agents: { desk: { reach: "environment" } } });
  expect(closed.filter((line) => line.includes("==>"))).toEqual([]);
  const both = draw({ agents: { billing: { reach: "vnet" } } });
  expect(both.filter((line) => line.includes("==>"))).toEqual([
    `from_internet ==> hop_internet_${INGRESS}`,
    `hop_internet_${INGRESS} ==> agent_desk_globex`,
    `from_network ==> hop_network_${INGRESS}`,
    `hop_network_${INGRESS} ==> agent_billing`,
  ]);
});

test("behind a gateway, what is open beside it has two ways in", () => {
  const gateway = "hop_internet_gateway";
  const behind = `hop_internet_container_apps_gateway_container_apps_ingress`;
  const waysIn = draw({ gateway: {}, agents: { billing: { reach: "internet" } } });
  expect(waysIn).toContain('hop_internet_gateway{{"Gateway<br/>api.test.acme.example"}}');
  expect(waysIn.filter((line) => line.includes("==>"))).toEqual([
    `from_internet ==> ${gateway} & hop_internet_${INGRESS}`,
    `${gateway} ==> ${behind}`,
    `${behind} ==> agent_desk_globex & agent_billing`,
    `hop_internet_${INGRESS} ==> agent_billing`,
  ]);
});

test("what agents reach beyond the fleet is drawn, and no text ends a shape", () => {
  const { workloads } = resolveFleet(definitions, environment);
  const [first] = workloads;
  if (first === undefined) throw new Error("the sample fleet is empty");
  const guest = { name: "guest", url: 'https://guest.example/"#<x>', scope: "guest" };
  const reaching = { ...first, externalAgents: [guest], egress: [{ host: "erp.example" }] };
  const lines = drawFleet([reaching], environment)
    .split("\n")
    .map((line) => line.trim());
  expect(lines).toContain('beyond_erp_example(["erp.example"])');
  const shape = lines.find((line) => line.startsWith("beyond_guest"));
  expect(shape).toMatch(/\(\["guest<br\/>https:\/\/guest\.example\/#quot;#35;#lt;x#gt;"\]\)$/);
});

const project = useFleetProject();
test("as SVG it says every agent's name, and loads nothing from anywhere", async () => {
  const { workloads } = resolveFleet(definitions, environment);
  const svg = await drawSvg(drawFleet(workloads, environment));
  const texts = [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(([, text]) => text);
  expect(texts).toEqual(expect.arrayContaining(["desk-globex", "billing", "replicas: 1 to 10"]));
  expect(svg).toMatch(/^<svg /);
  expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|@import/);
});

test("as SVG arrows cross no title: groups' titles come last, with room around", async () => {
  const svg = await drawSvg('flowchart TD\n  subgraph one["One"]\n    a["A"]\n  end\n  b["B"] --> a\n');
  const title = svg.indexOf(">One</text>");
  expect(title).toBeGreaterThan(svg.lastIndexOf("<polyline"));
  expect(svg.lastIndexOf('paint-order="stroke"', title)).toBeGreaterThan(svg.lastIndexOf("<text", title));
  expect(svg.split(">One</text>")).toHaveLength(2);
  expect(svg.trimEnd().endsWith("</svg>")).toBe(true);
});

test("npm run picture says what it draws, and which environments there are", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "src/cli/picture.ts", ...args], {
      cwd: project.folder,
      encoding: "utf8",
    });
  const drawn = run("production", "--markdown");
  expect(drawn.stdout.split("\n").slice(0, 2)).toEqual(["```mermaid", "flowchart LR"]);
  expect(drawn.stdout).toContain('subgraph platform_cloud_run["Cloud Run"]');
  const unknown = run("nowhere");
  expect([unknown.status, unknown.stderr]).toEqual([
    1,
    "there is no environment 'nowhere' (dev, staging and production)\n",
  ]);
});
