import type { FleetRealm } from "./fleet-realm";

/** Something that somebody with Keycloak's console may do to a fleet's realm. */
export interface ManualChange {
  readonly what: string;
  /** How it is seen: something else before and after the change. */
  readonly see: (realm: FleetRealm) => Promise<unknown>;
  readonly make: (realm: FleetRealm) => Promise<unknown>;
  /** How the log names it. */
  readonly logged: string;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Client {
  readonly id: string;
  readonly attributes: Record<string, string>;
}

const KEYS = "org.keycloak.keys.KeyProvider";

async function client(realm: FleetRealm, clientId: string): Promise<Client> {
  const [found] = await realm.administer<Client[]>("GET", `/clients?clientId=${clientId}`);
  return found as Client;
}

/** Sets properties of a client. */
async function set(realm: FleetRealm, clientId: string, properties: object): Promise<void> {
  const found = await client(realm, clientId);
  await realm.administer("PUT", `/clients/${found.id}`, { ...found, ...properties });
}

async function below(realm: FleetRealm, clientId: string, path: string): Promise<string> {
  return `/clients/${(await client(realm, clientId)).id}${path}`;
}

async function named(realm: FleetRealm, list: string, name: string): Promise<Named> {
  const found = (await realm.administer<Named[]>("GET", list)).find((item) => item.name === name);
  if (found === undefined) throw new Error(`${list} has no '${name}'`);
  return found;
}

const role = (realm: FleetRealm, name: string) => realm.administer<Named>("GET", `/roles/${name}`);
const scope = (realm: FleetRealm, agent: string) => named(realm, "/client-scopes", realm.scopeOf(agent));

async function account(realm: FleetRealm, clientId: string) {
  return realm.administer<{ id: string }>("GET", await below(realm, clientId, "/service-account-user"));
}

const property =
  (clientId: string, ...names: string[]) =>
  async (realm: FleetRealm) => {
    const found = (await client(realm, clientId)) as unknown as Record<string, unknown>;
    return names.map((name) => found[name]);
  };

const settings =
  (...names: string[]) =>
  async (realm: FleetRealm) => {
    const found = await realm.administer<Record<string, unknown>>("GET", "");
    return names.map((name) => found[name]);
  };

/** Names of a list of the API. */
const namesOf =
  (path: string, key = "name") =>
  async (realm: FleetRealm) =>
    (await realm.administer<Record<string, string>[]>("GET", path)).map((item) => item[key]).toSorted();

/** Kinds of manual changes, each of its own thing, so that all can be made at once. The fleet is the desk, billing and shipping. */
export const manualChanges: readonly ManualChange[] = [
  {
    what: "a client's tokens live for ten hours",
    see: async (realm) => (await client(realm, "desk-globex")).attributes["access.token.lifespan"],
    make: async (realm) => {
      const { attributes } = await client(realm, "desk-globex");
      await set(realm, "desk-globex", { attributes: { ...attributes, "access.token.lifespan": "36000" } });
    },
    logged: "clients > desk-globex > attributes > access.token.lifespan",
  },
  {
    what: "a client's tokens can be exchanged",
    see: async (realm) => (await client(realm, "shipping")).attributes["standard.token.exchange.enabled"],
    make: async (realm) => {
      const { attributes } = await client(realm, "shipping");
      const exchange = { "standard.token.exchange.enabled": "true" };
      await set(realm, "shipping", { attributes: { ...attributes, ...exchange } });
    },
    logged: "clients > shipping > attributes > standard.token.exchange.enabled",
  },
  {
    what: "a client puts another agent's audience into its tokens",
    see: async (realm) =>
      namesOf(await below(realm, "desk-globex", "/protocol-mappers/models"))(realm).catch(() => []),
    make: async (realm) =>
      realm.administer("POST", await below(realm, "desk-globex", "/protocol-mappers/models"), {
        name: "one more audience",
        protocol: "openid-connect",
        protocolMapper: "oidc-audience-mapper",
        config: { "included.custom.audience": realm.audienceOf("shipping"), "access.token.claim": "true" },
      }),
    logged: "clients > desk-globex > protocolMappers > one more audience",
  },
  {
    what: "a role brings another agent's role along",
    see: namesOf("/roles/desk-globex/composites"),
    make: async (realm) =>
      realm.administer("POST", "/roles/desk-globex/composites", [await role(realm, "shipping")]),
    logged: "roles > realm > desk-globex > composites > realm > shipping",
  },
  {
    what: "everybody gets a role by default",
    see: (realm) => namesOf("/roles/default-roles-drift/composites")(realm),
    make: async (realm) =>
      realm.administer("POST", "/roles/default-roles-drift/composites", [await role(realm, "billing")]),
    logged: "roles > realm > default-roles-drift > composites > realm > billing",
  },
  {
    what: "a service account is disabled",
    see: async (realm) => account(realm, "shipping"),
    make: async (realm) => {
      const found = await account(realm, "shipping");
      await realm.administer("PUT", `/users/${found.id}`, { ...found, enabled: false });
    },
    logged: "users > service-account-shipping > enabled",
  },
  {
    what: "a service account holds another agent's role",
    see: async (realm) =>
      namesOf(`/users/${(await account(realm, "customer-globex")).id}/role-mappings/realm`)(realm),
    make: async (realm) => {
      const { id } = await account(realm, "customer-globex");
      await realm.administer("POST", `/users/${id}/role-mappings/realm`, [await role(realm, "billing")]);
    },
    logged: "users > service-account-customer-globex > realmRoles > billing",
  },
  {
    what: "a service account administers the realm",
    see: async (realm) => {
      const { id } = await account(realm, "customer-globex");
      const management = await client(realm, "realm-management");
      return namesOf(`/users/${id}/role-mappings/clients/${management.id}`)(realm);
    },
    make: async (realm) => {
      const { id } = await account(realm, "customer-globex");
      const management = await client(realm, "realm-management");
      const administrator = await realm.administer("GET", `/clients/${management.id}/roles/realm-admin`);
      await realm.administer("POST", `/users/${id}/role-mappings/clients/${management.id}`, [administrator]);
    },
    logged: "users > service-account-customer-globex > clientRoles > realm-management > realm-admin",
  },
  {
    what: "a group with a service account in it",
    see: namesOf("/groups"),
    make: async (realm) => {
      await realm.administer("POST", "/groups", { name: "friends" });
      const { id } = await named(realm, "/groups", "friends");
      await realm.administer("POST", `/groups/${id}/role-mappings/realm`, [await role(realm, "billing")]);
      await realm.administer("PUT", `/users/${(await account(realm, "customer-globex")).id}/groups/${id}`);
    },
    logged: "groups > friends",
  },
  {
    what: "new clients get a scope by default",
    see: namesOf("/default-default-client-scopes"),
    make: async (realm) =>
      realm.administer("PUT", `/default-default-client-scopes/${(await scope(realm, "billing")).id}`),
    logged: "defaultDefaultClientScopes > <billing>",
  },
  {
    what: "a client may ask for one more agent",
    see: async (realm) => namesOf(await below(realm, "customer-globex", "/optional-client-scopes"))(realm),
    make: async (realm) => {
      const path = `/optional-client-scopes/${(await scope(realm, "billing")).id}`;
      await realm.administer("PUT", await below(realm, "customer-globex", path));
    },
    logged: "clients > customer-globex > optionalClientScopes > <billing>",
  },
  {
    what: "browsers are sent elsewhere after a login",
    see: property("desk-globex", "redirectUris", "webOrigins"),
    make: (realm) =>
      set(realm, "desk-globex", { redirectUris: ["https://elsewhere.example/*"], webOrigins: ["*"] }),
    logged: "clients > desk-globex > redirectUris > https://elsewhere.example/*",
  },
  {
    what: "people log in through a client of the fleet",
    see: property("desk-globex", "standardFlowEnabled", "directAccessGrantsEnabled"),
    make: (realm) =>
      set(realm, "desk-globex", { standardFlowEnabled: true, directAccessGrantsEnabled: true }),
    logged: "clients > desk-globex > standardFlowEnabled",
  },
  {
    what: "every token of a client carries all of its roles",
    see: property("shipping", "fullScopeAllowed"),
    make: (realm) => set(realm, "shipping", { fullScopeAllowed: true }),
    logged: "clients > shipping > fullScopeAllowed",
  },
  {
    what: "a client's secret is another",
    see: property("customer-globex", "secret"),
    make: (realm) => set(realm, "customer-globex", { secret: "the-secret-of-somebody-else" }),
    logged: "clients > customer-globex > secret",
  },
  {
    what: "a client logs in by a flow of its own",
    see: property("shipping", "authenticationFlowBindingOverrides"),
    make: async (realm) => {
      const flows = await realm.administer<{ id: string; alias: string }[]>("GET", "/authentication/flows");
      const browser = flows.find(({ alias }) => alias === "browser");
      await set(realm, "shipping", { authenticationFlowBindingOverrides: { browser: browser?.id } });
    },
    logged: "clients > shipping > authenticationFlowBindingOverrides > browser",
  },
  {
    what: "a client of somebody else's",
    see: namesOf("/clients?max=100", "clientId"),
    make: (realm) =>
      realm.administer("POST", "/clients", { clientId: "stranger", serviceAccountsEnabled: true }),
    logged: "clients > stranger",
  },
  {
    what: "a client of Keycloak's own is changed",
    see: property("admin-cli", "directAccessGrantsEnabled"),
    make: (realm) => set(realm, "admin-cli", { directAccessGrantsEnabled: false }),
    logged: "clients > admin-cli > directAccessGrantsEnabled",
  },
  {
    what: "a user",
    see: namesOf("/users?max=100", "username"),
    make: (realm) => realm.administer("POST", "/users", { username: "mallory", enabled: true }),
    logged: "users > mallory",
  },
  {
    what: "a role",
    see: namesOf("/roles?max=100"),
    make: (realm) => realm.administer("POST", "/roles", { name: "boss" }),
    logged: "roles > realm > boss",
  },
  {
    what: "a role is described otherwise",
    see: async (realm) => role(realm, "billing"),
    make: async (realm) => {
      const found = await role(realm, "billing");
      await realm.administer("PUT", `/roles-by-id/${found.id}`, { ...found, description: "Anybody" });
    },
    logged: "roles > realm > billing > description",
  },
  {
    what: "a scope",
    see: namesOf("/client-scopes"),
    make: (realm) =>
      realm.administer("POST", "/client-scopes", { name: "everything", protocol: "openid-connect" }),
    logged: "clientScopes > everything",
  },
  {
    what: "a scope carries another agent's audience",
    see: async (realm) =>
      realm.administer("GET", `/client-scopes/${(await scope(realm, "billing")).id}/protocol-mappers/models`),
    make: async (realm) => {
      const models = `/client-scopes/${(await scope(realm, "billing")).id}/protocol-mappers/models`;
      const mapper = (await named(realm, models, "audience")) as Named & { config: object };
      await realm.administer("PUT", `${models}/${mapper.id}`, {
        ...mapper,
        config: { ...mapper.config, "included.custom.audience": realm.audienceOf("shipping") },
      });
    },
    logged: "clientScopes > <billing> > protocolMappers > audience > config > included.custom.audience",
  },
  {
    what: "a scope carries no roles",
    see: async (realm) =>
      namesOf(`/client-scopes/${(await scope(realm, "shipping")).id}/protocol-mappers/models`)(realm),
    make: async (realm) => {
      const models = `/client-scopes/${(await scope(realm, "shipping")).id}/protocol-mappers/models`;
      await realm.administer("DELETE", `${models}/${(await named(realm, models, "roles")).id}`);
    },
    logged: "clientScopes > <shipping> > protocolMappers > roles",
  },
  {
    what: "a scope brings one more role into tokens",
    see: async (realm) =>
      namesOf(`/client-scopes/${(await scope(realm, "desk-globex")).id}/scope-mappings/realm`)(realm),
    make: async (realm) => {
      const path = `/client-scopes/${(await scope(realm, "desk-globex")).id}/scope-mappings/realm`;
      await realm.administer("POST", path, [await role(realm, "billing")]);
    },
    logged: "scopeMappings > clientScope <desk-globex> > roles > billing",
  },
  {
    what: "all tokens live for an hour",
    see: settings("accessTokenLifespan", "ssoSessionMaxLifespan"),
    make: (realm) =>
      realm.administer("PUT", "", { accessTokenLifespan: 3600, ssoSessionMaxLifespan: 36_000 }),
    logged: "accessTokenLifespan",
  },
  {
    what: "people may register, without TLS",
    see: settings("registrationAllowed", "sslRequired"),
    make: (realm) => realm.administer("PUT", "", { registrationAllowed: true, sslRequired: "none" }),
    logged: "registrationAllowed",
  },
  {
    what: "nothing is recorded",
    see: settings("eventsEnabled", "adminEventsEnabled"),
    make: (realm) => realm.administer("PUT", "", { eventsEnabled: false, adminEventsEnabled: false }),
    logged: "eventsEnabled",
  },
  {
    what: "the issuer is somebody else's",
    see: async (realm) =>
      (await realm.administer<{ attributes: Record<string, string> }>("GET", "")).attributes.frontendUrl,
    make: async (realm) => {
      const { attributes } = await realm.administer<{ attributes: object }>("GET", "");
      const frontendUrl = "https://elsewhere.example";
      await realm.administer("PUT", "", { attributes: { ...attributes, frontendUrl } });
    },
    logged: "attributes > frontendUrl",
  },
  {
    what: "requests for two agents are let through",
    see: (realm) => realm.administer("GET", "/client-policies/policies"),
    make: (realm) => realm.administer("PUT", "/client-policies/policies", { policies: [] }),
    logged: "clientPolicies > policies > one agent a token, 1",
  },
  {
    what: "a signing key of somebody else's",
    see: namesOf(`/components?type=${KEYS}`),
    make: (realm) =>
      realm.administer("POST", "/components", {
        name: "mine",
        providerId: "rsa-generated",
        providerType: KEYS,
        config: { priority: ["9999999999"] },
      }),
    logged: `components > ${KEYS} > mine`,
  },
  {
    what: "the fleet's key signs no longer",
    see: async (realm) => {
      const keys = await realm.administer<{ name: string; config: Record<string, string[]> }[]>(
        "GET",
        `/components?type=${KEYS}`,
      );
      // Since when it signs is another second from then on.
      return keys.map(({ name, config }) => [name, config.enabled, config.active]).toSorted();
    },
    make: async (realm) => {
      const keys = await realm.administer<{ id: string; name: string; config: object }[]>(
        "GET",
        `/components?type=${KEYS}`,
      );
      const own = keys.find(({ name }) => name.startsWith("a2a-fleet-"));
      await realm.administer("PUT", `/components/${own?.id}`, {
        ...own,
        config: { ...own?.config, active: ["false"] },
      });
    },
    logged: `components > ${KEYS} > a2a-fleet-<time>`,
  },
  {
    what: "anybody may register clients",
    see: namesOf("/components?type=org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"),
    make: async (realm) => {
      const { id } = await named(realm, "/components", "Trusted Hosts");
      await realm.administer("DELETE", `/components/${id}`);
    },
    logged:
      "components > org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy > Trusted Hosts (anonymous)",
  },
  {
    what: "a ticket to register clients",
    see: async (realm) => (await realm.administer<unknown[]>("GET", "/clients-initial-access")).length,
    make: (realm) => realm.administer("POST", "/clients-initial-access", { count: 5, expiration: 0 }),
    logged: "initialAccess > <id>",
  },
  {
    what: "another identity provider vouches for callers",
    see: namesOf("/identity-provider/instances", "alias"),
    make: (realm) =>
      realm.administer("POST", "/identity-provider/instances", {
        alias: "corporation",
        providerId: "oidc",
        config: {
          clientId: "fleet",
          clientSecret: "the-secret-of-the-corporation",
          tokenUrl: "https://elsewhere.example/token",
          authorizationUrl: "https://elsewhere.example/login",
        },
      }),
    logged: "identityProviders > corporation",
  },
  {
    what: "clients prove themselves in fewer ways",
    see: (realm) => realm.administer("GET", "/authentication/flows/clients/executions"),
    make: async (realm) => {
      const steps = await realm.administer<{ providerId: string }[]>(
        "GET",
        "/authentication/flows/clients/executions",
      );
      const step = steps.find(({ providerId }) => providerId === "client-x509");
      await realm.administer("PUT", "/authentication/flows/clients/executions", {
        ...step,
        requirement: "DISABLED",
      });
    },
    logged: "authenticationFlows > clients > authenticationExecutions > client-x509 > requirement",
  },
  {
    what: "a flow of somebody else's",
    see: namesOf("/authentication/flows", "alias"),
    make: (realm) =>
      realm.administer("POST", "/authentication/flows/browser/copy", { newName: "another browser" }),
    logged: "authenticationFlows > another browser",
  },
  {
    what: "every new user has something to do",
    see: (realm) => realm.administer("GET", "/authentication/required-actions/CONFIGURE_TOTP"),
    make: async (realm) => {
      const path = "/authentication/required-actions/CONFIGURE_TOTP";
      await realm.administer("PUT", path, {
        ...(await realm.administer<object>("GET", path)),
        defaultAction: true,
      });
    },
    logged: "requiredActions > CONFIGURE_TOTP > defaultAction",
  },
];
