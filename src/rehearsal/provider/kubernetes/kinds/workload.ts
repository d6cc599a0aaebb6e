import { type Field, NOT_NEGATIVE, show } from "../field";
import { percentage } from "../formats/names";
import { labelsOf, selects } from "./selector";

/** What all workloads share: a selector that finds their pods, and numbers that may be percentages. */

export function judgeTemplateLabels(
  spec: Field,
  shownLabels = spec.at("template", "metadata", "labels"),
): void {
  const selector = spec.at("selector");
  if (!selector.isSet) return;
  const labels = labelsOf(spec.at("template", "metadata"));
  if (!selects(selector, labels)) shownLabels.invalid("`selector` does not match template `labels`");
}

/** Workloads that run for ever restart what ends, and have no deadline. */
export function judgeRunsForEver(spec: Field, kind: string): void {
  const pod = spec.at("template", "spec");
  const restart = pod.at("restartPolicy");
  if (restart.text !== "" && restart.text !== "Always") restart.unsupported(["Always"]);
  const deadline = pod.at("activeDeadlineSeconds");
  if (deadline.isSet) deadline.forbidden(`activeDeadlineSeconds in ${kind} is not Supported`);
}

/** A number of pods, or a share of them in percent; undefined for anything else. */
export function shareOf(field: Field): number | undefined {
  if (typeof field.value === "number") return field.value;
  const [, digits] = /^(\d+)%$/.exec(field.text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export function judgeShare(field: Field): void {
  if (!field.isSet) return;
  if (typeof field.value === "string") {
    field.invalidAll(percentage(field.text));
    if ((shareOf(field) ?? 0) > 100) field.invalid("must not be greater than 100%");
  } else if (field.number < 0) field.invalid(NOT_NEGATIVE);
}

/** The value that is there, or what the API server fills in. */
export function withDefault(field: Field, value: number | string): Field {
  return field.isSet ? field : field.with(value);
}

export function refuseEmptySelector(selector: Field, kind: string): void {
  const isEmpty = selector.at("matchLabels").isEmpty && selector.at("matchExpressions").isEmpty;
  if (isEmpty)
    selector.report(`Invalid value: ${show(selector.value ?? null)}: empty selector is invalid for ${kind}`);
}
