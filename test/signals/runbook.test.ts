import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentSignals } from "../../src/signals/agent-signals";
import { partSignals } from "../../src/signals/part-signals";
import { savedQueries } from "../../src/signals/queries";
import { RUNBOOK_FILE, runbookPage } from "../../src/signals/runbook";

const page = readFileSync(join(__dirname, "../..", RUNBOOK_FILE), "utf8");
const signals = [...agentSignals, ...partSignals];

test("the runbook is what npm run runbook writes", () => {
  expect(page).toBe(runbookPage());
});

test("every signal has a section with something to do, under an anchor of its own", () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([...new Set(headings)]);
  expect(headings).toEqual(expect.arrayContaining(signals.map(({ id }) => id)));
  for (const { act } of signals) expect(act.length).toBeGreaterThan(0);
});

test("every link of the runbook leads to a heading of it", () => {
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replaceAll(" ", "-"),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(signals.length);
  expect(links.filter((anchor) => !anchors.includes(anchor ?? ""))).toEqual([]);
});

test("every signal names a query that there is, and every query is of use", () => {
  const names = savedQueries.map(({ name }) => name);
  expect(signals.map(({ query }) => query).filter((query) => !names.includes(query))).toEqual([]);
});
