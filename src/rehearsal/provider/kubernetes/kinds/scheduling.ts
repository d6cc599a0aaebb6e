import { allowOnly, type Field } from "../field";
import { dnsLabel, labelValue } from "../formats/names";
import { judgeLabelKey, judgeSelector } from "./selector";

/** On which nodes pods may run. */

export function judgeAffinity(affinity: Field): void {
  const toNodes = affinity.at("nodeAffinity");
  const required = toNodes.at("requiredDuringSchedulingIgnoredDuringExecution");
  const terms = required.at("nodeSelectorTerms");
  if (required.isSet && terms.isEmpty) terms.required("must have at least one node selector term");
  for (const term of terms.items()) judgeNodeTerm(term, true);
  for (const term of toNodes.at("preferredDuringSchedulingIgnoredDuringExecution").items()) {
    judgeWeight(term.at("weight"));
    judgeNodeTerm(term.at("preference"), false);
  }
  for (const kind of ["podAffinity", "podAntiAffinity"]) {
    const toPods = affinity.at(kind);
    for (const term of toPods.at("requiredDuringSchedulingIgnoredDuringExecution").items())
      judgePodTerm(term);
    for (const term of toPods.at("preferredDuringSchedulingIgnoredDuringExecution").items()) {
      judgeWeight(term.at("weight"));
      judgePodTerm(term.at("podAffinityTerm"));
    }
  }
}

function judgeWeight(weight: Field): void {
  if (weight.number <= 0 || weight.number > 100) weight.invalid("must be in the range 1-100", weight.number);
}

function judgeNodeTerm(term: Field, checksValues: boolean): void {
  for (const expression of term.at("matchExpressions").items()) {
    const operator = expression.at("operator");
    const values = expression.at("values");
    switch (operator.text) {
      case "In":
      case "NotIn":
        if (values.isEmpty) values.required("must be specified when `operator` is 'In' or 'NotIn'");
        break;
      case "Exists":
      case "DoesNotExist":
        if (!values.isEmpty)
          values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        break;
      case "Gt":
      case "Lt":
        if (values.items().length !== 1)
          values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
        break;
      default:
        operator.invalid("not a valid selector operator", operator.text);
    }
    judgeLabelKey(expression.at("key"));
    if (checksValues) for (const value of values.items()) value.invalidAll(labelValue(value.text));
  }
  for (const field of term.at("matchFields").items()) {
    const operator = field.at("operator");
    if (operator.text !== "In" && operator.text !== "NotIn") {
      operator.invalid("not a valid selector operator", operator.text);
    } else if (field.at("values").items().length !== 1) {
      field
        .at("values")
        .required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
    }
    if (field.at("key").text !== "metadata.name")
      field.at("key").invalid("not a valid field selector key", field.at("key").text);
  }
}

function judgePodTerm(term: Field): void {
  judgeSelector(term.at("labelSelector"));
  judgeSelector(term.at("namespaceSelector"));
  for (const name of term.at("namespaces").items())
    term.at("namespace").invalidAll(dnsLabel(name.text), name.text);
  judgeMatchKeys(term);
  const topology = term.at("topologyKey");
  if (topology.isEmpty) topology.required("can not be empty");
  judgeLabelKey(topology);
}

/** Label keys that are taken from the pod itself need a selector that they add to. */
function judgeMatchKeys(term: Field): void {
  const hasSelector = term.at("labelSelector").isSet;
  const matched = term.at("matchLabelKeys");
  const mismatched = term.at("mismatchLabelKeys");
  for (const keys of [matched, mismatched]) {
    if (keys.isEmpty) continue;
    if (!hasSelector) keys.forbidden("must not be specified when labelSelector is not set");
    else keys.items().forEach(judgeLabelKey);
  }
  const others = mismatched.items().map(({ text }) => text);
  for (const key of matched.items()) {
    if (others.includes(key.text)) key.invalid("exists in both matchLabelKeys and mismatchLabelKeys");
  }
}

export function judgeTolerations(tolerations: Field): void {
  for (const toleration of tolerations.items()) {
    const key = toleration.at("key");
    const operator = toleration.at("operator");
    const effect = toleration.at("effect");
    const { text } = toleration.at("value");
    if (!key.isEmpty) judgeLabelKey(key);
    else if (operator.text !== "Exists") {
      operator.invalid(
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        operator.text,
      );
    }
    if (toleration.at("tolerationSeconds").isSet && effect.text !== "NoExecute") {
      effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set", effect.text);
    }
    if (operator.text === "Exists") {
      if (text !== "") operator.invalid("value must be empty when `operator` is 'Exists'", text);
    } else if (operator.text === "Equal" || operator.text === "") {
      const problems = labelValue(text);
      if (problems.length > 0) operator.invalid(problems.join(";"), text);
    } else operator.unsupported(["Equal", "Exists"]);
    allowOnly(effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
  }
}

export function judgeSpread(constraints: Field): void {
  const all = constraints.items();
  const keyOf = (constraint: Field) =>
    `{${constraint.at("topologyKey").text}, ${constraint.at("whenUnsatisfiable").text}}`;
  all.forEach((constraint, index) => {
    judgePositive(constraint.at("maxSkew"));
    const topology = constraint.at("topologyKey");
    if (topology.isEmpty) topology.required("can not be empty");
    const otherwise = constraint.at("whenUnsatisfiable");
    const supported = ["DoNotSchedule", "ScheduleAnyway"];
    if (!supported.includes(otherwise.text)) otherwise.unsupported(supported, otherwise.text);
    if (all.slice(index + 1).some((other) => keyOf(other) === keyOf(constraint))) {
      constraint.at("{topologyKey, whenUnsatisfiable}").duplicate(keyOf(constraint));
    }
    const domains = constraint.at("minDomains");
    if (domains.isSet) {
      judgePositive(domains);
      if (otherwise.text !== "DoNotSchedule") {
        domains.invalid(`can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${otherwise.text}`);
      }
    }
    for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"])
      allowOnly(constraint.at(name), ["Honor", "Ignore"]);
    judgeMatchKeys(constraint);
    judgeSelector(constraint.at("labelSelector"));
  });
}

export const NOT_POSITIVE = "must be greater than zero";

function judgePositive(field: Field): void {
  if (field.number <= 0) field.invalid(NOT_POSITIVE, field.number);
}
