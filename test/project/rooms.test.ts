import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  againstTheFlow,
  drawRooms,
  type Import,
  readProjectImports,
  roomImports,
  roomOf,
} from "../support/room-imports";

const ROOT = join(__dirname, "../..");

/** The rooms of `src/`, lowest first: each loads what is below it, and nothing beside it. */
const STOREYS = [
  ["core", "company"],
  ["plan"],
  ["agent", "rehearsal"],
  ["environment"],
  ["gateway", "preflight", "signals"],
  ["edge", "parts"],
  ["identity"],
  ["cluster/facts"],
  ["azure/facts", "google/facts", "local/facts"],
  ["choices"],
  ["fleet"],
  ["checklist"],
  ["adoption", "cluster", "images", "local", "review", "verify"],
  ["azure", "google"],
  ["stacks"],
  ["cli", "entry"],
];

let imports: Import[];
beforeAll(async () => {
  imports = await readProjectImports();
});

test("every room loads only what is below it", () => {
  expect(againstTheFlow(imports, STOREYS)).toEqual([]);
});

test("every room of src has its storey, and every storey its rooms", () => {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  const rooms = files.filter((file) => file.endsWith(".ts")).map((file) => roomOf(`src/${file}`));
  expect([...new Set(rooms)].toSorted()).toEqual(
    STOREYS.flat()
      .filter((room) => room !== "company")
      .toSorted(),
  );
});

test.each([
  ["the rehearsal needs no room but that of plans", "rehearsal", ["plan"]],
  ["what is a company's own needs no room", "company", []],
])("%s to be loaded, and only commands load it", (_what, own, needed) => {
  const rooms = roomImports(imports);
  expect([...(rooms.get(own) ?? ["not looked at"])]).toEqual(needed);
  const visitors = [...rooms].filter(([, loaded]) => loaded.has(own)).map(([room]) => room);
  expect(visitors).toEqual(["cli"]);
});

test("the README shows the rooms as their imports have them", () => {
  expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain(drawRooms(roomImports(imports)));
});

describe("an import is against the flow", () => {
  test.each([
    ["upwards", "src/agent/agent-card.ts", "src/fleet/resolve-fleet.ts"],
    ["to the other cloud", "src/azure/network.ts", "src/google/google-network.ts"],
    ["of a construct by facts", "src/azure/facts/aks.ts", "src/azure/network.ts"],
    ["from a room that nobody listed", "src/shared/all.ts", "src/problem.ts"],
    ["to a room that nobody listed", "src/cli/synth.ts", "src/shared/all.ts"],
  ])("%s", (_how, from, to) => {
    expect(againstTheFlow([{ from, to }], STOREYS)).toEqual([`${from} imports ${to}`]);
  });

  test.each([
    ["downwards", "src/fleet/resolve-fleet.ts", "src/agent/agent-card.ts"],
    ["within its room", "src/azure/network.ts", "src/azure/aks/azure-cluster.ts"],
    ["of facts by what is made from them", "src/azure/network.ts", "src/azure/facts/aks.ts"],
  ])("but not %s", (_how, from, to) => {
    expect(againstTheFlow([{ from, to }], STOREYS)).toEqual([]);
  });
});

describe("the picture", () => {
  const rooms = (arrows: Record<string, string[]>) =>
    new Map(Object.entries(arrows).map(([from, to]) => [from, new Set(to)]));

  test("leaves out an arrow that others imply, and no other", () => {
    const picture = drawRooms(rooms({ fleet: ["agent", "core"], agent: ["core"], cli: ["core"] }));
    expect(picture.split("\n").slice(2, -1)).toEqual([
      "  agent --> core",
      "  cli --> core",
      "  fleet --> agent",
    ]);
  });
});
