import { CloudError } from "../cloud-error";
import type { SimulatedProvider } from "../simulated-provider";
import { isUnknown, textAt } from "../value";
import { tenantId, titleOf } from "./azurerm";
import { freshUuid } from "./fresh-uuid";

const ID_TEMPLATES: Readonly<Record<string, string>> = {
  azuread_application: "/applications/{uuid}",
  azuread_application_registration: "/applications/{uuid}",
  azuread_service_principal: "/servicePrincipals/{uuid}",
  azuread_group: "/groups/{uuid}",
  azuread_user: "/users/{uuid}",
  azuread_app_role_assignment: "/servicePrincipals/{resource_object_id}/appRoleAssignedTo/{uuid}",
  azuread_application_app_role: "{application_id}/appRoles/{role_id}",
  azuread_application_permission_scope: "{application_id}/permissionScopes/{scope_id}",
  azuread_application_identifier_uri: "{application_id}/identifierUris/{identifier_uri}",
  azuread_application_pre_authorized: "{application_id}/preAuthorizedApplication/{authorized_client_id}",
  azuread_application_federated_identity_credential: "{application_id}/federatedIdentityCredential/{uuid}",
  azuread_group_member: "{group_object_id}/member/{member_object_id}",
};

/** The directory of one tenant. */
export const azuread: SimulatedProvider = {
  name: "azuread",
  inCloud: true,
  isLegacy: true,
  idsAreGlobal: true,
  ignoresCase: false,
  kindOf: (type) => type,
  configure(config) {
    const tenant = config.tenant_id ?? null;
    return { scope: typeof tenant === "string" ? tenant : isUnknown(tenant) ? "unknown" : "tenant", config };
  },
  id(subject, cloud) {
    const template = ID_TEMPLATES[subject.type] ?? `/${subject.type.replace(/^azuread_/, "")}/{uuid}`;
    return template.replaceAll(/\{([^}]+)\}/g, (_, word: string) =>
      word === "uuid" ? freshUuid(subject, cloud) : (textAt(subject.attributes, word) ?? ""),
    );
  },
  invent(path, _subject, cloud) {
    return /(^|\.)(application_)?tenant_id$/.test(path) ? tenantId(cloud) : undefined;
  },
  alreadyExists: ({ type }, id) =>
    new CloudError(
      `A resource with the ID "${id}" already exists`,
      `To be managed via Terraform, this resource needs to be imported into the state. Please see the resource documentation for "${type}" for more information.`,
    ),
  notFound(type, config) {
    const asked = Object.entries(config)
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => `${name}: "${value}"`);
    const title = titleOf(type.replace(/^azuread_/, ""));
    return new CloudError(
      `${title} not found`,
      `No ${title.toLowerCase()} found matching ${asked.join(", ")}`,
    );
  },
};
