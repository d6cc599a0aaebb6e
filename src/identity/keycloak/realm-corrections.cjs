// What Keycloak's administration API has to be asked so that a realm becomes the wanted one. Pure: nothing is sent here.
"use strict";
const { byName, nameOf } = require("./realm-differences.cjs");

/** Order of corrections: what others need comes first, and goes last. */
const CREATE = { role: 0, scope: 1, client: 2, other: 3 };
const CHANGE = 4;
const LINK = 5;
const REMOVE = { client: 6, scope: 7, role: 8, other: 9 };

const request = (order, method, path, body) => ({ order, send: (call) => call(method, path, body) });
const inPath = (...names) => names.map((name) => `/${encodeURIComponent(name)}`).join("");

/** Differences by the first name of their paths, which is taken off. */
function byFirst(differences) {
  const groups = new Map();
  for (const { path, ...rest } of differences) {
    const [first, ...inside] = path;
    groups.set(first, [...(groups.get(first) ?? []), { ...rest, path: inside }]);
  }
  return groups;
}

const BLANK = { string: "", boolean: false, number: 0 };

/**
 * An update's body: what is wanted. Keycloak keeps what a body leaves out, so what is unwanted stands in it as blank, and
 * a list is whole.
 */
function update(wanted, found, differences) {
  const body = structuredClone(wanted);
  for (const { path } of differences.filter(({ kind }) => kind === "unwanted")) {
    let [into, from] = [body, found];
    for (const [place, key] of path.entries()) {
      const isLast = place === path.length - 1;
      if (isLast || Array.isArray(from[key])) into[key] ??= BLANK[typeof from[key]] ?? [];
      if (isLast || Array.isArray(from[key]) || into[key] === undefined) break;
      [into, from] = [into[key], from[key]];
    }
  }
  return body;
}

/**
 * Elements of a list, each with an address of its own.
 *
 * @param kind.own corrections of properties that an element's update leaves alone, by property
 */
function elements(kind) {
  const {
    list,
    create,
    remove,
    at,
    elementAt = ({ id }) => `${at}/${id}`,
    body = (item) => item,
    own = {},
  } = kind;
  return (differences, wanted, found) =>
    [...byFirst(differences)].flatMap(([name, inside]) => {
      const [mine, its] = [wanted, found].map((realm) => byName(list(realm)).get(name));
      if (its === undefined) return [request(create, "POST", at, body(mine))];
      if (mine === undefined) return [request(remove, "DELETE", elementAt(its))];
      const rest = inside.filter(({ path: [property] }) => own[property] === undefined);
      const stated = { ...update(body(mine), its, rest), id: its.id };
      return [
        ...(rest.length === 0 ? [] : [request(CHANGE, "PUT", elementAt(its), stated)]),
        ...Object.entries(own).flatMap(([property, correct]) => {
          const differ = inside.filter(({ path: [first] }) => first === property);
          return differ.length === 0 ? [] : correct(differ, mine, its, wanted, found);
        }),
      ];
    });
}

/** Makes the members at `path` the wanted ones, each as what the API calls a member. */
function members(path, wanted, found) {
  const names = (list) => new Set(list.map(({ id }) => id));
  const [mine, its] = [names(wanted), names(found)];
  const missing = wanted.filter(({ id }) => !its.has(id));
  const spare = found.filter(({ id }) => !mine.has(id));
  return [
    ...(missing.length === 0 ? [] : [request(LINK, "POST", path, missing)]),
    ...(spare.length === 0 ? [] : [request(LINK, "DELETE", path, spare)]),
  ];
}

/** Those of the realm's roles, or of a client's, that exist. Others are made first, and found in the next pass. */
function rolesNamed(realm, names = [], client = undefined) {
  const roles = byName(client === undefined ? realm.roles?.realm : realm.roles?.client?.[client]);
  return names.flatMap((name) => {
    const role = roles.get(name);
    return role === undefined ? [] : [{ id: role.id, name }];
  });
}

