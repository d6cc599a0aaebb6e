/** The part of `terraform show -json <plan>` that is read here. */
export interface PlanJson {
  readonly terraform_version?: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

export interface ResourceChange {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly previous_address?: string;
  readonly action_reason?: string;
  readonly change: Change;
}

export interface Change {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  readonly importing?: { readonly id?: string };
}

export type PlanAction = "create" | "update" | "replace" | "delete" | "no-op" | "read" | "forget";

export function planAction({ actions }: Change): PlanAction {
  return actions.length > 1 ? "replace" : (actions[0] as PlanAction);
}

/** An argument that a plan changes. */
export interface ChangedArgument {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly forcesReplacement: boolean;
}

/** The arguments that a plan changes, down to single values; sensitive ones are shown as such. */
export function changedArguments(change: Change): ChangedArgument[] {
  const replacing = (change.replace_paths ?? []).map((path) => path.join("."));
  const found: ChangedArgument[] = [];
  const visit = (path: string, [before, after, unknown, hiddenBefore, hiddenAfter]: readonly unknown[]) => {
    if (
      unknown !== true &&
      isContainer(before) &&
      isContainer(after) &&
      hiddenBefore !== true &&
      hiddenAfter !== true
    ) {
      for (const key of new Set([
        ...Object.keys(before),
        ...Object.keys(after),
        ...Object.keys(unknown ?? {}),
      ])) {
        visit(
          path === "" ? key : `${path}.${key}`,
          [before, after, unknown, hiddenBefore, hiddenAfter].map((value) =>
            isContainer(value) ? value[key] : value === true ? true : undefined,
          ),
        );
      }
      return;
    }
    if (unknown !== true && JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return;
    found.push({
      path,
      before: hiddenBefore === true ? "(sensitive)" : show(redact(before, hiddenBefore)),
      after:
        unknown === true
          ? "(known after apply)"
          : hiddenAfter === true
            ? "(sensitive)"
            : show(redact(after, hiddenAfter)),
      forcesReplacement: replacing.some(
        (each) => each === path || each.startsWith(`${path}.`) || path.startsWith(`${each}.`),
      ),
    });
  };
  visit("", [
    change.before ?? {},
    change.after ?? {},
    change.after_unknown,
    change.before_sensitive,
    change.after_sensitive,
  ]);
  return found;
}

type Container = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
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
      const lines = (forcing.length > 0 ? forcing : reasons).map(
        ({ path, before, after, forcesReplacement }) =>
          `    ${path}: ${before} -> ${after}${forcesReplacement ? " (forces replacement)" : ""}`,
      );
      const why = action_reason === undefined ? "" : ` (${action_reason.replaceAll("_", " ")})`;
      return [`${address} ${VERBS[action]}${lines.length > 0 ? ":" : why}`, ...lines].join("\n");
    });
  const drift = (plan.resource_drift ?? []).map(({ address, change }) => {
    if (planAction(change) === "delete") return `${address} is gone from the cloud`;
    const lines = changedArguments(change).map(
      ({ path, before, after }) => `    ${path}: ${before} -> ${after}`,
    );
    return [`${address} was changed in the cloud, not by Terraform:`, ...lines].join("\n");
  });
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, change]) => planAction(change) !== "no-op")
    .map(([name]) => `output ${name} would change`);
  return [...drift, ...changes, ...outputs];
}

/**
 * A plan that may be shown to others: addresses, actions and values, without anything sensitive. A plan's own
 * JSON holds sensitive values in the clear, and literals of write-only arguments.
 */
export function redactPlan(plan: PlanJson): object {
  const redactChange = (change: Change) => ({
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
