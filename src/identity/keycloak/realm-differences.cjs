// Compares a realm as Keycloak exports it with the realm that the fleet wants. Pure.
"use strict";

/**
 * What Keycloak makes up anew with each realm, object or upgrade. It is all that no realm is compared by; everything
 * else is, whether the fleet states it or Keycloak filled it in.
 */
const MADE_UP = [
  "id",
  "containerId",
  "createdTimestamp",
  "client.secret.creation.time",
  "keycloakVersion",
  // Said again of each user by lists of users.
  "access",
  "userProfileMetadata",
];

/** What the elements of Keycloak's lists are told apart by, the first that an element has. */
const NAMES = [
  "clientId",
  "username",
  "alias",
  "clientScope",
  "client",
  "flowAlias",
  "authenticator",
  "name",
  "condition",
  "executor",
  "id",
];

const isObject = (value) => value !== null && typeof value === "object";
const isEmpty = (value) => value === null || value === "";

/** Name of an element of a list, by which two realms' lists are compared. */
function nameOf(element) {
  if (!isObject(element)) return String(element);
  const key = NAMES.find((name) => element[name] !== undefined);
  // A client and a scope may have one name, and so may the policies for two kinds of registration.
  if (key === "clientScope" || key === "client") return `${key} ${element[key]}`;
  return element.subType === undefined ? element[key] : `${element[key]} (${element.subType})`;
}

/** A list by the names of its elements, whose order means nothing. */
function byName(list = []) {
  const named = new Map();
  for (const element of list) {
    let name = nameOf(element);
    for (let again = 2; named.has(name); again += 1) name = `${nameOf(element)} #${again}`;
    named.set(name, element);
  }
  return named;
}

/** The value without what Keycloak makes up. */
function withoutMadeUp(value) {
  if (Array.isArray(value)) return value.map(withoutMadeUp);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      MADE_UP.includes(key) ? [] : [[key, withoutMadeUp(item)]],
    ),
  );
}

/**
 * What the fleet states, and for the rest what Keycloak filled in. A list that the fleet states is whole, except at the
 * top: Keycloak's own clients, roles and scopes stand beside the fleet's.
 */
function completed(filledIn, stated, inList = false) {
  if (Array.isArray(stated)) {
    const base = byName(Array.isArray(filledIn) ? filledIn : []);
    const own = byName(stated);
    const rest = inList ? [] : [...base].filter(([name, item]) => isObject(item) && !own.has(name));
    return [
      ...[...own].map(([name, item]) => completed(base.get(name), item, true)),
      ...rest.map(([, item]) => item),
    ];
  }
  if (!isObject(stated)) return stated;
  const base = isObject(filledIn) ? filledIn : {};
  return {
    ...base,
    ...Object.fromEntries(
      Object.entries(stated).map(([key, item]) => [key, completed(base[key], item, inList)]),
    ),
  };
}

/**
 * Where `found` isn't `wanted`: a path of names, and whether something is `missing`, `unwanted` or `changed`. An element
 * of a list that is missing or unwanted is one difference. Nothing, null, an empty text, list and object are the same.
 */
function differences(wanted, found, path = []) {
  if (Array.isArray(wanted) || Array.isArray(found)) {
    const [ours, theirs] = [wanted, found].map((list) => byName(Array.isArray(list) ? list : []));
    return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) => {
      const at = [...path, name];
      if (!theirs.has(name)) return [{ path: at, kind: "missing" }];
      if (!ours.has(name)) return [{ path: at, kind: "unwanted" }];
      const [mine, its] = [ours.get(name), theirs.get(name)];
      return isObject(mine) ? differences(mine, its, at) : [];
    });
  }
  if (isObject(wanted) || isObject(found)) {
    const [ours, theirs] = [wanted, found].map((value) => (isObject(value) ? value : {}));
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
      .filter((key) => !MADE_UP.includes(key))
      .flatMap((key) => differences(ours[key], theirs[key], [...path, key]));
  }
  const [mine, its] = [wanted, found].map((value) => (isEmpty(value) ? undefined : value));
  if (mine === its) return [];
  return [{ path, kind: its === undefined ? "missing" : mine === undefined ? "unwanted" : "changed" }];
}

module.exports = { byName, completed, differences, nameOf, withoutMadeUp };