const idOfClient = (realm, client) => byName(realm.clients).get(client)?.id;
const idOfScope = (realm, scope) => byName(realm.clientScopes).get(scope)?.id;

/** Roles of clients that somebody or something holds, below `path`: `{ <client>: [<role>…] }`. */
function clientRoles(path, wanted = {}, found = {}, realm) {
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])].flatMap((client) => {
    const id = idOfClient(realm, client);
    if (id === undefined) return [];
    return members(
      `${path}/${id}`,
      rolesNamed(realm, wanted[client], client),
      rolesNamed(realm, found[client], client),
    );
  });
}

const composites = (_differences, mine, its, _wanted, found) => {
  const all = ({ composites: { realm, client = {} } = {} }) => [
    ...rolesNamed(found, realm),
    ...Object.entries(client).flatMap(([name, roles]) => rolesNamed(found, roles, name)),
  ];
  return members(`/roles-by-id/${its.id}/composites`, all(mine), all(its));
};

const roleElements = (list, at) =>
  elements({
    list,
    at,
    create: CREATE.role,
    remove: REMOVE.role,
    elementAt: ({ id }) => `/roles-by-id/${id}`,
    // Composites are members of their own.
    body: ({ composites: _, ...role }) => ({ attributes: {}, ...role }),
    own: { composite: () => [], composites },
  });

function roles(differences, wanted, found) {
  const groups = byFirst(differences);
  const ofClients = [...byFirst(groups.get("client") ?? [])].flatMap(([client, inside]) => {
    const id = idOfClient(found, client);
    // A client that goes takes its roles along.
    if (id === undefined || !byName(wanted.clients).has(client)) return [];
    return roleElements((realm) => realm.roles?.client?.[client], `/clients/${id}/roles`)(
      inside,
      wanted,
      found,
    );
  });
  return [
    ...roleElements((realm) => realm.roles?.realm, "/roles")(groups.get("realm") ?? [], wanted, found),
    ...ofClients,
  ];
}

/** Protocol mappers: an update of their client or scope leaves them alone. */
const mappersBelow = (at) => (differences, mine, its) =>
  elements({
    list: (owner) => owner.protocolMappers,
    at: `${at}/${its.id}/protocol-mappers/models`,
    create: CHANGE,
    remove: CHANGE,
  })(
    differences.map(({ path: [, ...path], ...rest }) => ({ ...rest, path })),
    mine,
    its,
  );

/** Which scopes a client, or a client that names none, may ask for. */
function scopeLinks(path, wanted = [], found = [], realm) {
  const link = (method) => (scope) => {
    const id = idOfScope(realm, scope);
    return id === undefined ? [] : [request(LINK, method, `${path}/${id}`)];
  };
  return [
    // One that is a default has to go before it can be optional.
    ...found.filter((scope) => !wanted.includes(scope)).flatMap(link("DELETE")),
    ...wanted.filter((scope) => !found.includes(scope)).flatMap(link("PUT")),
  ];
}

const scopesOfClient = (property, address) => (_differences, mine, its, _wanted, found) =>
  scopeLinks(`/clients/${its.id}/${address}`, mine[property], its[property], found);

const scopesOfRealm = (property, address) => (_differences, wanted, found) =>
  scopeLinks(`/${address}`, wanted[property], found[property], found);

/** Roles that a scope or client puts into tokens. */
function mappingsAt(owner, found) {
  const { clientScope, client } = owner;
  const id = clientScope === undefined ? idOfClient(found, client) : idOfScope(found, clientScope);
  return id === undefined
    ? undefined
    : `/${clientScope === undefined ? "clients" : "client-scopes"}/${id}/scope-mappings`;
}

function scopeMappings(differences, wanted, found) {
  return [...byFirst(differences).keys()].flatMap((name) => {
    const [mine, its] = [wanted, found].map((realm) => byName(realm.scopeMappings).get(name));
    const at = mappingsAt(mine ?? its, found);
    if (at === undefined) return [];
    return members(`${at}/realm`, rolesNamed(found, mine?.roles), rolesNamed(found, its?.roles));
  });
}

