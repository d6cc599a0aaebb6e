import type { Behaviour } from "../behaviour";
import type { Cloud } from "../cloud";
import { tenantId } from "../providers/azurerm";
import { textAt } from "../value";

/** The number that Google gave a project. */
export function projectNumber(cloud: Cloud, project: string): string {
  return String(100_000_000_000 + Number.parseInt(cloud.hash("project number", project).slice(0, 9), 16));
}

/** Data sources about who asks and where: there is always an answer. */
export const whoAmI: readonly Behaviour[] = [
  {
    types: ["azurerm_client_config"],
    readData: ({ cloud }) => ({
      id: Buffer.from(`clientConfigs/clientId=${cloud.uuid("deployer client")}`).toString("base64"),
      client_id: cloud.uuid("deployer client"),
      object_id: cloud.uuid("deployer object"),
      subscription_id: cloud.scope,
      tenant_id: tenantId(cloud),
    }),
  },
  {
    types: ["azurerm_subscription"],
    readData({ cloud, config }) {
      const subscription = textAt(config, "subscription_id") ?? cloud.scope;
      return {
        id: `/subscriptions/${subscription}`,
        subscription_id: subscription,
        tenant_id: tenantId(cloud),
        display_name: "Rehearsal",
        state: "Enabled",
        location_placement_id: "Public_2014-09-01",
        quota_id: "PayAsYouGo_2014-09-01",
        spending_limit: "Off",
        tags: {},
      };
    },
  },
  {
    types: ["azurerm_kubernetes_service_versions"],
    readData: ({ config }) => {
      const prefix = textAt(config, "version_prefix") ?? "";
      const versions = ["1.32.9", "1.33.5", "1.34.1"].filter((version) => version.startsWith(prefix));
      const latest = versions.at(-1) ?? "";
      return { id: "versions", versions, latest_version: latest, default_version: latest };
    },
  },
  {
    types: ["azurerm_role_definition"],
    readData: ({ cloud, config }) => {
      const name = textAt(config, "name") ?? "";
      const id = cloud.uuid("role", name);
      return {
        id: `/providers/Microsoft.Authorization/roleDefinitions/${id}`,
        // The provider fills it in from what it was asked with, and with a name it wasn't.
        role_definition_id: textAt(config, "role_definition_id") ?? "",
        type: "BuiltInRole",
      };
    },
  },
  {
    types: ["azuread_client_config"],
    readData: ({ cloud }) => ({
      id: tenantId(cloud),
      tenant_id: tenantId(cloud),
      client_id: cloud.uuid("deployer client"),
      object_id: cloud.uuid("deployer object"),
    }),
  },
  {
    types: ["azuread_domains"],
    readData: () => ({
      id: "domains",
      domains: [{ domain_name: "rehearsal.onmicrosoft.com", default: true, initial: true, verified: true }],
    }),
  },
  {
    types: ["google_client_config"],
    readData: ({ cloud }) => ({
      id: `projects/${cloud.scope}`,
      project: cloud.scope,
      region: textAt(cloud.settings.config, "region") ?? "",
      zone: textAt(cloud.settings.config, "zone") ?? "",
      access_token: cloud.secret("access token"),
    }),
  },
  {
    types: ["google_project"],
    readData({ cloud, config }) {
      const project = textAt(config, "project_id") ?? cloud.scope;
      return {
        id: `projects/${project}`,
        project_id: project,
        number: projectNumber(cloud, project),
        name: project,
        labels: {},
        effective_labels: {},
        terraform_labels: {},
      };
    },
  },
];
