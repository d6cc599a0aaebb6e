// One round over a realm: reads it, compares it with what the fleet wants, and puts right what differs.
"use strict";
const { randomBytes, randomUUID } = require("node:crypto");
const { pathOf, Refusal } = require("./keycloak-api.cjs");
const { componentBody, corrections, partOf } = require("./realm-corrections.cjs");
const { byName, completed, differences, withoutMadeUp } = require("./realm-differences.cjs");
const { alone, Busy, FOLLOWS, generationIn, LEASE, REACHED, sealOf } = require("./realm-lease.cjs");
const { isOwn, newKey, PROVIDER, signingKeySteps } = require("./signing-keys.cjs");

/** One correction may need another first: what is granted has to exist, and Keycloak adds to what it makes. */
const PASSES = 4;
/** A realm for comparison that is older than this was left by somebody who was stopped. */
const LEFT_AFTER = 600_000;

/** A realm, whole, as Keycloak tells it; undefined where there is none. */
async function read(call, name) {
  const at = pathOf(name);
  if ((await call("GET", at)) === undefined) return undefined;
  const [realm, clients, users, initialAccess] = await Promise.all([
    call("POST", `${at}/partial-export?exportClients=true&exportGroupsAndRoles=true`),
    call("GET", `${at}/clients?max=10000`),
    // The export has the accounts of clients, and this everybody else's.
    call("GET", `${at}/users?max=1000`),
    call("GET", `${at}/clients-initial-access`),
  ]);
  const listed = byName(clients);
  return {
    ...realm,
    // The export masks secrets.
    clients: realm.clients.map((client) => ({ ...client, secret: listed.get(client.clientId)?.secret })),
    users: [...(realm.users ?? []), ...users],
    initialAccess,
  };
}

/**
 * What the fleet states, completed by what this release of Keycloak fills in: seen on a realm that it makes of the same
 * text, which gives nobody a token and is gone at once.
 */
async function complete(call, realm) {
  const prefix = `${realm.realm}-compared-`;
  for (const { realm: name } of await call("GET", "?briefRepresentation=true")) {
    const made = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : Number.NaN;
    if (Date.now() - made > LEFT_AFTER) await call("DELETE", pathOf(name));
  }
  const name = `${prefix}${Date.now()}-${randomBytes(4).toString("hex")}`;
  const clients = realm.clients.map((client) => ({ ...client, secret: randomUUID() }));
  try {
    await call("POST", "", { ...realm, clients, realm: name, enabled: false });
    const text = JSON.stringify(await read(call, name)).replaceAll(name, realm.realm);
    return completed(withoutMadeUp(JSON.parse(text)), realm);
  } finally {
    await call("DELETE", pathOf(name));
  }
}

/** A realm without what rounds keep in ways of their own: their marks, and the fleet's keys. */
function compared(realm, now) {
  const attributes = Object.fromEntries(
    // Some settings Keycloak tells again as attributes, once the realm was updated.
    Object.entries(realm.attributes ?? {}).filter(
      ([name]) => ![FOLLOWS, REACHED].includes(name) && !(name in realm),
    ),
  );
  const keys = realm.components?.[PROVIDER] ?? [];
  return {
    ...realm,
    attributes,
    roles: { ...realm.roles, realm: realm.roles.realm.filter(({ name }) => name !== LEASE) },
    components: { ...realm.components, [PROVIDER]: keys.filter((key) => !isOwn(key, now)) },
  };
}

/** Whether the fleet itself says what is at a path; the rest is Keycloak's, completed. */
function states(realm, path) {
  const found = path.reduce(
    (value, name) => (Array.isArray(value) ? byName(value).get(name) : value?.[name]),
    realm,
  );
  return found !== undefined;
}

const DONE = { missing: "added", unwanted: "removed", changed: "changed" };
const BY_OTHERS = { missing: "removed", unwanted: "added", changed: "changed" };

/**
 * @param setting.realm what the fleet states, with the clients' secrets
 * @param setting.generation second of the deployment: the greater one owns the realm
 * @param setting.times milliseconds of the signing keys: lifetime, ahead, grace
 * @returns what runs one round: `applied`, `left-to-newer` or `incomplete`
 * @throws Busy when somebody else is at it; Refusal, or fetch's errors, when Keycloak can't be asked
 */
