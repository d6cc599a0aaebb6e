import type { Arguments } from "../planning/planned-change";
import { isSilent, type Sameness } from "../planning/sameness";
import { isList, UNKNOWN } from "../value";
import type { Refusal, ServiceRules } from "./service-rules";

const PERSONAL = ["AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"];
const WHEN_PERSONAL = `when \`sign_in_audience\` is "${PERSONAL[0]}" or "${PERSONAL[1]}"`;

/** A block whose contents are nothing in particular may go without that being a change. */
const goneWithoutLoss: Sameness = (before, after) =>
  isList(before) && before.length === 1 && isList(after) && after.length === 0 && isSilent(before);

/** Of an API, the version of tokens that is the default counts as nothing, too. */
const goneWithoutApi: Sameness = (before, after, sides) => {
  if (!isList(before)) return false;
  const bare = before.map((api) => ({ ...(api as object), requested_access_token_version: 0 }));
  const version = Number(
    (before[0] as { requested_access_token_version?: number })?.requested_access_token_version ?? 0,
  );
  return version <= 1 && goneWithoutLoss(bare, after, sides);
};

/** Roles and scopes share their values and ids, unless they are one and the same. */
const duplicates: Refusal = ({ after }) => {
  const permissions = [
    ...after.blocks("app_role").map((role) => describe(role, "display_name", "description")),
    ...after
      .blocks("api.0.oauth2_permission_scope")
      .map((scope) => describe(scope, "admin_consent_display_name", "admin_consent_description")),
  ].filter(({ id, value }) => id !== "" && value !== "");
  for (const [index, one] of permissions.entries()) {
    const message = permissions
      .slice(index + 1)
      .map((other) => findClash(one, other))
      .find((found) => found);
    if (message)
      return `checking for duplicate app roles / OAuth2.0 permission scopes: validation failed: ${message}`;
  }
  return undefined;
};

type Permission = ReturnType<typeof describe>;

function findClash(one: Permission, other: Permission): string | undefined {
  if (one.id === other.id && one.value !== other.value) return `duplicate ID found: "${one.id}"`;
  if (one.value === other.value && one.id !== other.id) return `duplicate value found: "${one.value}"`;
  return one.id === other.id && one.text !== other.text
    ? `the app role and the permission scope with identifier "${one.id}" must have the same description, display name and state`
    : undefined;
}

function describe(permission: Arguments, name: string, description: string) {
  return {
    id: permission.text("id"),
    value: permission.text("value"),
    text: JSON.stringify([permission.text(name), permission.text(description), permission.flag("enabled")]),
  };
}

/** What applications lose that people with personal accounts can sign in to. */
const personalAccounts: Refusal = ({ after }) => {
  if (!PERSONAL.includes(after.text("sign_in_audience"))) return undefined;
  const scopes = after.blocks("api.0.oauth2_permission_scope");
  const uris = after.texts("identifier_uris");
  const redirects = ["public_client", "single_page_application", "web"].map((client) =>
    after.texts(`${client}.0.redirect_uris`),
  );
  const access = after.blocks("required_resource_access").map((each) => each.list("resource_access").length);
  if (after.number("api.0.requested_access_token_version") < 2) {
    return `\`requested_access_token_version\` must be 2 ${WHEN_PERSONAL}`;
  }
  if (scopes.length > 100) {
    return `maximum of 100 \`oauth2_permission_scope\` blocks are supported ${WHEN_PERSONAL}`;
  }
  if (scopes.some((scope) => scope.text("value").length > 40)) {
    return `\`value\` property in the \`oauth2_permission_scope\` block must be 40 characters or less ${WHEN_PERSONAL}`;
  }
  if (uris.some((uri) => !/^(https?|api|ms-appx):\/\/[^/]/.test(uri))) {
    return `\`identifier_uris\` is invalid. The URN scheme is not supported ${WHEN_PERSONAL}`;
  }
  if (uris.length > 50) return `\`identifier_uris\` must have no more than 50 URIs ${WHEN_PERSONAL}`;
  if (redirects.some((each) => each.length > 100)) {
    return `\`redirect_uris\` must have no more than 100 URIs ${WHEN_PERSONAL}`;
  }
  if (redirects.flat().some((uri) => /^[a-z]+:\/\/[^/]*\*/i.test(uri))) {
    return `\`redirect_uris\` having wildcard hosts are not supported ${WHEN_PERSONAL}`;
  }
  if (access.length > 50) {
    return `maximum of 50 \`required_resource_access\` blocks are supported ${WHEN_PERSONAL}`;
  }
  return access.some((count) => count > 30) || access.reduce((sum, count) => sum + count, 0) > 200
    ? `maximum of 30 \`resource_access\` blocks for each \`required_resource_access\` block are supported ${WHEN_PERSONAL}`
    : undefined;
};

export const directory: readonly ServiceRules[] = [
  {
    types: ["azuread_application"],
    same: {
      api: goneWithoutApi,
      optional_claims: goneWithoutLoss,
      public_client: goneWithoutLoss,
      single_page_application: goneWithoutLoss,
      web: goneWithoutLoss,
      "web.implicit_grant": goneWithoutLoss,
    },
    refusals: {
      "permissions that share an id or a value": duplicates,
      "what personal accounts don't have": personalAccounts,
    },
    settled: (change) => ({
      ...(change.hasChanged("app_role") && { app_role_ids: UNKNOWN }),
      ...(change.hasChanged("api.0.oauth2_permission_scope") && { oauth2_permission_scope_ids: UNKNOWN }),
      ...(change.hasChanged("logo_image") && { logo_url: UNKNOWN }),
    }),
  },
  { types: ["azuread_service_principal"], same: { saml_single_sign_on: goneWithoutLoss } },
];