function clientScopeMappings(differences, wanted, found) {
  return [...byFirst(differences)].flatMap(([client, inside]) =>
    [...byFirst(inside).keys()].flatMap((name) => {
      const [mine, its] = [wanted, found].map((realm) =>
        byName(realm.clientScopeMappings?.[client]).get(name),
      );
      const at = mappingsAt(mine ?? its, found);
      const id = idOfClient(found, client);
      if (at === undefined || id === undefined) return [];
      return members(
        `${at}/clients/${id}`,
        rolesNamed(found, mine?.roles, client),
        rolesNamed(found, its?.roles, client),
      );
    }),
  );
}

const heldRoles = elements({
  list: (realm) => realm.users,
  at: "/users",
  remove: REMOVE.other,
  body: (user) => ({ attributes: {}, ...user }),
  own: {
    realmRoles: (_differences, mine, its, _wanted, found) =>
      members(
        `/users/${its.id}/role-mappings/realm`,
        rolesNamed(found, mine.realmRoles),
        rolesNamed(found, its.realmRoles),
      ),
    clientRoles: (_differences, mine, its, _wanted, found) =>
      clientRoles(`/users/${its.id}/role-mappings/clients`, mine.clientRoles, its.clientRoles, found),
    // A group goes, and takes its members along.
    groups: () => [],
  },
});

function users(differences, wanted, found) {
  const known = byName(found.users);
  return [...byFirst(differences)].flatMap(([name, inside]) => {
    const client = byName(wanted.users).get(name)?.serviceAccountClientId;
    if (known.has(name) || client === undefined) {
      return heldRoles(
        inside.map(({ path, ...rest }) => ({ ...rest, path: [name, ...path] })),
        wanted,
        found,
      );
    }
    // Keycloak makes the account of a client when it is asked for it.
    const { id, serviceAccountsEnabled } = byName(found.clients).get(client) ?? {};
    return serviceAccountsEnabled
      ? [request(CREATE.other, "GET", `/clients/${id}/service-account-user`)]
      : [];
  });
}

/** A component as the API takes it; exports tell it otherwise. */
function componentBody({ subComponents: _, ...component }, providerType, realm) {
  return { ...component, providerType, parentId: realm.id };
}

function components(differences, wanted, found) {
  return [...byFirst(differences)].flatMap(([providerType, inside]) =>
    elements({
      list: (realm) => realm.components?.[providerType],
      at: "/components",
      create: CREATE.other,
      remove: REMOVE.other,
      body: (component) => componentBody(component, providerType, found),
    })(inside, wanted, found),
  );
}

/** Flows: Keycloak's own can be set, and neither made nor taken away. */
function authenticationFlows(differences, wanted, found) {
  return [...byFirst(differences)].flatMap(([alias, inside]) => {
    const [mine, its] = [wanted, found].map((realm) => byName(realm.authenticationFlows).get(alias));
    if (its === undefined) return [];
    if (mine === undefined) return [request(REMOVE.other, "DELETE", `/authentication/flows/${its.id}`)];
    const at = `/authentication/flows${inPath(alias)}/executions`;
    const steps = byFirst(
      inside.flatMap(({ path: [property, ...path], ...rest }) =>
        property === "authenticationExecutions" ? [{ ...rest, path }] : [],
      ),
    );
    return [...steps.keys()].map((name) => ({
      order: CHANGE,
      send: async (call) => {
        const step = byName(mine.authenticationExecutions).get(name);
        const present = (await call("GET", at)).find(
          ({ providerId, displayName, level, authenticationFlow }) =>
            level === 0 && (authenticationFlow ? displayName === name : providerId === name),
        );
        if (step === undefined || present === undefined) return;
        if (present.requirement !== step.requirement) {
          await call("PUT", at, { ...present, requirement: step.requirement });
        }
        const config = byName(wanted.authenticatorConfig).get(step.authenticatorConfig);
        if (config === undefined && present.authenticationConfig !== undefined) {
          await call("DELETE", `/authentication/config/${present.authenticationConfig}`);
        } else if (config !== undefined && present.authenticationConfig === undefined) {
          await call("POST", `/authentication/executions/${present.id}/config`, config);
        }
      },
    }));
  });
}

