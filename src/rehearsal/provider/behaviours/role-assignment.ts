import type { LedgerEntry } from "../../ledger";
import type { Behaviour } from "../behaviour";
import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import { textAt } from "../value";

/** Built-in roles that other behaviours ask for, with their ids. */
const BUILT_IN_ROLES: Readonly<Record<string, string>> = {
  AcrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  AcrPush: "8311e382-0749-4cb8-b61a-304f252e45ec",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  Reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
};

function roleId(name: string, cloud: Cloud): string {
  return BUILT_IN_ROLES[name] ?? cloud.uuid("role", name);
}

function roleName(definitionId: string): string {
  const id = definitionId.split("|")[0]?.split("/").at(-1)?.toLowerCase();
  return Object.entries(BUILT_IN_ROLES).find(([, known]) => known === id)?.[0] ?? `role ${id}`;
}

/** Whether one resource id is the other, or above it. */
export function isWithin(id: string, scope: string): boolean {
  const [inner, outer] = [id.toLowerCase(), scope.toLowerCase().replace(/\/$/, "")];
  return inner === outer || inner.startsWith(`${outer}/`);
}

/**
 * Whether a principal has one of some roles on a resource: yes; no; or not yet, because the assignment is so
 * young that it hasn't spread. It has spread once a `time_sleep` was created after it, or a later run saw it.
 */
export function grantOf(
  cloud: Cloud,
  principalId: string,
  roles: readonly string[],
  resourceId: string,
): "granted" | "not yet" | "none" {
  const grants = cloud.ledger
    .ofType("azurerm_role_assignment")
    .filter(
      ({ attributes }) => textAt(attributes, "principal_id")?.toLowerCase() === principalId.toLowerCase(),
    )
    .filter(({ attributes }) => isWithin(resourceId, textAt(attributes, "scope") ?? "/"))
    .filter(({ attributes }) => roles.includes(textAt(attributes, "role_definition_name") ?? ""));
  if (grants.some(({ settled }) => settled)) return "granted";
  return grants.length > 0 ? "not yet" : "none";
}

export const roleAssignment: Behaviour = {
  types: ["azurerm_role_assignment"],
  beforeCreate({ cloud, attributes }) {
    const name = textAt(attributes, "role_definition_name");
    const definition = textAt(attributes, "role_definition_id");
    const role = name ?? roleName(definition ?? "");
    const same = ({ attributes: other }: LedgerEntry) =>
      textAt(other, "scope") === textAt(attributes, "scope") &&
      textAt(other, "principal_id") === textAt(attributes, "principal_id") &&
      textAt(other, "role_definition_name") === role;
    if (cloud.ledger.ofType("azurerm_role_assignment").some(same)) {
      throw new CloudError(
        "unexpected status 409 (409 Conflict) with error: RoleAssignmentExists: The role assignment already exists.",
      );
    }
  },
  computed({ cloud, id, attributes }) {
    const definition = textAt(attributes, "role_definition_id");
    const name = textAt(attributes, "role_definition_name") ?? roleName(definition ?? "");
    return {
      name: id.split("/").at(-1),
      role_definition_name: name,
      role_definition_id: `/subscriptions/${cloud.scope}/providers/Microsoft.Authorization/roleDefinitions/${roleId(name, cloud)}`,
      principal_type: "ServicePrincipal",
      condition_version: null,
      skip_service_principal_aad_check: false,
    };
  },
};

/** Waiting gives every role assignment that exists by then the time to spread. */
export const rolePropagation: Behaviour = {
  types: ["time_sleep"],
  afterApply({ cloud, attributes }) {
    if (!/[1-9]/.test(textAt(attributes, "create_duration") ?? "")) return;
    for (const { type, id } of cloud.ledger.ofType("azurerm_role_assignment")) {
      cloud.ledger.settle(`${type} ${id.toLowerCase()}`);
    }
  },
};
