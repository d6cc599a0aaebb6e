import type { Rule } from "../rule";

/** Entra takes identifier URIs with the tenant's own id only. */
export const entraKnowsTheTenant: Rule = {
  id: "entra-knows-the-tenant",
  find: (_workloads, { name, tenant, identityProvider }) =>
    identityProvider?.kind !== "entra" || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant)
      ? []
      : [
          `environment '${name}': tenant is '${tenant}', and Entra takes audiences under the tenant's id alone; ` +
            "set it to the UUID of the tenant",
        ],
};
