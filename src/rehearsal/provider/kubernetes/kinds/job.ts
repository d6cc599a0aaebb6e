import { allowOnly, type Field, IMMUTABLE, refuseChange, refuseNegative } from "../field";
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgePodTemplate } from "./pod";
import { judgeSelector, labelsOf, selects } from "./selector";

const FIXED = [
  "completionMode",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "managedBy",
  "successPolicy",
  "selector",
];
const MOST_PARALLEL = 100_000;

export const job: KindRules = {
  kinds: ["batch/v1/Job"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    judgeJobSpec(spec);
    const name = object.at("metadata", "name");
    const completions = spec.at("completions");
    if (spec.at("completionMode").text === "Indexed" && completions.number > 0) {
      const host = `${name.text}-${completions.number - 1}`;
      if (dnsLabel(host).length > 0)
        name.invalid(`will not able to create pod with invalid DNS label: ${host}`);
    }
    if (!prior) {
      judgeOwnSelector(spec);
      // The API server writes the name into labels.
      const problems = labelValue(name.text);
      object.at("metadata").as("metadata.labels").invalidAll(problems, name.text);
      spec.at("template").as("spec.template.labels").invalidAll(problems, name.text);
      return;
    }
    for (const field of FIXED) refuseChange(spec.at(field), prior.at("spec", field), IMMUTABLE);
    if (spec.at("completionMode").text !== "Indexed") {
      refuseChange(completions, prior.at("spec", "completions"), IMMUTABLE);
    }
    refuseChange(spec.at("template"), prior.at("spec", "template"), IMMUTABLE);
  },
};

/** The API server makes the selector, unless the author insists on one. */
function judgeOwnSelector(spec: Field): void {
  const selector = spec.at("selector");
  const isManual = spec.at("manualSelector").value === true;
  if (!selector.isSet) {
    if (isManual) selector.required();
    return;
  }
  judgeSelector(selector);
  if (!isManual) selector.invalid("`selector` not auto-generated");
  else if (!selects(selector, labelsOf(spec.at("template", "metadata")))) {
    spec.at("template", "metadata", "labels").invalid("`selector` does not match template `labels`");
  }
}

export function judgeJobTemplate(template: Field): void {
  const spec = template.at("spec");
  judgeJobSpec(spec);
  if (spec.at("selector").isSet) spec.at("selector").invalid("`selector` will be auto-generated");
  if (spec.at("manualSelector").value === true) spec.at("manualSelector").unsupported(["nil", "false"]);
}

function judgeJobSpec(spec: Field): void {
  for (const name of [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ]) {
    refuseNegative(spec.at(name));
  }
  judgeIndexes(spec);
  const manager = spec.at("managedBy");
  if (manager.isSet && !/^[^/]+\/.+$/.test(manager.text)) {
    manager.invalid('must be a domain-prefixed path (such as "acme.io/foo")');
  } else if (manager.isSet) {
    manager.invalidAll(dnsSubdomain(manager.text.split("/", 1)[0] ?? ""), manager.text.split("/", 1)[0]);
    if (manager.text.length > 63) manager.tooLong(63);
  }
  const failure = spec.at("podFailurePolicy");
  if (failure.isSet) judgeFailurePolicy(failure, spec);
  const replacement = spec.at("podReplacementPolicy");
  allowOnly(replacement, failure.isSet ? ["Failed"] : ["Failed", "TerminatingOrFailed"]);
  judgePodTemplate(spec.at("template"));
  const restart = spec.at("template", "spec", "restartPolicy");
  if (restart.text === "" || restart.text === "Always")
    restart.required('valid values: "OnFailure", "Never"');
  else if (!["OnFailure", "Never"].includes(restart.text)) restart.unsupported(["OnFailure", "Never"]);
  else if (failure.isSet && restart.text !== "Never") {
    restart.invalid('only "Never" is supported when podFailurePolicy is specified');
  }
}

function judgeIndexes(spec: Field): void {
  const mode = spec.at("completionMode");
  const perIndex = spec.at("backoffLimitPerIndex");
  const failed = spec.at("maxFailedIndexes");
  const completions = spec.at("completions");
  const parallelism = spec.at("parallelism");
  if (failed.isSet && !perIndex.isSet) perIndex.required("when maxFailedIndexes is specified");
  if (mode.text !== "" && mode.text !== "NonIndexed" && mode.text !== "Indexed")
    mode.unsupported(["NonIndexed", "Indexed"]);
  if (mode.text === "Indexed") {
    if (!completions.isSet) completions.required("when completion mode is Indexed");
    if (parallelism.number > MOST_PARALLEL) {
      parallelism.invalid(`must be less than or equal to ${MOST_PARALLEL} when completion mode is Indexed`);
    }
    if (completions.isSet && failed.number > completions.number) {
      failed.invalid("must be less than or equal to completions");
    }
  } else if (mode.text === "" || mode.text === "NonIndexed") {
    for (const field of [perIndex, failed])
      if (field.isSet) field.invalid("requires indexed completion mode");
    if (spec.at("successPolicy").isSet) spec.at("successPolicy").invalid("requires indexed completion mode");
  }
  const success = spec.at("successPolicy");
  if (mode.text !== "Indexed" || !success.isSet) return;
  if (success.at("rules").isEmpty) {
    success.at("rules").required("at least one rules must be specified when the successPolicy is specified");
  }
  for (const rule of success.at("rules").items()) {
    if (rule.at("succeededCount").isSet || rule.at("succeededIndexes").isSet)
      judgeSuccess(rule, completions.number);
    else rule.required("at least one of succeededCount or succeededIndexes must be specified");
  }
}

