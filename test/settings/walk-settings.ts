import { isDeepStrictEqual } from "node:util";
import { TerraformStack } from "cdktf";
import type { ChecklistSubject } from "../../src/checklist/checklist-item";
import { lists } from "../../src/checklist/items";
import { runChecklist } from "../../src/checklist/run-checklist";
import { ownersSecrets } from "../../src/cluster/facts/owners-secrets";
import type { Environment } from "../../src/environment/environment";
import type { PlatformLimit } from "../../src/environment/platform-traits";
import { findPortability } from "../../src/fleet/portability";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { fleetCallers } from "../../src/identity/fleet-callers";
import { composeFiles } from "../../src/local/containers/compose-file";
import { layOutMachine } from "../../src/local/facts/local-settings";
import { localSecretNames, localVariables } from "../../src/local/local-variables";
import { FleetError, refuse } from "../../src/problem";
import { buildFleet } from "../../src/stacks/build-fleet";
import type { FleetInput } from "../support/arbitrary-fleet";
import { testApp } from "../support/synth";
import { homes, isObject, patched, put, valueAt } from "./changed-fleet";
import type { Changes } from "./setting-changes";

const DAY = "2026-11-21";

/** What became of a setting that was changed. */
export interface Walked {
  readonly setting: string;
  /** `dropped`: nothing that anybody sees is another. `crashed`: an exception that no user should see. */
  readonly outcome: "bound" | "said" | "refused" | "dropped" | "crashed";
  /** The words of a refusal that don't name the setting, or an exception. */
  readonly words?: string;
}

/** What a fleet's files make, or why nothing. */
interface Finished {
  readonly stacks: readonly unknown[];
  /** What synthesis, portability and the checklist say. */
  readonly said: () => Sayings | undefined;
  readonly refusals: readonly string[];
  readonly crash?: string;
}

interface Sayings {
  readonly warnings: readonly unknown[];
  readonly limits: readonly PlatformLimit[];
  /** What a cluster's owner is told to make. */
  readonly secrets: readonly unknown[];
  readonly checklist: readonly unknown[];
}

export type Finish = (fleet: FleetInput) => Promise<Finished>;

/** Changes each setting of a list in the fleet of a home, one at a time, and says what became of it. */
export async function walkSettings(
  name: string,
  list: readonly Changes[],
  finish: Finish = name === "local" ? finishOnMachine : finishFleet,
): Promise<Walked[]> {
  const home = homes[name] as Environment;
  const walked: Walked[] = [];
  // Many settings stand in the same fleet.
  const bases = new Map<string, Promise<Finished>>();
  const finishOnce = (fleet: FleetInput): Promise<Finished> => {
    const key = JSON.stringify(fleet);
    const finished = bases.get(key) ?? finish(fleet);
    bases.set(key, finished);
    return finished;
  };
  const here = list.filter(({ only }) => only?.includes(name) ?? true);
  for (const { at, is, with: around = {}, to } of here) {
    const before = patched(home, around);
    const standing = is === undefined ? before : put(before, at, is);
    const base = await finishOnce(standing);
    for (const tag of ["kind", "access"].filter((each) => isObject(is) && each in is)) {
      const there = valueAt(before, at);
      const isThere = isObject(there) && isObject(is) && there[tag] === is[tag];
      const judged = isThere ? { outcome: "bound" as const } : judge(at, await finishOnce(before), base);
      walked.push({ setting: `${at}.${tag}`, ...judged });
    }
    for (const [property, value] of Object.entries(to)) {
      const setting = `${at}.${property}`;
      // What stands around it is refused already, by name.
      const refused = base.refusals.length > 0 || base.crash !== undefined;
      const changed = refused ? base : await finish(put(standing, setting, value));
      walked.push({ setting, ...judge(setting, base, changed) });
    }
  }
  return walked;
}

