// When each signing key of a realm is published, signs, only verifies, and goes. Pure.
"use strict";

/** Keys of the fleet are named after the millisecond in which they were made. */
const PREFIX = "a2a-fleet-";
/** The key that Keycloak makes with a realm that brings none. */
const FIRST = "rsa-generated";
const PROVIDER = "org.keycloak.keys.KeyProvider";

/**
 * A key signs with the highest priority among the active ones, and is on the JWKS while it is enabled. Keycloak keeps
 * nothing else about a key, so the priority also tells the second since when it is what it is; one that has yet to sign
 * has the lowest.
 */
const STATES = {
  published: { enabled: "true", active: "true" },
  signing: { enabled: "true", active: "true" },
  verifying: { enabled: "true", active: "false" },
  disabled: { enabled: "false", active: "false" },
};
const NOT_YET = 1;
/** What Keycloak takes a key to be that doesn't say. */
const UNSAID = { priority: "0", enabled: "true", active: "true", keySize: "2048", algorithm: "RS256" };
const ORDER = Object.keys(STATES);

const SAYS = {
  published: "is published",
  signing: "signs",
  verifying: "signs no longer, and verifies what it signed",
  disabled: "is disabled: no token needs it",
};

const bornAt = ({ name }) => (name === FIRST ? 0 : Number(name.slice(PREFIX.length)));
const setting = ({ config }, name) => config?.[name]?.[0] ?? UNSAID[name];

/** Whether a component is a key whose life this file decides. Any other is somebody else's. */
function isOwn(key, now) {
  const { name, providerId } = key;
  if (providerId !== "rsa-generated") return false;
  return name === FIRST || (/^a2a-fleet-\d+$/.test(name) && bornAt(key) <= now);
}

/** What Keycloak's settings of a key say that it is, and since which second; undefined where they say nothing. */
function stateOf(key) {
  const since = Number(setting(key, "priority"));
  const [enabled, active] = ["enabled", "active"].map((name) => setting(key, name));
  const state = ORDER.find((name) => STATES[name].enabled === enabled && STATES[name].active === active);
  if (state === undefined) return undefined;
  return { state: state === "published" && since !== NOT_YET ? "signing" : state, since };
}

function configOf(state, since) {
  const { enabled, active } = STATES[state];
  return {
    priority: [String(state === "published" ? NOT_YET : since)],
    enabled: [enabled],
    active: [active],
    keySize: ["2048"],
    algorithm: ["RS256"],
  };
}

const newKey = (now, state) => ({
  name: `${PREFIX}${now}`,
  providerId: "rsa-generated",
  config: configOf(state, Math.floor(now / 1000)),
});

/**
 * What is to be done with a realm's own signing keys now.
 *
 * @param keys components that `isOwn`
 * @param now milliseconds
 * @param times.lifetime milliseconds after which a key is followed by another
 * @param times.ahead milliseconds that a key is on the JWKS before it signs
 * @param times.grace milliseconds in which tokens of a key that signs no longer may still be around
 * @returns steps: `create`, `update` or `remove`, each with the key and in words; `drift` where somebody changed the key
 */
function signingKeySteps(keys, now, { lifetime, ahead, grace }) {
  if (keys.length === 0) return [{ step: "create", key: newKey(now, "signing"), says: SAYS.signing }];
  const second = Math.floor(now / 1000);
  const youngestFirst = keys.toSorted((one, other) => bornAt(other) - bornAt(one));
  // Who keeps the JWKS has it by then. Without any that old, the oldest is the best known.
  const signer = youngestFirst.find((key) => now - bornAt(key) >= ahead) ?? youngestFirst.at(-1);
  const isOlder = (key) => bornAt(key) < bornAt(signer);
  const switches =
    stateOf(signer)?.state === "published" &&
    keys.some((key) => isOlder(key) && stateOf(key)?.state === "signing");
  const isDue = now - bornAt(youngestFirst[0]) >= lifetime;
  return [
    ...(isDue ? [{ step: "create", key: newKey(now, "published"), says: SAYS.published }] : []),
    ...keys.flatMap(stepsOf),
  ];

  function stepsOf(key) {
    const found = stateOf(key);
    const [state, since] = nextState(key, found);
    if (state === "gone") return [{ step: "remove", key, says: "is removed: no token needs it" }];
    const config = configOf(state, since);
    if (Object.keys(config).every((name) => setting(key, name) === config[name][0])) return [];
    const moves =
      state === "disabled"
        ? found?.state === "verifying"
        : switches && ["signing", "verifying"].includes(state);
    return [
      { step: "update", key: { ...key, config }, says: SAYS[state], drift: !moves && key.name !== FIRST },
    ];
  }

  function nextState(key, found) {
    // A second that is still to come is nobody's but somebody's who typed it in.
    const since = Math.min(found?.since ?? second, second);
    if (key === signer) return ["signing", found?.state === "signing" ? since : second];
    if (!isOlder(key)) return ["published", NOT_YET];
    const isOver = second - since >= grace / 1000;
    if (found?.state === "disabled") return isOver ? ["gone"] : ["disabled", since];
    if (found?.state === "verifying") return isOver ? ["disabled", second] : ["verifying", since];
    return ["verifying", second];
  }
}

module.exports = { isOwn, newKey, PROVIDER, signingKeySteps };
