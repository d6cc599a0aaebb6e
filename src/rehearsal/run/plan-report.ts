import { type ChangedArgument, changedArguments, type PlannedChange } from "../../plan/changed-arguments";

/** The part of `terraform show -json <plan>` that is read here. */
export interface PlanJson {
  readonly terraform_version?: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, PlannedChange>>;
}

export interface ResourceChange {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly action_reason?: string;
  readonly change: PlannedChange;
}

export type PlanAction = "create" | "update" | "replace" | "delete" | "no-op" | "read" | "forget";

export function planAction({ actions }: PlannedChange): PlanAction {
  return actions.length > 1 ? "replace" : (actions[0] as PlanAction);
}

const VERBS: Readonly<Record<PlanAction, string>> = {
  create: "would be created",
  update: "would be changed",
  replace: "would be replaced",
  delete: "would be destroyed",
  forget: "would be forgotten",
  read: "would be read",
  "no-op": "stays",
};

/** What a plan that should have been empty wants to do, and why; one entry a resource. */
export function describeChanges(plan: PlanJson): string[] {
  const changes = (plan.resource_changes ?? [])
    .filter(({ change, mode }) => mode === "managed" && planAction(change) !== "no-op")
    .map(({ address, change, action_reason }) => {
      const action = planAction(change);
      const reasons = action === "create" || action === "delete" ? [] : changedArguments(change);
      // Behind a replacement, what forces it says why; the rest only follows from it.
      const forcing = reasons.filter(({ forcesReplacement }) => forcesReplacement);
      const lines = (forcing.length > 0 ? forcing : reasons).map(describeArgument);
      const why = action_reason === undefined ? "" : ` (${action_reason.replaceAll("_", " ")})`;
      return [`${address} ${VERBS[action]}${lines.length > 0 ? ":" : why}`, ...lines].join("\n");
    });
  const drift = (plan.resource_drift ?? []).map(({ address, change }) => {
    if (planAction(change) === "delete") return `${address} is gone from the cloud`;
    const lines = changedArguments(change).map(describeArgument);
    return [`${address} was changed in the cloud, not by Terraform:`, ...lines].join("\n");
  });
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, change]) => planAction(change) !== "no-op")
    .map(([name]) => `output ${name} would change`);
  return [...drift, ...changes, ...outputs];
}

function describeArgument({ path, before, after, forcesReplacement }: ChangedArgument): string {
  const show = (text = "null") =>
    text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text || '""';
  return `    ${path}: ${show(before)} -> ${show(after)}${forcesReplacement ? " (forces replacement)" : ""}`;
}

/** Of a value that is shown in a line, in characters. */
const LONGEST_VALUE = 60;

/**
 * A plan that may be shown to others: addresses, actions and values, without anything sensitive. A plan's own
 * JSON holds sensitive values in the clear, and literals of write-only arguments.
 */
export function redactPlan(plan: PlanJson): object {
  const redactChange = (change: PlannedChange) => ({
    actions: change.actions,
    before: redact(change.before, change.before_sensitive),
    after: redact(change.after, change.after_sensitive),
    after_unknown: change.after_unknown,
    ...(change.replace_paths === undefined ? {} : { replace_paths: change.replace_paths }),
  });
  return {
    terraform_version: plan.terraform_version,
    resource_changes: (plan.resource_changes ?? []).map(({ address, mode, type, name, change }) => ({
      address,
      mode,
      type,
      name,
      change: redactChange(change),
    })),
    output_changes: Object.fromEntries(
      Object.entries(plan.output_changes ?? {}).map(([name, change]) => [name, redactChange(change)]),
    ),
  };
}

function redact(value: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return "(sensitive)";
  if (!isContainer(value) || !isContainer(sensitive)) return value;
  if (Array.isArray(value)) return value.map((element, index) => redact(element, sensitive[index]));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, redact(child, sensitive[key])]),
  );
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
