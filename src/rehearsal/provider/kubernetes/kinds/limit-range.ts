import { type Field, isJsonObject, type Json, type JsonObject } from "../field";
import { qualifiedName } from "../formats/names";
import { parseQuantity, quantityOf, showQuantity } from "../formats/quantity";
import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";
import { judgeResourceName, judgeStandardName, mayOvercommit } from "./resources";

const TYPES = ["Container", "PersistentVolumeClaim", "Pod"];
const BOUNDS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

export const limitRange: KindRules = {
  kinds: ["v1/LimitRange"],
  judge({ object }) {
    const metadata = object.at("metadata");
    // One without a name is given one.
    judgeMetadata(metadata.at("name").isEmpty ? named(metadata) : metadata, true);
    const seen = new Set<string>();
    for (const limit of object.at("spec", "limits").items()) {
      const type = limit.at("type").with(limit.at("type").text);
      judgeType(type);
      if (seen.has(type.text)) type.duplicate();
      seen.add(type.text);
      judgeLimit(withDefaults(limit), type.text);
    }
  },
};

function named(metadata: Field): Field {
  return metadata.with({ ...(isJsonObject(metadata.value) ? metadata.value : {}), name: "given" });
}

function judgeType(type: Field): void {
  const problems = qualifiedName(type.text);
  type.invalidAll(problems);
  if (problems.length === 0 && !type.text.includes("/") && !TYPES.includes(type.text)) {
    type.invalid("must be a standard limit type or fully qualified");
  }
}

/** What a container's limits are filled up with before anybody looks at them. */
function withDefaults(limit: Field): Field {
  if (limit.at("type").text !== "Container" || !isJsonObject(limit.value)) return limit;
  const part = (name: string): JsonObject => {
    const { value } = limit.at(name);
    return isJsonObject(value) ? value : {};
  };
  const limits = { ...part("max"), ...part("default") };
  const requests = { ...part("min"), ...limits, ...part("defaultRequest") };
  return limit.with({ ...limit.value, default: limits, defaultRequest: requests });
}

function judgeLimit(limit: Field, type: string): void {
  const isOfPod = type === "Pod";
  for (const bound of BOUNDS) {
    const amounts = limit.at(bound);
    if (isOfPod && bound.startsWith("default")) {
      if (!amounts.isEmpty) amounts.forbidden("may not be specified when `type` is 'Pod'");
      continue;
    }
    for (const [name, amount] of amounts.entries()) {
      if (isOfPod || type === "Container") judgeResourceName(name, amount);
      else judgeStandardName(name, amount);
    }
  }
  const [most, least] = [limit.at("max", "storage"), limit.at("min", "storage")];
  if (type === "PersistentVolumeClaim" && !most.isSet && !least.isSet) {
    limit
      .at("limits")
      .required("either minimum or maximum storage value is required, but neither was provided");
  }
  const names = BOUNDS.filter((bound) => !isOfPod || !bound.startsWith("default")).flatMap((bound) =>
    limit.at(bound).entries(),
  );
  for (const name of new Set(names.map(([each]) => each))) judgeBounds(limit, name, isOfPod);
}

function judgeBounds(limit: Field, name: string, isOfPod: boolean): void {
  const at = (bound: (typeof BOUNDS)[number]) =>
    limit.at(bound).with(isOfPod && bound.startsWith("default") ? {} : limit.at(bound).value);
  const place = (bound: (typeof BOUNDS)[number]) => at(bound).as(`${at(bound).path}[${name}]`);
  const amountOf = (bound: (typeof BOUNDS)[number]): Json | undefined => at(bound).at(name).value;
  const refuseMore = (
    [less, words]: readonly [(typeof BOUNDS)[number], string],
    [more, otherWords]: readonly [(typeof BOUNDS)[number], string],
    [blamed, shown]: readonly [(typeof BOUNDS)[number], (typeof BOUNDS)[number]],
  ) => {
    const [one, other] = [quantityOf(amountOf(less)), quantityOf(amountOf(more))];
    if (one === undefined || other === undefined || one <= other) return;
    place(blamed).invalid(
      `${words} value ${showQuantity(amountOf(less))} is greater than ${otherWords} value ${showQuantity(amountOf(more))}`,
      showQuantity(amountOf(shown)),
    );
  };
  const request = ["defaultRequest", "default request"] as const;
  refuseMore(["min", "min"], ["max", "max"], ["min", "min"]);
  refuseMore(["min", "min"], request, ["defaultRequest", "defaultRequest"]);
  refuseMore(request, ["max", "max"], ["defaultRequest", "defaultRequest"]);
  refuseMore(request, ["default", "default limit"], ["defaultRequest", "defaultRequest"]);
  refuseMore(["min", "min"], ["default", "default"], ["default", "min"]);
  refuseMore(["default", "default"], ["max", "max"], ["default", "max"]);
  judgeRatio(
    place("maxLimitRequestRatio").with(amountOf("maxLimitRequestRatio")),
    amountOf("min"),
    amountOf("max"),
  );
  const [limitOf, requestOf] = [quantityOf(amountOf("default")), quantityOf(amountOf("defaultRequest"))];
  const both = limitOf !== undefined && requestOf !== undefined;
  if (both && limitOf !== requestOf && !mayOvercommit(name)) {
    place("defaultRequest").invalid(
      `default value ${showQuantity(amountOf("default"))} must equal to defaultRequest value ${showQuantity(amountOf("defaultRequest"))} in ${name}`,
      showQuantity(amountOf("defaultRequest")),
    );
  }
}

function judgeRatio(ratio: Field, least: Json | undefined, most: Json | undefined): void {
  const value = quantityOf(ratio.value);
  if (value === undefined) return;
  const shown = showQuantity(ratio.value);
  if (value < parseQuantity("1")) ratio.invalid(`ratio ${shown} is less than 1`, shown);
  const [low, high] = [quantityOf(least), quantityOf(most)];
  if (low === undefined || high === undefined) return;
  const largest = Number(high) / Number(low);
  if (Number(value) / 1e9 > largest) {
    ratio.invalid(`ratio ${shown} is greater than max/min = ${largest.toFixed(6)}`, shown);
  }
}