function judge(setting: string, base: Finished, changed: Finished): Omit<Walked, "setting"> {
  if (changed.crash !== undefined) return { outcome: "crashed", words: changed.crash };
  if (changed.refusals.length > 0) {
    const named = changed.refusals.some((words) => stepsOf(setting).some((step) => isWordOf(step, words)));
    return named ? { outcome: "refused" } : { outcome: "refused", words: changed.refusals.join("\n") };
  }
  if (!isDeepStrictEqual(base.stacks, changed.stacks)) return { outcome: "bound" };
  const said = changed.said();
  if (!isDeepStrictEqual(base.said(), said)) return { outcome: "said" };
  // It can be said of both values in the same words: that it is the platform's in any case.
  const aspects = said?.limits.map(({ aspect }) => plain(aspect)) ?? [];
  const names = stepsOf(setting).map((step) => plain(aspectNames[step] ?? step));
  return { outcome: names.some((name) => aspects.includes(name)) ? "said" : "dropped" };
}

/** What portability calls settings, where it doesn't use their names. */
const aspectNames: Readonly<Record<string, string>> = { readyPath: "readiness probe" };

/** What a setting can be called: by its own name, or by that of what it stands in. */
function stepsOf(setting: string): string[] {
  const [, ...steps] = setting.split(/[.()[\]<>]+/);
  return steps.filter((step) => step !== "" && step !== "name" && step !== "kind");
}

function isWordOf(step: string, words: string): boolean {
  return new RegExp(`\\b${step}\\b`, "i").test(words);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, "");
}

/** Builds every stack of a fleet as for a deploy. */
export async function finishFleet({ definitions, environment }: FleetInput): Promise<Finished> {
  return finished(async () => {
    const app = testApp({});
    await buildFleet(app, { agents: definitions, environments: [environment], today: DAY });
    const stacks = app.node.children
      .filter(TerraformStack.isStack)
      .map((stack) => ({ name: stack.node.id, json: stack.toTerraform() }));
    return { stacks, said: () => sayings({ definitions, environment }, stacks) };
  });
}

/** Makes what one machine has of a fleet: the Compose file and what it mounts, and what each process is started with. */
async function finishOnMachine({ definitions, environment }: FleetInput): Promise<Finished> {
  return finished(async () => {
    const resolvedAs = (runsAs: "processes" | "containers") => {
      const view: Environment = { ...environment, local: { ...environment.local, runsAs } };
      const { workloads, problems } = resolveFleet(definitions, view, { today: DAY });
      refuse("it cannot run here", problems);
      return { environment: view, workloads };
    };
    const [asProcesses, inContainers] = [resolvedAs("processes"), resolvedAs("containers")];
    const { workloads } = asProcesses;
    const { modelGateway, taskStore } = environment;
    const callers = fleetCallers(workloads, environment);
    const processes = workloads.map((workload) => {
      const isClient = callers.some(({ name }) => name === workload.name);
      return [
        localVariables(workload, { store: {}, isClient, modelGateway }),
        localSecretNames(workload, isClient, modelGateway),
      ];
    });
    const containers = composeFiles({
      ...inContainers,
      secretOf: (name) => `value-of-${name}`,
      hasSecret: () => false,
      secretsFolder: "secrets",
      sourceOf: ({ image }) => ({ context: image, command: ["serve"] }),
    });
    const made = { taskStore, callers, processes, containers };
    return {
      stacks: [layOutMachine(environment), layOutMachine(asProcesses.environment), made],
      said: () => sayings({ definitions, environment }, []),
    };
  });
}

async function finished(make: () => Promise<Pick<Finished, "stacks" | "said">>): Promise<Finished> {
  const nothing = { stacks: [], said: () => undefined, refusals: [] };
  try {
    return { ...(await make()), refusals: [] };
  } catch (error) {
    if (error instanceof FleetError) {
      return { ...nothing, refusals: error.problems.map(({ message }) => message) };
    }
    return { ...nothing, crash: error instanceof Error ? String(error.stack) : String(error) };
  }
}

function sayings({ definitions, environment }: FleetInput, stacks: ChecklistSubject["stacks"]): Sayings {
  const resolved = resolveFleet(definitions, environment, { today: DAY });
  const rows = findPortability(definitions, environment);
  const subject = { environment, definitions, ...resolved, stacks, verified: null, today: DAY };
  return {
    warnings: resolved.warnings,
    limits: rows.filter(({ here, agent }) => here && agent === "billing").flatMap(({ limits }) => limits),
    secrets: ownersSecrets(environment),
    checklist: runChecklist(lists, subject).results.map(({ outcome, findings, why }) => ({
      outcome,
      findings,
      why,
    })),
  };
}