function realmRounds({ call, realm, generation, secret, times, log, counts, isStopping }) {
  const at = pathOf(realm.realm);
  let wanted;
  let release;
  /** What the last round could not put right: it is tried again, and said once. */
  let stuck = new Set();
  /** Whether this very process has brought the realm to the end. */
  let hasReached = false;

  const generationOf = (found, attribute) => generationIn(secret, found, attribute);
  const mark = (attribute) => ({ [attribute]: sealOf(secret, realm.realm, attribute, generation) });
  const differing = (found, now) => differences(compared(wanted, now), compared(found, now));
  const keySteps = (found, now) =>
    signingKeySteps(
      (found.components?.[PROVIDER] ?? []).filter((key) => isOwn(key, now)),
      now,
      times,
    );

  return async function round() {
    let found = await read(call, realm.realm);
    if (wanted === undefined || (found !== undefined && found.keycloakVersion !== release)) {
      wanted = await complete(call, realm);
    }
    if (found === undefined) {
      await create();
      found = await read(call, realm.realm);
    }
    release = found.keycloakVersion;
    if (isNewer(found)) return leave(found);
    const now = Date.now();
    if (isMarked(found) && differing(found, now).length === 0 && keySteps(found, now).length === 0) {
      counts.uncorrected = 0;
      hasReached = true;
      log("info", "round", "the realm is as it should be");
      return "applied";
    }
    return alone(call, realm.realm, isStopping, async (write) => {
      const current = await read(write, realm.realm);
      return isNewer(current) ? leave(current) : correct(write, current);
    });
  };

  function isMarked(found) {
    return [FOLLOWS, REACHED].every((attribute) => generationOf(found, attribute) === generation);
  }

  function isNewer(found) {
    return generationOf(found, FOLLOWS) > generation;
  }

  function leave(found) {
    const [theirs, ours] = [generationOf(found, FOLLOWS), generation].map((second) =>
      new Date(second * 1000).toISOString(),
    );
    log(
      "warn",
      "left-to-newer",
      `the realm follows the deployment of ${theirs}, and this one is of ${ours}: it is left alone; ` +
        "to go back, deploy again what is to be gone back to",
    );
    return "left-to-newer";
  }

  /** Its first key is the fleet's, and signs: nobody knows another yet. */
  async function create() {
    const now = Date.now();
    const { components } = compared(wanted, now);
    try {
      await call("POST", "", {
        ...realm,
        attributes: { ...realm.attributes, ...mark(FOLLOWS) },
        components: { [PROVIDER]: [...components[PROVIDER], newKey(now, "signing")] },
      });
    } catch (error) {
      if (error.status === 409) throw new Busy("another round has just made the realm");
      throw error;
    }
    log("info", "change", "the realm is made");
  }

  async function correct(write, start) {
    let found = start;
    // Whatever differs from what this very deployment had reached was done by somebody else.
    const drifted = hasReached || generationOf(found, REACHED) === generation;
    const tally = { drift: 0, changes: 0 };
    if (drifted && !isMarked(found)) tell({ path: ["attributes", FOLLOWS], kind: "changed" }, true, tally);
    if (generationOf(found, FOLLOWS) !== generation) {
      const { [REACHED]: _, ...attributes } = found.attributes ?? {};
      await write("PUT", at, { attributes: { ...attributes, ...mark(FOLLOWS) } });
    }
    let left = differing(found, Date.now());
    const isNew = ({ path }) => !stuck.has(String(path));
    for (const difference of left.filter(isNew)) tell(difference, drifted, tally);
    let before = "";
    for (let pass = 0; pass < PASSES && left.length > 0 && JSON.stringify(left) !== before; pass += 1) {
      before = JSON.stringify(left);
      const attributes = { ...wanted.attributes, ...mark(FOLLOWS) };
      for (const { send } of corrections(left, { ...wanted, attributes }, found)) {
        await send((method, path, body) => write(method, at + path, body)).catch(reportRefusal);
      }
      found = await read(write, realm.realm);
      left = differing(found, Date.now());
    }
    for (const { path } of left.filter(isNew)) {
      log("error", "uncorrected", `${path.join(" > ")} can't be put right`, { what: path });
    }
    stuck = new Set(left.map(({ path }) => String(path)));
    await turnKeys(write, found, tally);
    counts.uncorrected = left.length;
    log("info", "round", `${tally.changes} changes, ${tally.drift} corrections, ${left.length} left`, {
      ...tally,
      left: left.length,
    });
    // What only Keycloak fills in, and a newer release may fill in otherwise, keeps nobody waiting.
    if (left.some(({ path }) => states(realm, path))) return "incomplete";
    hasReached = true;
    if (!isMarked(found)) {
      const attributes = { ...wanted.attributes, ...mark(FOLLOWS), ...mark(REACHED) };
      await write("PUT", at, { attributes });
    }
    return "applied";
  }

  /** Names what differs, and no value of it: one may be a secret. */
  function tell({ path, kind }, drifted, tally) {
    const what = path.join(" > ");
    const part = partOf({ path });
    if (!drifted) {
      tally.changes += 1;
      log("info", "change", `${what} is ${DONE[kind]}`, { part, what: path });
      return;
    }
    tally.drift += 1;
    counts.drift[part] = (counts.drift[part] ?? 0) + 1;
    log("warn", "drift", `somebody ${BY_OTHERS[kind]} ${what}; it is put back`, { part, what: path, kind });
  }

  function reportRefusal(error) {
    if (!(error instanceof Refusal)) throw error;
    log("error", "refused", error.message);
  }

  async function turnKeys(write, found, tally) {
    for (const { step, key, says, drift } of keySteps(found, Date.now())) {
      const body = componentBody(key, PROVIDER, found);
      if (step === "create") await write("POST", `${at}/components`, body);
      if (step === "update") await write("PUT", `${at}/components/${key.id}`, body);
      if (step === "remove") await write("DELETE", `${at}/components/${key.id}`);
      if (drift) tell({ path: ["components", PROVIDER, key.name], kind: "changed" }, true, tally);
      else {
        tally.changes += 1;
        log("info", "key", `the key ${key.name} ${says}`, { key: key.name });
      }
    }
  }
}

module.exports = { realmRounds };
