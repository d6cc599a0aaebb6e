import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import type { Problem } from "../problem";
import type { VerifiedFleet } from "./verified-fleet";

/** The finished Terraform JSON of one stack. */
export interface FinishedStack {
  readonly name: string;
  readonly json: object;
}

/** What a checklist is gone through with: an environment's fleet, as it was resolved and as it was synthesized. */
export interface ChecklistSubject {
  readonly environment: Environment;
  readonly definitions: readonly AgentDefinition[];
  readonly workloads: readonly AgentWorkload[];
  /** What the rules refuse; with any, nothing was synthesized. */
  readonly problems: readonly Problem[];
  /** What the rules only say, and what an exception lets pass. */
  readonly warnings: readonly Problem[];
  readonly stacks: readonly FinishedStack[];
  /** What a check of the running fleet found, where somebody handed it in. */
  readonly verified: VerifiedFleet | null;
  /** Day on which exceptions and attestations hold or have ended (`2026-11-21`). */
  readonly today: string;
}

/**
 * What an item is known by: `definition` and `plan` are read here; `image` is attested by its owner, because nothing
 * outside an image can tell; `runtime` is asked of the running fleet.
 */
export type Evidence = "definition" | "plan" | "image" | "runtime";

/** How much a finding weighs: an `error` keeps a change back, a `warning` is for its reviewer, a `note` to be known. */
export type Level = "error" | "warning" | "note";

/** One thing that an item finds wrong. */
export interface Finding {
  readonly level: Level;
  /** Who, what is wrong, what to do. */
  readonly message: string;
  /** Name of the agent that it is about. @default - the whole environment */
  readonly agent?: string;
  /** Terraform address that it is about. @default - no resource */
  readonly address?: string;
  /** Reason and end of the exception that lets it pass. @default - nothing lets it pass */
  readonly excused?: { readonly reason: string; readonly until: string; readonly owner?: string };
}

/** Looks at a fleet from one side. Pure. */
export type Check = (subject: ChecklistSubject) => readonly Finding[];

/** One line of a checklist. */
export interface ChecklistItem {
  /** `<list>/<name>`, stable: exceptions and reports name it. */
  readonly id: string;
  /** What holds when it passes, as one sentence. */
  readonly title: string;
  /** The list and, where it has some, the section that it is in. */
  readonly source: string;
  readonly evidence: readonly Evidence[];
  /** Why it isn't asked here; undefined where it is. @default - it always is */
  readonly notApplicable?: (subject: ChecklistSubject) => string | undefined;
  /** Why it is let fail in every environment; what one environment accepts stands in its `exceptions`. @default - it isn't */
  readonly excepted?: string;
  readonly find: Check;
}
