// Makes a Keycloak realm what REALM says, and keeps it so: creates it where it is missing, changes what differs, removes
// what the fleet owned and no longer has, and adds a signing key before the current one gets old. Keys, clients and
// sessions that exist stay. Runs on Node alone, because its whole text travels as an argument of a stock image.
//
//   KEYCLOAK_URL                  base URL of Keycloak
//   ADMIN_CLIENT_ID, ADMIN_CLIENT_SECRET   a client of the master realm with the role admin
//   REALM                         the realm as JSON; ${NAME} in it stands for the variable NAME
//   KEY_LIFETIME_DAYS             days between two signing keys
//   KEY_AHEAD_SECONDS             seconds that a key is on the JWKS before it signs
//   INTERVAL_SECONDS              pause between two rounds; 0: one round, then exit
//   PORT                          /ready there answers 200 once the realm is applied, 503 before
"use strict";
const { createServer } = require("node:http");

const MARK = "a2a-fleet";
const DAY = 86_400_000;
const env = (name) => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the variable ${name} is missing`);
  return value;
};
const log = (level, message) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message }));

/** Substitutes ${NAME} in the strings of the realm, after parsing: no value can break out of its string. */
function substitute(value) {
  if (typeof value === "string") return value.replace(/\$\{(\w+)\}/g, (_, name) => env(name));
  if (Array.isArray(value)) return value.map(substitute);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item)]));
}

/** Whether `actual` has all that `wanted` says; what Keycloak adds by itself doesn't count. */
function holds(actual, wanted) {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => holds(actual[index], item))
    );
  }
  if (wanted === null || typeof wanted !== "object") return actual === wanted;
  return (
    actual !== null &&
    typeof actual === "object" &&
    Object.keys(wanted).every((key) => holds(actual[key], wanted[key]))
  );
}

async function connect() {
  const base = env("KEYCLOAK_URL").replace(/\/$/, "");
  const response = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: env("ADMIN_CLIENT_ID"),
      client_secret: env("ADMIN_CLIENT_SECRET"),
    }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`Keycloak refused the administrator's client: ${response.status}`);
  const { access_token: token } = await response.json();
  return async (method, path, body) => {
    const answer = await fetch(`${base}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.status === 404 && method === "GET") return undefined;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === "" ? undefined : JSON.parse(text);
  };
}

/** One round. Returns what it changed. */
async function apply(realm, keys) {
  const call = await connect();
  const { roles, clientScopes, scopeMappings, clients, users, ...rest } = realm;
  // Which scopes a client gets that names none: Keycloak takes them with a new realm only.
  const { defaultDefaultClientScopes, defaultOptionalClientScopes, ...settings } = rest;
  const at = `/${encodeURIComponent(realm.realm)}`;
  const changes = [];
  const change = async (what, method, path, body) => {
    await call(method, at + path, body);
    changes.push(what);
  };

  const existing = await call("GET", at);
  if (existing === undefined) {
    // With an empty list of scopes Keycloak makes none of its own, whose mappers would widen every token.
    await call("POST", "", { ...rest, roles: { realm: [] }, clientScopes });
    changes.push("realm created");
  } else if (!holds(existing, settings)) {
    await change("settings", "PUT", "", settings);
  }

  await applyRoles();
  const scopes = await applyScopes();
  await applyClients(scopes);
  await removeLeftovers();
  await rotateKeys(keys);
  return changes;

  async function applyRoles() {
    const found = new Map((await listRoles()).map((role) => [role.name, role]));
    for (const role of roles.realm) {
      const present = found.get(role.name);
      if (present === undefined) await change(`role ${role.name}`, "POST", "/roles", role);
      else if (!holds(present, role)) {
        await change(`role ${role.name}`, "PUT", `/roles-by-id/${present.id}`, { ...present, ...role });
      }
    }
  }

  function listRoles() {
    return call("GET", `${at}/roles?briefRepresentation=false&max=10000`);
  }

  async function applyScopes() {
    const found = new Map((await call("GET", `${at}/client-scopes`)).map((scope) => [scope.name, scope]));
    for (const scope of clientScopes) {
      const { protocolMappers, ...own } = scope;
      const present = found.get(scope.name);
      if (present === undefined) {
        await change(`scope ${scope.name}`, "POST", "/client-scopes", scope);
        continue;
      }
      if (!holds(present, own)) {
        await change(`scope ${scope.name}`, "PUT", `/client-scopes/${present.id}`, { ...present, ...own });
      }
      // A scope's own PUT leaves its mappers alone.
      const mappers = new Map((present.protocolMappers ?? []).map((mapper) => [mapper.name, mapper]));
      const models = `/client-scopes/${present.id}/protocol-mappers/models`;
      for (const mapper of protocolMappers) {
        const old = mappers.get(mapper.name);
        const what = `mapper ${mapper.name} of ${scope.name}`;
        if (old === undefined) await change(what, "POST", models, mapper);
        else if (!holds(old, mapper))
          await change(what, "PUT", `${models}/${old.id}`, { ...mapper, id: old.id });
        mappers.delete(mapper.name);
      }
      for (const old of mappers.values()) {
        await change(`mapper ${old.name} of ${scope.name} removed`, "DELETE", `${models}/${old.id}`);
      }
    }
    const scopes = new Map((await call("GET", `${at}/client-scopes`)).map((scope) => [scope.name, scope]));
    const known = new Map((await listRoles()).map((role) => [role.name, role]));
    for (const { clientScope, roles: wanted } of scopeMappings) {
      await applyMapping(
        `scope ${clientScope}`,
        `/client-scopes/${scopes.get(clientScope).id}/scope-mappings/realm`,
        wanted,
        known,
      );
    }
    return scopes;
  }

  /** Makes the roles at `path` the wanted ones. */
  async function applyMapping(who, path, wanted, known) {
    const held = await call("GET", at + path);
    const missing = wanted
      .filter((name) => !held.some((role) => role.name === name))
      .map((name) => known.get(name));
    const spare = held.filter(({ name }) => !wanted.includes(name) && !name.startsWith("default-roles-"));
    if (missing.length > 0)
      await change(`${who} gains ${missing.map(({ name }) => name)}`, "POST", path, missing);
    if (spare.length > 0)
      await change(`${who} loses ${spare.map(({ name }) => name)}`, "DELETE", path, spare);
  }

  async function applyClients(scopes) {
    const known = new Map((await listRoles()).map((role) => [role.name, role]));
    for (const client of clients) {
      const { defaultClientScopes, optionalClientScopes, ...own } = client;
      const path = `/clients?clientId=${encodeURIComponent(client.clientId)}`;
      let [present] = await call("GET", at + path);
      if (present === undefined) {
        await change(`client ${client.clientId}`, "POST", "/clients", client);
        [present] = await call("GET", at + path);
      } else if (!holds(present, own)) {
        await change(`client ${client.clientId}`, "PUT", `/clients/${present.id}`, { ...present, ...own });
      }
      for (const [kind, wanted] of [
        ["default", defaultClientScopes],
        ["optional", optionalClientScopes],
      ]) {
        const list = `/clients/${present.id}/${kind}-client-scopes`;
        const held = await call("GET", at + list);
        for (const name of wanted.filter((item) => !held.some((scope) => scope.name === item))) {
          await change(
            `client ${client.clientId} may ask for ${name}`,
            "PUT",
            `${list}/${scopes.get(name).id}`,
          );
        }
        for (const scope of held.filter(({ name }) => !wanted.includes(name))) {
          await change(
            `client ${client.clientId} may not ask for ${scope.name}`,
            "DELETE",
            `${list}/${scope.id}`,
          );
        }
      }
      const account = await call("GET", `${at}/clients/${present.id}/service-account-user`);
      const { realmRoles } = users.find(
        ({ serviceAccountClientId }) => serviceAccountClientId === client.clientId,
      );
      await applyMapping(
        `client ${client.clientId}`,
        `/users/${account.id}/role-mappings/realm`,
        realmRoles,
        known,
      );
    }
  }

  /** Only what carries the fleet's mark: clients and roles that people added stay. */
  async function removeLeftovers() {
    const names = (items, key) => new Set(items.map((item) => item[key]));
    const wanted = {
      clients: names(clients, "clientId"),
      scopes: names(clientScopes, "name"),
      roles: names(roles.realm, "name"),
    };
    for (const client of await call("GET", `${at}/clients?max=10000`)) {
      if (client.attributes?.[MARK] === "true" && !wanted.clients.has(client.clientId)) {
        await change(`client ${client.clientId} removed`, "DELETE", `/clients/${client.id}`);
      }
    }
    for (const scope of await call("GET", `${at}/client-scopes`)) {
      if (scope.attributes?.[MARK] === "true" && !wanted.scopes.has(scope.name)) {
        await change(`scope ${scope.name} removed`, "DELETE", `/client-scopes/${scope.id}`);
      }
    }
    for (const role of await listRoles()) {
      if (role.attributes?.[MARK]?.[0] === "true" && !wanted.roles.has(role.name)) {
        await change(`role ${role.name} removed`, "DELETE", `/roles-by-id/${role.id}`);
      }
    }
  }

  /**
   * The key with the highest priority signs; every enabled one is on the JWKS. A new key is published before it signs,
   * so that whoever keeps the JWKS for a while knows it by then; an old one stays published after it stopped.
   */
  async function rotateKeys({ lifetimeDays, aheadSeconds }) {
    const now = Date.now();
    const bornAt = ({ name }) => Number(name.slice(MARK.length + 1));
    const priorityOf = (key) =>
      now - bornAt(key) >= aheadSeconds * 1000 ? Math.floor(bornAt(key) / 1000) : 1;
    const components = await call("GET", `${at}/components?type=org.keycloak.keys.KeyProvider`);
    const own = components.filter(({ name }) => name.startsWith(`${MARK}-`));
    const newest = Math.max(0, ...own.map(bornAt));
    if (now - newest >= lifetimeDays * DAY) {
      const name = `${MARK}-${now}`;
      await change(`key ${name} published`, "POST", "/components", {
        name,
        providerId: "rsa-generated",
        providerType: "org.keycloak.keys.KeyProvider",
        config: {
          priority: [String(priorityOf({ name }))],
          enabled: ["true"],
          active: ["true"],
          keySize: ["2048"],
          algorithm: ["RS256"],
        },
      });
    }
    for (const key of own) {
      const priority = String(priorityOf(key));
      if (now - bornAt(key) >= 2 * lifetimeDays * DAY) {
        await change(`key ${key.name} removed`, "DELETE", `/components/${key.id}`);
      } else if (key.config.priority?.[0] !== priority) {
        const body = { ...key, config: { ...key.config, priority: [priority] } };
        await change(`key ${key.name} signs`, "PUT", `/components/${key.id}`, body);
      }
    }
  }
}

async function main() {
  const pause = Number(env("INTERVAL_SECONDS")) * 1000;
  const keys = {
    lifetimeDays: Number(env("KEY_LIFETIME_DAYS")),
    aheadSeconds: Number(env("KEY_AHEAD_SECONDS")),
  };
  const realm = substitute(JSON.parse(env("REALM")));
  let applied = false;
  if (pause > 0) {
    createServer((_, response) => response.writeHead(applied ? 200 : 503).end()).listen(Number(env("PORT")));
    process.once("SIGTERM", () => process.exit(0));
  }
  for (;;) {
    try {
      const changes = await apply(realm, keys);
      applied = true;
      log("info", changes.length === 0 ? "the realm is as it should be" : `changed: ${changes.join("; ")}`);
    } catch (error) {
      log("error", error.message);
      if (pause === 0) process.exit(1);
    }
    if (pause === 0) return;
    await new Promise((resolve) => setTimeout(resolve, applied ? pause : 5_000));
  }
}

main().catch((error) => {
  log("error", error.message);
  process.exit(1);
});
