import type { Behaviour } from "../behaviour";
import { tenantId } from "../providers/azurerm";
import { textAt } from "../value";

/** Objects of Entra ID: the object id is the last part of their id. */
export const directoryObjects: readonly Behaviour[] = [
  {
    types: ["azuread_*"],
    computed: ({ id }) => ({ object_id: id.split("/").at(-1) }),
  },
  {
    types: ["azuread_application", "azuread_application_registration"],
    computed: ({ cloud, id }) => ({
      client_id: cloud.uuid(id, "client"),
      publisher_domain: "rehearsal.onmicrosoft.com",
      app_role_ids: {},
      oauth2_permission_scope_ids: {},
      logo_url: "",
      disabled_by_microsoft: "",
    }),
  },
  {
    // A role of the directory is made from a template that is the same in every tenant.
    types: ["azuread_directory_role"],
    computed: ({ cloud, attributes }) => ({
      template_id: cloud.uuid("directory role", textAt(attributes, "display_name") ?? ""),
    }),
  },
  {
    types: ["azuread_service_principal"],
    computed: ({ cloud }) => ({
      type: "Application",
      sign_in_audience: "AzureADMyOrg",
      application_tenant_id: tenantId(cloud),
      account_enabled: true,
    }),
  },
];