const requiredActions = (differences, wanted, found) =>
  [...byFirst(differences).keys()].map((alias) => {
    const [mine, its] = [wanted, found].map((realm) => byName(realm.requiredActions).get(alias));
    if (its === undefined) {
      const { name, providerId } = mine;
      return request(CREATE.other, "POST", "/authentication/register-required-action", { name, providerId });
    }
    const at = `/authentication/required-actions${inPath(alias)}`;
    return mine === undefined ? request(REMOVE.other, "DELETE", at) : request(CHANGE, "PUT", at, mine);
  });

/** Corrections by the part of a realm's representation; what isn't here is one of the realm's own settings. */
const PARTS = {
  roles,
  clientScopes: elements({
    list: (realm) => realm.clientScopes,
    at: "/client-scopes",
    create: CREATE.scope,
    remove: REMOVE.scope,
    own: { protocolMappers: mappersBelow("/client-scopes") },
  }),
  clients: elements({
    list: (realm) => realm.clients,
    at: "/clients",
    create: CREATE.client,
    remove: REMOVE.client,
    own: {
      protocolMappers: mappersBelow("/clients"),
      defaultClientScopes: scopesOfClient("defaultClientScopes", "default-client-scopes"),
      optionalClientScopes: scopesOfClient("optionalClientScopes", "optional-client-scopes"),
    },
  }),
  users,
  groups: elements({ list: (realm) => realm.groups, at: "/groups", remove: REMOVE.other }),
  scopeMappings,
  clientScopeMappings,
  defaultDefaultClientScopes: scopesOfRealm("defaultDefaultClientScopes", "default-default-client-scopes"),
  defaultOptionalClientScopes: scopesOfRealm("defaultOptionalClientScopes", "default-optional-client-scopes"),
  components,
  authenticationFlows,
  authenticatorConfig: elements({
    list: (realm) => realm.authenticatorConfig,
    at: "/authentication/config",
    remove: REMOVE.other,
  }),
  requiredActions,
  identityProviders: elements({
    list: (realm) => realm.identityProviders,
    at: "/identity-provider/instances",
    remove: REMOVE.other,
    elementAt: (provider) => `/identity-provider/instances${inPath(provider.alias)}`,
  }),
  // They go with their provider.
  identityProviderMappers: () => [],
  initialAccess: elements({
    list: (realm) => realm.initialAccess,
    at: "/clients-initial-access",
    remove: REMOVE.other,
  }),
};

/** Part of a realm that a difference is in: one of a few words, whatever names the realm has. */
const partOf = ({ path: [part] }) => (part in PARTS ? part : "settings");

/** The settings of a realm: everything but its parts. */
function settingsOf(realm) {
  return Object.fromEntries(Object.entries(realm).filter(([key]) => !(key in PARTS) && key !== "id"));
}

/** Corrections of some differences, in the order in which they can be sent; paths are below the realm. */
function corrections(differences, wanted, found) {
  const settings = differences.filter((difference) => partOf(difference) === "settings");
  return [
    ...(settings.length === 0
      ? []
      : [request(CHANGE, "PUT", "", update(settingsOf(wanted), found, settings))]),
    ...[...byFirst(differences.filter((difference) => partOf(difference) !== "settings"))].flatMap(
      ([part, inside]) => PARTS[part](inside, wanted, found),
    ),
  ].sort((one, other) => one.order - other.order);
}

module.exports = { componentBody, corrections, nameOf, partOf, settingsOf };
