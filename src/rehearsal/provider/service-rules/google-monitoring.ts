import { canonical, isList, isObject, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

/** Labels of a channel that are secrets, and have a block of their own. */
const SENSITIVE_LABELS = ["auth_token", "service_key", "password"];

const noReducer = ["", "REDUCE_NONE"];

/** Reducing nothing and saying nothing of it come to the same. */
function sameReducer(before: Value, after: Value): boolean {
  return [before, after].every((value) => noReducer.includes(String(value ?? "")));
}

function parsed(value: Value): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}

/** Whether a dashboard has all that is wanted of it, whatever Google added. */
function holds(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return found === wanted;
  if (typeof found !== "object" || found === null) return false;
  if (Array.isArray(wanted) !== Array.isArray(found)) return false;
  if (Array.isArray(wanted) && wanted.length !== (found as unknown[]).length) return false;
  return Object.entries(wanted).every(([key, value]) =>
    holds((found as Readonly<Record<string, unknown>>)[key], value),
  );
}

/** Whether all that is said is there already; what isn't said is left to defaults. */
function says(wanted: Value, found: Value): boolean {
  if (wanted === null) return true;
  if (isList(wanted)) {
    return (
      isList(found) &&
      wanted.length === found.length &&
      wanted.every((each, index) => says(each, found[index] ?? null))
    );
  }
  if (!isObject(wanted)) return canonical(wanted) === canonical(found);
  return isObject(found) && Object.entries(wanted).every(([name, each]) => says(each, found[name] ?? null));
}

export const googleMonitoring: readonly ServiceRules[] = [
  { types: ["google_logging_metric"] },
  {
    types: ["google_monitoring_uptime_check_config"],
    same: {
      "http_check.path": (before, after) => before === `/${after}`,
      // Google adds the project where nobody names it, which is seen through while nothing else changes.
      "monitored_resource.labels": (before, after, { prior, proposed }) => {
        if (!isObject(before) || !isObject(after) || after.project_id) return false;
        const { project_id: _, ...labels } = before;
        const others = Object.keys(proposed).filter((name) => name !== "monitored_resource");
        return (
          canonical(labels) === canonical(after) &&
          others.every((name) => says(proposed[name] ?? null, prior[name] ?? null))
        );
      },
    },
  },
  {
    types: ["google_monitoring_alert_policy"],
    same: {
      "conditions.condition_absent.aggregations.cross_series_reducer": sameReducer,
      "conditions.condition_threshold.aggregations.cross_series_reducer": sameReducer,
      "conditions.condition_threshold.denominator_aggregations.cross_series_reducer": sameReducer,
    },
  },
  {
    types: ["google_monitoring_dashboard"],
    same: {
      dashboard_json: (before, after) => {
        const wanted = parsed(after);
        return wanted !== undefined && holds(parsed(before), wanted);
      },
    },
  },
  {
    types: ["google_monitoring_notification_channel"],
    refusals: {
      "a secret in both places": ({ after }) => {
        const twice = SENSITIVE_LABELS.find(
          (label) => after.text(`labels.${label}`) !== "" && after.text(`sensitive_labels.0.${label}`) !== "",
        );
        return twice === undefined
          ? undefined
          : `Sensitive label [${twice}] cannot be set in both \`labels\` and the \`sensitive_labels\` block.`;
      },
    },
  },
];
