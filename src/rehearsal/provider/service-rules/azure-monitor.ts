import { isDateTime, isUuid } from "../validation/text-shapes";
import type { ValueCheck } from "../validation/validate-config";
import { canonical } from "../value";
import type { ServiceRules, SetKey } from "./service-rules";
import { anyId, matching, texts } from "./value-checks";

const isSku = (sku: string, wanted: string) => sku.toLowerCase() === wanted.toLowerCase();

/** What tells two logs or metrics of a setting apart: how long they are kept doesn't. */
const categoryOf: SetKey = ({ category, category_group: group, enabled }) =>
  canonical([category || null, group || null, enabled ?? null]);

const dateTime = texts(isDateTime, 'expected "{name}" to be a valid RFC3339 date, got "{value}"');

/** A budget begins with a month, and none before there were any. */
const budgetStart: ValueCheck = (value, name) => {
  const problem = dateTime(value, name);
  if (problem !== undefined || typeof value !== "string") return problem;
  if (value.slice(8, 10) !== "01") return `"${name}" must be first of the month`;
  return Date.parse(value) < Date.parse("2017-06-01T00:00:00Z")
    ? `"${name}" must be on or after June 1, 2017, got "${value}"`
    : undefined;
};

export const azureMonitor: readonly ServiceRules[] = [
  {
    types: ["resource_group", "subscription", "management_group"].map(
      (place) => `azurerm_consumption_budget_${place}`,
    ),
    values: { "time_period.start_date": budgetStart, "time_period.end_date": dateTime },
  },
  {
    types: ["azurerm_application_insights_workbook"],
    values: {
      name: texts(
        (text) => isUuid(text) && text === text.toLowerCase(),
        'expected "{name}" to be a valid UUID without upper case characters, got {value}',
      ),
    },
  },
  {
    types: ["azurerm_log_analytics_workspace"],
    refusals: {
      "a tier that is no longer sold": ({ before, after }) =>
        before.text("sku") !== after.text("sku") && /^(standard|premium)$/i.test(after.text("sku"))
          ? "creation of log analytics workspaces with `Standard` or `Premium` SKUs is no longer supported by Azure - see https://learn.microsoft.com/en-us/azure/azure-monitor/logs/cost-logs#standard-and-premium-pricing-tiers"
          : undefined,
    },
    replacements: {
      "a tier that the workspace can't move to": ({ before, after }) => {
        const [old, next] = [before.text("sku"), after.text("sku")];
        const stays =
          old === "" ||
          isSku(old, "LACluster") ||
          (isSku(old, "CapacityReservation") && isSku(next, "PerGB2018")) ||
          (isSku(old, "PerGB2018") && isSku(next, "CapacityReservation"));
        return stays ? [] : ["sku"];
      },
    },
    creationRefusals: {
      "a cluster's tier": ({ after }) =>
        isSku(after.text("sku"), "LACluster")
          ? "`sku` cannot be set to `LACluster` during creation unless the workspace is in a soft-deleted state while linked to a Log Analytics Cluster"
          : undefined,
      "a reservation in another tier, or none in its own": ({ after }) => {
        const isReserved = isSku(after.text("sku"), "CapacityReservation");
        const hasCapacity = after.isSet("reservation_capacity_in_gb_per_day");
        if (hasCapacity && !isReserved) {
          return "`reservation_capacity_in_gb_per_day` can only be used with the `CapacityReservation` SKU";
        }
        return isReserved && !hasCapacity
          ? "`reservation_capacity_in_gb_per_day` must be set when using the `CapacityReservation` SKU"
          : undefined;
      },
    },
  },
  {
    types: ["azurerm_application_insights_standard_web_test"],
    refusals: {
      "a look at the certificate of what has none": ({ after }) => {
        const url = after.text("request.0.url");
        if (url === "" || /^https:\/\//i.test(url)) return undefined;
        if (after.flag("validation_rules.0.ssl_check_enabled")) {
          return "cannot set ssl_check_enabled to true if request.0.url is not https";
        }
        return after.isSet("validation_rules.0.ssl_cert_remaining_lifetime")
          ? "cannot set ssl_cert_remaining_lifetime if request.0.url is not https"
          : undefined;
      },
    },
  },
  {
    types: ["azurerm_monitor_alert_prometheus_rule_group"],
    refusals: {
      "a rule that is neither a record nor an alert, or both": ({ after }) => {
        const wrong = after
          .blocks("rule")
          .findIndex((rule) => (rule.text("alert") === "") === (rule.text("record") === ""));
        return wrong < 0
          ? undefined
          : `one and only one of [rule.${wrong}.record, rule.${wrong}.alert] for ${after.text("name")} must be set`;
      },
      "a record that alerts": ({ after }) => {
        const ofAlerts = ["action", "severity", "annotations", "for", "alert_resolution"];
        const wrong = after
          .blocks("rule")
          .findIndex((rule) => rule.text("record") !== "" && ofAlerts.some((name) => rule.isSet(name)));
        return wrong < 0
          ? undefined
          : `the rule.[${wrong}].action, rule.[${wrong}].severity, rule.[${wrong}].annotations, rule.[${wrong}].for and rule.[${wrong}].alert_resolution must be empty when the rule type of Alert Prometheus Rule Group (${after.text("name")}) is record`;
      },
    },
  },
  {
    types: ["azurerm_monitor_data_collection_rule"],
    replacements: {
      "another kind": ({ before }) => (before.text("kind") === "" ? [] : ["kind"]),
    },
  },
  {
    types: ["azurerm_monitor_diagnostic_setting"],
    values: {
      target_resource_id: anyId("/providers/Microsoft.Management/managementGroups/{name}"),
      name: matching(
        "^[^<>*%&:\\\\?+/]{1,260}$",
        '"{name}" must be between 1 and 260 characters without <, >, *, %, &, :, \\, ?, + and /: "{value}"',
      ),
    },
    setKeys: { enabled_log: categoryOf, metric: categoryOf },
    creationRefusals: {
      "a setting that sends nothing": ({ after }) =>
        after.list("enabled_log").length === 0 &&
        after.list("enabled_metric").length === 0 &&
        !after.blocks("metric").some((metric) => metric.flag("enabled"))
          ? "at least one type of Log or Metric must be enabled"
          : undefined,
      "a log that is neither a category nor a group": ({ after }) =>
        after
          .blocks("enabled_log")
          .some((log) => log.text("category") === "" && log.text("category_group") === "")
          ? "exactly one of `category` or `category_group` must be specified"
          : undefined,
    },
  },
];