/** Which pods, and how many of them, make a job a success. */
function judgeSuccess(rule: Field, completions: number): void {
  const indexes = rule.at("succeededIndexes");
  const count = rule.at("succeededCount");
  const read = readIndexes(indexes.text, completions);
  if (typeof read === "string") indexes.invalid(`error parsing succeededIndexes: ${read}`);
  refuseNegative(count);
  if (count.number > completions) {
    count.invalid(`must be less than or equal to ${completions} (the number of specified completions)`);
  }
  const named = typeof read === "number" ? read : 0;
  if (indexes.isSet && count.number > named) {
    count.invalid(
      `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`,
    );
  }
}

/** How many indexes a text like `0,3-5` names, or what is wrong with it. */
function readIndexes(text: string, completions: number): number | string {
  let last: number | undefined;
  let total = 0;
  for (const part of text === "" ? [] : text.split(",")) {
    const ends = part.split("-");
    if (ends.length > 2) {
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    }
    for (const end of ends) {
      if (!/^\+?\d+$/.test(end)) return `cannot convert string to integer for index: ${JSON.stringify(end)}`;
      if (Number(end) >= completions) return `too large index: ${JSON.stringify(end)}`;
    }
    const [low = 0, high = low] = ends.map(Number);
    if (ends.length > 1 && low >= high) return `non-increasing order, previous: ${low}, current: ${high}`;
    if (last !== undefined && last >= low) {
      return `non-increasing order, previous: ${last}, current: ${low}`;
    }
    total += high - low + 1;
    last = high;
  }
  return total;
}

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const MOST_RULES = 20;

function judgeFailurePolicy(policy: Field, spec: Field): void {
  const rules = policy.at("rules");
  const count = rules.items().length;
  if (count > MOST_RULES) rules.tooMany(count, MOST_RULES);
  const pod = spec.at("template", "spec");
  const names = [...pod.at("containers").items(), ...pod.at("initContainers").items()].map(
    (container) => container.at("name").text,
  );
  for (const rule of rules.items()) {
    const action = rule.at("action");
    if (action.isEmpty) action.required(`valid values: ${JSON.stringify(ACTIONS).replaceAll(",", " ")}`);
    else if (action.text === "FailIndex" && !spec.at("backoffLimitPerIndex").isSet) {
      action.invalid("requires the backoffLimitPerIndex to be set");
    } else allowOnly(action, ACTIONS);
    const codes = rule.at("onExitCodes");
    const conditions = rule.at("onPodConditions");
    if (codes.isSet) judgeExitCodes(codes, names);
    for (const condition of conditions.items()) {
      condition.at("type").invalidAll(qualifiedName(condition.at("type").text));
      const status = condition.at("status");
      if (status.isSet) allowOnly(status, ["False", "True", "Unknown"], true);
    }
    if (codes.isSet && !conditions.isEmpty)
      rule.report("Invalid value: specifying both OnExitCodes and OnPodConditions is not supported");
    if (!codes.isSet && conditions.isEmpty)
      rule.report("Invalid value: specifying one of OnExitCodes and OnPodConditions is required");
  }
}

function judgeExitCodes(codes: Field, names: readonly string[]): void {
  const operator = codes.at("operator");
  if (operator.isEmpty) operator.required('valid values: ["In" "NotIn"]');
  else allowOnly(operator, ["In", "NotIn"]);
  const name = codes.at("containerName");
  if (name.isSet && !names.includes(name.text)) {
    name.invalid("must be one of the container or initContainer names in the pod template");
  }
  const values = codes.at("values");
  const numbers = values.items();
  if (numbers.length === 0) values.invalid("at least one value is required");
  if (numbers.length > 255) values.tooMany(numbers.length, 255);
  numbers.forEach((value, index) => {
    if (operator.text === "In" && value.number === 0) value.invalid("must not be 0 for the In operator");
    if (numbers.findIndex(({ number }) => number === value.number) !== index) value.duplicate();
  });
  if (numbers.some(({ number }, index) => index > 0 && (numbers[index - 1]?.number ?? 0) > number)) {
    values.invalid("must be ordered");
  }
}
