import { type Field, isJsonObject } from "../field";
import { dnsLabel, pathSegment } from "../formats/names";
import { quantityOf, showQuantity } from "../formats/quantity";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeNotNegative, judgeResourceName } from "./resources";
import { NOT_POSITIVE } from "./scheduling";

const WINDOW_SECONDS = 3600;
const PERIOD_SECONDS = 1800;

export const horizontalPodAutoscaler: KindRules = {
  kinds: ["autoscaling/v2/HorizontalPodAutoscaler", "autoscaling/v1/HorizontalPodAutoscaler"],
  judge({ object }) {
    judgeMetadata(object.at("metadata"), true);
    const spec = object.at("spec");
    const least = spec.at("minReplicas");
    const most = spec.at("maxReplicas");
    if (least.isSet && least.number < 1) least.invalid("must be greater than or equal to 1");
    if (most.number < 1) most.invalid("must be greater than 0", most.number);
    const lowest = least.isSet ? least.number : 1;
    if (most.number < lowest) most.invalid("must be greater than or equal to `minReplicas`", most.number);
    const target = spec.at("scaleTargetRef");
    judgeReference(target);
    const version = target.at("apiVersion");
    if (!/.\//.test(version.text)) version.invalid("apiVersion must specify API group", version.text);
    for (const metric of spec.at("metrics").items()) judgeMetric(metric);
    for (const name of ["scaleUp", "scaleDown"]) {
      const rules = spec.at("behavior", name);
      if (rules.isSet) judgeBehaviour(rules);
    }
    const percent = spec.at("targetCPUUtilizationPercentage");
    if (percent.isSet && percent.number < 1) percent.invalid("must be greater than 0");
  },
};

function judgeReference(reference: Field): void {
  for (const name of ["kind", "name"]) {
    const field = reference.at(name);
    if (field.isEmpty) field.required();
    else field.invalidAll(pathSegment(field.text));
  }
  const version = reference.at("apiVersion");
  if (version.text.split("/").length > 2) {
    version.invalid(`unexpected GroupVersion string: ${version.text}`);
  }
}

const SELECT_POLICIES = ["Disabled", "Max", "Min"];

function judgeBehaviour(rules: Field): void {
  const window = rules.at("stabilizationWindowSeconds");
  if (window.number < 0) window.invalid("must be greater than or equal to zero");
  if (window.number > WINDOW_SECONDS) window.invalid(`must be less than or equal to ${WINDOW_SECONDS}`);
  const select = rules.at("selectPolicy");
  if (select.isSet && !SELECT_POLICIES.includes(select.text)) select.unsupported(SELECT_POLICIES);
  const policies = rules.at("policies");
  if (policies.isSet && policies.isEmpty) policies.required("must specify at least one Policy");
  for (const policy of policies.items()) {
    const type = policy.at("type");
    if (!["Pods", "Percent"].includes(type.text)) type.unsupported(["Percent", "Pods"], type.text);
    for (const name of ["value", "periodSeconds"]) {
      const field = policy.at(name);
      if (field.number <= 0) field.invalid(NOT_POSITIVE, field.number);
    }
    const period = policy.at("periodSeconds");
    if (period.number > PERIOD_SECONDS) period.invalid(`must be less than or equal to ${PERIOD_SECONDS}`);
  }
  judgeNotNegative(rules.at("tolerance"));
}

/** The field of each type of metric, in the API's own words. */
const METRICS: Readonly<Record<string, string>> = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};

function judgeMetric(metric: Field): void {
  const type = metric.at("type");
  if (type.isEmpty) type.required("must specify a metric source type");
  const wanted = METRICS[type.text];
  if (wanted === undefined) type.unsupported(Object.keys(METRICS), type.text);
  const given = isJsonObject(metric.value)
    ? Object.values(METRICS).filter((name) => metric.at(name).isSet)
    : [];
  if (wanted !== undefined && !given.includes(wanted)) {
    metric.at(wanted).required("must populate information for the given metric source");
  }
  if (given.length !== 1) {
    for (const name of given) {
      if (name !== wanted) metric.at(name).forbidden("must populate the given metric source only");
    }
  }
  const [only] = given;
  if (only !== undefined && given.length === 1) judgeSource(only, metric.at(only));
}

function judgeSource(kind: string, source: Field): void {
  const target = source.at("target");
  judgeTarget(target);
  if (kind === "resource" || kind === "containerResource") {
    const name = source.at("name");
    if (name.isEmpty) name.required("must specify a resource name");
    if (kind === "containerResource") {
      if (!name.isEmpty) judgeResourceName(name.text, name);
      const container = source.at("container");
      if (container.isEmpty) container.required("must specify a container");
      else container.invalidAll(dnsLabel(container.text));
    }
    const hasShare = target.at("averageUtilization").isSet;
    const hasAmount = target.at("averageValue").isSet;
    if (!hasShare && !hasAmount) {
      target.at("averageUtilization").required("must set either a target raw value or a target utilization");
    }
    if (hasShare && hasAmount) {
      target.at("averageValue").forbidden("may not set both a target raw value and a target utilization");
    }
    return;
  }
  const name = source.at("metric", "name");
  if (name.isEmpty) name.required("must specify a metric name");
  else name.invalidAll(pathSegment(name.text));
  const value = target.at("value");
  const average = target.at("averageValue");
  if (kind === "pods") {
    if (!average.isSet) average.required("must specify a positive target averageValue");
  } else if (kind === "object") {
    judgeReference(source.at("describedObject"));
    if (!value.isSet && !average.isSet) average.required("must set either a target value or averageValue");
  } else {
    if (!value.isSet && !average.isSet) {
      average.required("must set either a target value for metric or a per-pod target");
    }
    if (value.isSet && average.isSet) {
      value.forbidden("may not set both a target value for metric and a per-pod target");
    }
  }
}

function judgeTarget(target: Field): void {
  const type = target.at("type");
  if (type.isEmpty) type.required("must specify a metric target type");
  if (!["Utilization", "Value", "AverageValue"].includes(type.text)) {
    type.invalid("must be either Utilization, Value, or AverageValue", type.text);
  }
  for (const name of ["value", "averageValue"]) {
    const field = target.at(name);
    const amount = quantityOf(field.value);
    if (amount !== undefined && amount <= 0n) field.invalid("must be positive", showQuantity(field.value));
  }
  const share = target.at("averageUtilization");
  if (share.isSet && share.number < 1) share.invalid("must be greater than 0");
}
