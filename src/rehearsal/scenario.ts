import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Something that goes wrong on demand. */
export interface Fault {
  /** Type of the resource: `azurerm_container_app`. */
  readonly type: string;
  /**
   * Its `name` (or `metadata.name`, `display_name`, …; the id works too). Terraform doesn't tell a provider the
   * address of what it applies.
   *
   * @default - every resource of the type
   */
  readonly name?: string;
  /** @default "create" */
  readonly action?: "create" | "update" | "delete";
  /**
   * Which of its attempts at that action fails, from 1.
   *
   * @default - every one
   */
  readonly attempt?: number;
  /**
   * How long the action takes, in milliseconds, before it ends one way or the other.
   *
   * @default 0
   */
  readonly delayMs?: number;
  /**
   * What the cloud says. Without it the action is slow, but works.
   *
   * @default - it doesn't fail
   */
  readonly error?: string;
  /**
   * What a failed creation leaves: nothing; an orphan, which exists but isn't in the state; or something tainted.
   *
   * @default "nothing"
   */
  readonly remains?: "nothing" | "orphan" | "tainted";
}

/** Something that was there before Terraform came: made by hand, or by somebody else's Terraform. */
export interface ExistingThing {
  /** Type of the resource that would have made it: `azurerm_container_registry`. */
  readonly type: string;
  /** Its arguments, as in the resource. What the cloud decides (ids, addresses) may be left out. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /**
   * Subscription, project or cluster address it is in.
   *
   * @default - that of the first provider configuration that comes along
   */
  readonly scope?: string;
}

/** What the simulated cloud is like beyond what Terraform made in it: `scenario.json` in the rehearsal's folder. */
export interface Scenario {
  readonly faults: readonly Fault[];
  /** What data sources find although nothing in the rehearsal has made it. */
  readonly existing: readonly ExistingThing[];
  /** Names of globally named things (vaults, registries, caches, storage accounts, gateways) that others own. */
  readonly takenNames: readonly string[];
  /** Images that are in no registry: `fleet.azurecr.io/inventory:1.0.0`. */
  readonly missingImages: readonly string[];
  /** Deletes what deletion protection and management locks guard, instead of refusing to. */
  readonly unprotected: boolean;
}

const NOTHING_SPECIAL: Scenario = {
  faults: [],
  existing: [],
  takenNames: [],
  missingImages: [],
  unprotected: false,
};

function scenarioPath(folder: string): string {
  return join(folder, "scenario.json");
}

/** @throws when the file isn't JSON. */
export function readScenario(folder: string): Scenario {
  const path = scenarioPath(folder);
  if (!existsSync(path)) return NOTHING_SPECIAL;
  try {
    return { ...NOTHING_SPECIAL, ...JSON.parse(readFileSync(path, "utf8")) };
  } catch (error) {
    throw new Error(`${path} is not a scenario: ${(error as Error).message}; correct it or delete it`);
  }
}

/** Replaces the scenario. A server that is running reads it at its next action. */
export function writeScenario(folder: string, scenario: Partial<Scenario>): void {
  const path = scenarioPath(folder);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ ...NOTHING_SPECIAL, ...scenario }, null, 2)}\n`);
  renameSync(temporary, path);
}
