import pc from "picocolors";
import type { Fidelity } from "../provider/fidelity";
import type { PhaseTime } from "./rehearsal";
import type { TerraformState } from "./terraform-state";
import { seconds } from "./view";

/** What the end of a rehearsal says. */
export interface SummaryProps {
  /** The states as they were when everything was deployed. */
  readonly states: ReadonlyMap<string, TerraformState>;
  readonly times: readonly PhaseTime[];
  /** What the simulated clouds took without being able to judge it, a reason each. @default [] */
  readonly notJudged?: readonly string[];
  /** How far the plan of each type can be trusted. */
  readonly fidelity: ReadonlyMap<string, Fidelity>;
  /** Lists every resource type and every output that isn't sensitive. */
  readonly verbose: boolean;
}

/** What only a real cloud can tell. */
const BLIND_SPOTS =
  "quotas and regional capacity, policies of your subscription, whether images run, DNS, certificates and network paths, prices, and how long anything takes";

/** Resources by kind, agents with their addresses, time per phase, and what a rehearsal can't see. */
export function renderSummary({ states, times, notJudged = [], fidelity, verbose }: SummaryProps): string {
  const lines = [
    ...renderResources(states, verbose),
    ...renderAgents(states),
    ...(verbose ? renderOutputs(states) : []),
    ...renderFidelity(fidelity, verbose),
    ...renderNotJudged(notJudged),
    ...renderTimes(times),
    "",
    pc.dim(`A rehearsal can't see ${BLIND_SPOTS}.`),
  ];
  return lines.join("\n");
}

/** How many types a provider's line names before it says "and n more". */
const SHOWN_TYPES = 6;

function renderResources(states: ReadonlyMap<string, TerraformState>, verbose: boolean): string[] {
  const byProvider = new Map<string, Map<string, number>>();
  let total = 0;
  for (const { resources } of states.values()) {
    for (const { provider, type } of resources) {
      const name = provider.split("/").at(-1) ?? provider;
      const types = byProvider.get(name) ?? new Map<string, number>();
      types.set(type, (types.get(type) ?? 0) + 1);
      byProvider.set(name, types);
      total += 1;
    }
  }
  const lines = ["", pc.bold(`Resources (${total})`)];
  const providers = [...byProvider].map(([name, types]) => ({
    name,
    types: [...types].sort(([one, a], [other, b]) => b - a || one.localeCompare(other)),
    count: [...types.values()].reduce((sum, count) => sum + count, 0),
  }));
  for (const { name, types, count } of providers.sort((one, other) => other.count - one.count)) {
    const shown = verbose ? types : types.slice(0, SHOWN_TYPES);
    const texts = shown.map(([type, number]) => `${number} ${type.replace(`${name}_`, "")}`);
    if (types.length > shown.length) texts.push(`${types.length - shown.length} more kinds`);
    lines.push(`  ${name.padEnd(12)} ${String(count).padStart(4)}   ${texts.join(", ")}`);
  }
  return lines;
}

/** Stacks name their agents in an output of this name: a map of name to URL. */
const AGENTS_OUTPUT = "agents";

function renderAgents(states: ReadonlyMap<string, TerraformState>): string[] {
  return [...states].flatMap(([stack, { outputs }]) => {
    const value = outputs[AGENTS_OUTPUT];
    const agents = typeof value === "object" && value !== null ? Object.entries(value) : [];
    if (agents.length === 0) return [];
    const width = Math.max(...agents.map(([name]) => name.length));
    return [
      "",
      pc.bold(`Agents of ${stack} (${agents.length})`),
      ...agents.map(([name, url]) => `  ${name.padEnd(width)}   ${pc.cyan(String(url))}`),
    ];
  });
}

function renderOutputs(states: ReadonlyMap<string, TerraformState>): string[] {
  return [...states].flatMap(([stack, { outputs }]) => {
    const others = Object.entries(outputs).filter(([name]) => name !== AGENTS_OUTPUT);
    if (others.length === 0) return [];
    return [
      "",
      pc.bold(`Outputs of ${stack}`),
      ...others.map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`),
    ];
  });
}

/** What the plan of a type of each fidelity was checked against. */
const CHECKED_AGAINST: Readonly<Record<Fidelity, string>> = {
  rules: "planned by the provider's schema, its arguments' rules and what its code decides",
  "schema only": "the real provider's code may refuse or replace more than the rehearsal does",
};

function renderFidelity(fidelity: ReadonlyMap<string, Fidelity>, verbose: boolean): string[] {
  const lines = (Object.keys(CHECKED_AGAINST) as Fidelity[]).flatMap((level) => {
    const types = [...fidelity].filter(([, each]) => each === level).map(([type]) => type);
    if (types.length === 0) return [];
    const names = verbose || level !== "rules" ? `: ${types.sort().join(", ")}` : "";
    const count = `${types.length} ${types.length === 1 ? "type" : "types"}`;
    return [`  ${level.padEnd(12)} ${count.padStart(9)}   ${CHECKED_AGAINST[level]}${names}`];
  });
  return lines.length > 0 ? ["", pc.bold("Fidelity"), ...lines] : [];
}

function renderNotJudged(reasons: readonly string[]): string[] {
  if (reasons.length === 0) return [];
  return ["", pc.bold(`Taken without a look (${reasons.length})`), ...reasons.map((reason) => `  ${reason}`)];
}

function renderTimes(times: readonly PhaseTime[]): string[] {
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  return [
    "",
    pc.bold(`Time (${seconds(total)})`),
    `  ${times.map(({ phase, ms }) => `${phase} ${seconds(ms)}`).join(" · ")}`,
  ];
}
