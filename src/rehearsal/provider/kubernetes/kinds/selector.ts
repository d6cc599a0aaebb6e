import type { Field, JsonObject } from "../field";
import { isJsonObject } from "../field";
import { labelValue, qualifiedName } from "../formats/names";

/** Labels, and what selects by them. */

export function judgeLabels(labels: Field): void {
  for (const [key, value] of labels.entries()) {
    labels.invalidAll(qualifiedName(key), key);
    labels.invalidAll(labelValue(value.text), value.text);
  }
}

/** A label's key where it stands alone. */
export function judgeLabelKey(key: Field): void {
  key.invalidAll(qualifiedName(key.text), key.text);
}

export function judgeSelector(selector: Field): void {
  if (!selector.isSet) return;
  judgeLabels(selector.at("matchLabels"));
  for (const expression of selector.at("matchExpressions").items()) judgeExpression(expression);
}

function judgeExpression(expression: Field): void {
  const operator = expression.at("operator");
  const values = expression.at("values");
  if (operator.text === "In" || operator.text === "NotIn") {
    if (values.isEmpty) values.required("must be specified when `operator` is 'In' or 'NotIn'");
  } else if (operator.text === "Exists" || operator.text === "DoesNotExist") {
    if (!values.isEmpty)
      values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else {
    operator.invalid("not a valid selector operator", operator.text);
  }
  for (const value of values.items()) value.invalidAll(labelValue(value.text));
  judgeLabelKey(expression.at("key"));
}

/** Whether labels are what a selector looks for. */
export function selects(selector: Field, labels: JsonObject): boolean {
  const wanted = selector.at("matchLabels").entries();
  return (
    wanted.every(([key, value]) => labels[key] === value.text) &&
    selector
      .at("matchExpressions")
      .items()
      .every((expression) => {
        const key = expression.at("key").text;
        const has = key in labels;
        const values = expression
          .at("values")
          .items()
          .map(({ text }) => text);
        switch (expression.at("operator").text) {
          case "In":
            return has && values.includes(String(labels[key]));
          case "NotIn":
            return !has || !values.includes(String(labels[key]));
          case "Exists":
            return has;
          default:
            return !has;
        }
      })
  );
}

/** Whether a selector asks for nothing, and so selects everything. */
export function selectsAll(selector: Field): boolean {
  return selector.at("matchLabels").isEmpty && selector.at("matchExpressions").isEmpty;
}

export function labelsOf(metadata: Field): JsonObject {
  const { value } = metadata.at("labels");
  return isJsonObject(value) ? value : {};
}
