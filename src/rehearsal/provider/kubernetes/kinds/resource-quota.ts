import { type Field, IMMUTABLE } from "../field";
import { isWhole, quantityOf, showQuantity } from "../formats/quantity";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { COUNTS, isDevice, isStandard, judgeNotNegative, judgeStandardName, WHOLE } from "./resources";

const STORAGE = "requests.storage";

const OF_RUNNING_PODS = [
  "pods",
  "cpu",
  "memory",
  "limits.cpu",
  "limits.memory",
  "requests.cpu",
  "requests.memory",
];

/** What a quota can count within a scope. */
const COUNTED_IN: Readonly<Record<string, readonly string[]>> = {
  BestEffort: ["pods"],
  NotBestEffort: OF_RUNNING_PODS,
  Terminating: OF_RUNNING_PODS,
  NotTerminating: OF_RUNNING_PODS,
  PriorityClass: OF_RUNNING_PODS,
  CrossNamespacePodAffinity: OF_RUNNING_PODS,
  VolumeAttributesClass: ["persistentvolumeclaims", STORAGE],
};

/** Scopes that are there or not, without values. */
const WITHOUT_VALUES = [
  "BestEffort",
  "NotBestEffort",
  "Terminating",
  "NotTerminating",
  "CrossNamespacePodAffinity",
];

const EACH_OTHERS_OPPOSITE = [
  ["BestEffort", "NotBestEffort"],
  ["NotTerminating", "Terminating"],
] as const;

export const resourceQuota: KindRules = {
  kinds: ["v1/ResourceQuota"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    for (const [name, amount] of spec.at("hard").entries()) {
      judgeStandardName(name, amount);
      if (!name.includes("/") && !isQuota(name)) {
        amount.invalid("must be a standard resource for quota", name);
      }
      judgeNotNegative(amount);
      const value = quantityOf(amount.value);
      const isCount = COUNTS.includes(name) || isDevice(name);
      if (value !== undefined && isCount && !isWhole(value)) {
        amount.invalid(WHOLE, showQuantity(amount.value));
      }
    }
    judgeScopes(spec);
    judgeScopeSelector(spec);
    if (prior) refuseChangeOfScopes(spec.at("scopes"), prior.at("spec", "scopes"));
  },
};

/** A quota limits what is asked for: what is stored, by its requests alone. */
function isQuota(name: string): boolean {
  return isStandard(name) && name !== "storage";
}

/** Whether a quota counts something that a scope has none of. */
function countsOutside(spec: Field, scope: string): boolean {
  const counted = COUNTED_IN[scope];
  if (counted === undefined) return false;
  return spec
    .at("hard")
    .entries()
    .some(([name]) => isQuota(name) && !counted.includes(name));
}

function judgeScopes(spec: Field): void {
  const scopes = spec.at("scopes");
  const names = scopes.items().map(({ text }) => text);
  for (const name of names) judgeScope(spec, name, scopes, scopes);
  if (isContradiction(names)) scopes.invalid("conflicting scopes");
}

function judgeScope(spec: Field, name: string, scope: Field, shown: Field): void {
  if (COUNTED_IN[name] === undefined) scope.invalid("unsupported scope");
  if (countsOutside(spec, name)) shown.invalid("unsupported scope applied to resource");
}

function isContradiction(scopes: readonly string[]): boolean {
  return EACH_OTHERS_OPPOSITE.some((pair) => pair.every((scope) => scopes.includes(scope)));
}

function judgeScopeSelector(spec: Field): void {
  const selector = spec.at("scopeSelector");
  const expressions = selector.at("matchExpressions");
  const names: string[] = [];
  for (const expression of expressions.items()) {
    const { text: name } = expression.at("scopeName");
    names.push(name);
    const at = (part: string) => expressions.at(part).with(expression.at(part).value);
    judgeScope(spec, name, at("scopeName").with(name), expressions.with(selector.value));
    const operator = at("operator").with(expression.at("operator").text);
    if (WITHOUT_VALUES.includes(name) && operator.text !== "Exists") {
      operator.invalid(
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      );
    }
    judgeValues(operator, at("values"));
  }
  if (isContradiction(names)) expressions.with(spec.at("scopes").value).invalid("conflicting scopes");
}

function judgeValues(operator: Field, values: Field): void {
  switch (operator.text) {
    case "In":
    case "NotIn":
      if (values.isEmpty) {
        values.required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
      }
      return;
    case "Exists":
    case "DoesNotExist":
      if (!values.isEmpty) {
        values.invalid("must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
      }
      return;
    default:
      operator.invalid("not a valid selector operator");
  }
}

/** In any order, and each as often as one likes. */
function refuseChangeOfScopes(scopes: Field, prior: Field): void {
  const [now, before] = [scopes, prior].map((each) =>
    [...new Set(each.items().map(({ text }) => text))].sort().join(),
  );
  if (now !== before) scopes.invalid(IMMUTABLE);
}
