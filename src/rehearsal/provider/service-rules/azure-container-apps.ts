import { at, blocksAt, isList, isObject, type ObjectValue, type Value } from "../value";
import type { ServiceRules } from "./service-rules";
import { integerText, texts } from "./value-checks";

/** The profile that every environment with profiles has. */
const CONSUMPTION = "Consumption";

const isConsumption = (profile: ObjectValue) => at(profile, "workload_profile_type") === CONSUMPTION;

/** Whether the only difference is the profile that the service adds to the others. */
function isAddedByCloud(before: readonly ObjectValue[], after: readonly ObjectValue[]): boolean {
  return before.length === after.length + 1 && before.some(isConsumption) && !after.some(isConsumption);
}

function objectsOf(value: Value): readonly ObjectValue[] {
  return isList(value) ? value.filter(isObject) : [];
}

export const azureContainerApps: readonly ServiceRules[] = [
  {
    types: ["azurerm_container_app"],
    values: {
      name: texts(
        (text) => /^([a-z]$)|(^([a-z0-9])([a-z0-9-.]{0,30})([^A-Z\W]))$/.test(text) && !text.includes("--"),
        "\"{name}\" must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character and cannot have '--'. The length must not be more than 32 characters",
      ),
      "template.http_scale_rule.concurrent_requests": integerText,
      "template.tcp_scale_rule.concurrent_requests": integerText,
    },
    refusals: {
      "traffic to no revision": ({ after }) => {
        const index = after
          .blocks("ingress.0.traffic_weight")
          .findIndex((weight) => !weight.flag("latest_revision") && weight.text("revision_suffix") === "");
        return index === -1
          ? undefined
          : `\`either ingress.0.traffic_weight.${index}.revision_suffix\` or \`ingress.0.traffic_weight.${index}.latest_revision\` should be specified`;
      },
      "a secret of a vault without an identity, or the other way around": ({ after }) => {
        for (const secret of after.blocks("secret")) {
          const inVault = secret.text("key_vault_secret_id") !== "";
          const hasIdentity = secret.text("identity") !== "";
          if (inVault && !hasIdentity) {
            return `secret ${secret.text("name")} must supply identity for key vault secret id`;
          }
          if (!inVault && hasIdentity) {
            return `secret ${secret.text("name")} must supply key vault secret id when specifying identity`;
          }
        }
        return undefined;
      },
    },
  },
  {
    types: ["azurerm_container_app_environment"],
    // The service makes up a group's name where a profile needs one.
    same: {
      workload_profile: (before, after) => isAddedByCloud(objectsOf(before), objectsOf(after)),
      infrastructure_resource_group_name: (_before, after, { proposed }) =>
        !after && blocksAt(proposed, "workload_profile").some((profile) => !isConsumption(profile)),
    },
    refusals: {
      "logs to a workspace without one, or elsewhere with one": (change) => {
        const { after, config } = change;
        const names = ["logs_destination", "log_analytics_workspace_id"];
        if (!names.some((name) => change.hasChanged(name))) return undefined;
        const [hasDestination, hasWorkspace] = names.map((name) => config.isGiven(name));
        const destination = after.text("logs_destination");
        if (destination === "log-analytics" && hasDestination && !hasWorkspace) {
          return "`log_analytics_workspace_id` must be set when `logs_destination` is set to `log-analytics`";
        }
        return (destination === "azure-monitor" || destination === "") && hasDestination && hasWorkspace
          ? "`log_analytics_workspace_id` can only be set when `logs_destination` is set to `log-analytics` or omitted"
          : undefined;
      },
      "a public network in front of an internal load balancer": ({ after }) =>
        after.flag("internal_load_balancer_enabled") && after.text("public_network_access") === "Enabled"
          ? "`public_network_access` cannot be `Enabled` when `internal_load_balancer_enabled` is set to `true`"
          : undefined,
    },
    replacements: {
      "profiles where there were none, or the other way around": ({ before, after }) => {
        const old = objectsOf(before.get("workload_profile"));
        const next = objectsOf(after.get("workload_profile"));
        const isGone = old.length > 0 && next.length === 0 && !isAddedByCloud(old, next);
        return isGone || (old.length === 0 && next.length > 0) ? ["workload_profile"] : [];
      },
    },
  },
];
