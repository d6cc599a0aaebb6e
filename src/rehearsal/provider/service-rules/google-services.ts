import { samenesses } from "../planning/sameness";
import { canonical, isList, isObject, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

const DEFAULT_POLICY = ["", "VERSION_POLICY_UNSPECIFIED"];

/** What decides between Maven artifacts; nothing and the default come to the same. */
function mavenPolicy(config: Value): string {
  const block = isList(config) ? config[0] : undefined;
  const fields = isObject(block) ? block : {};
  const policy = String(fields.version_policy ?? "");
  return canonical([
    fields.allow_snapshot_overwrites === true,
    DEFAULT_POLICY.includes(policy) ? "" : policy,
  ]);
}

function isMonth(period: Value): boolean {
  return period === "MONTH";
}

function hasCustomPeriod(filter: Value): boolean {
  const [block] = isList(filter) ? filter : [filter];
  return isObject(block) && isList(block.custom_period) && block.custom_period.length > 0;
}

function redisVersion(version: string): number {
  const [, major, minor] = /REDIS_(\d+)_(\d+)/.exec(version) ?? [];
  return Number(`${major}.${minor}`);
}

export const googleServices: readonly ServiceRules[] = [
  {
    // A star: this isn't all that its code decides.
    types: ["google_billing_budget*"],
    same: {
      // A month is what a budget is for where nobody says it.
      "budget_filter.calendar_period": (before, after, { proposed }) =>
        !hasCustomPeriod(proposed.budget_filter ?? null) &&
        [before || "MONTH", after || "MONTH"].every(isMonth),
    },
  },
  {
    types: ["google_artifact_registry_repository"],
    same: {
      maven_config: (before, after) =>
        mavenPolicy(before) === mavenPolicy(after) && mavenPolicy(after) === mavenPolicy([]),
      "virtual_repository_config.upstream_policies": samenesses.order,
      "cleanup_policies.condition.older_than": samenesses.duration,
      "cleanup_policies.condition.newer_than": samenesses.duration,
    },
  },
  {
    types: ["google_redis_instance"],
    same: {
      secondary_ip_range: (before, after) =>
        String(after ?? "").toLowerCase() === "auto" && before !== "" && before !== null,
    },
    replacements: {
      "an older version": ({ before, after }) =>
        redisVersion(after.text("redis_version")) < redisVersion(before.text("redis_version"))
          ? ["redis_version"]
          : [],
    },
  },
  {
    types: ["google_secret_manager_secret"],
    replacements: {
      "another kind of replication": ({ before, after }) =>
        before.flag("replication.0.automatic") && after.list("replication.0.auto").length > 0
          ? []
          : ["replication.0.automatic", "replication.0.auto"],
    },
  },
];
