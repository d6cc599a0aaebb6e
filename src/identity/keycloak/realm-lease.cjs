// Who writes to a realm: one at a time, and nobody whose deployment is older than the one that the realm follows.
"use strict";
const { createHmac, randomUUID } = require("node:crypto");
const { pathOf, REQUEST_SECONDS } = require("./keycloak-api.cjs");

/** A role that exists while somebody writes. Keycloak gives a name once, so whoever made it is alone. */
const LEASE = "a2a-fleet-lease";
const LEASE_SECONDS = 120;
/** Whoever holds it starts nothing after this: what was started ends before the lease does, whatever clocks say. */
const WRITING_SECONDS = LEASE_SECONDS - 2 * REQUEST_SECONDS;

/** Somebody else writes now, or the time for writing is over. The next round goes on. */
class Busy extends Error {}

/** Does something while nobody else does. `work` gets an API that refuses once the time is over, or `isStopping`. */
async function alone(call, realm, isStopping, work) {
  const roles = `${pathOf(realm)}/roles`;
  const start = Date.now();
  const lease = {
    name: LEASE,
    description: "Exists while the app that keeps this realm writes to it",
    attributes: { holder: [randomUUID()], until: [String(start + LEASE_SECONDS * 1000)] },
  };
  try {
    await call("POST", roles, lease);
  } catch (error) {
    if (error.status !== 409) throw error;
    const held = await call("GET", `${roles}${pathOf(LEASE)}`);
    const until = Number(held?.attributes?.until?.[0]);
    // Its holder was stopped, or somebody made it by hand. By its id: one that another made since then stays.
    if (held !== undefined && !(until > start && until < start + 2 * LEASE_SECONDS * 1000)) {
      await call("DELETE", `${pathOf(realm)}/roles-by-id/${held.id}`);
    }
    throw new Busy("another round is under way");
  }
  const { id } = await call("GET", `${roles}${pathOf(LEASE)}`);
  try {
    return await work((method, path, body) => {
      if (isStopping()) throw new Busy("told to stop; whoever comes next goes on");
      if (Date.now() - start < WRITING_SECONDS * 1000) return call(method, path, body);
      throw new Busy(`there was more to do than ${WRITING_SECONDS} s are enough for`);
    });
  } finally {
    await call("DELETE", `${pathOf(realm)}/roles-by-id/${id}`);
  }
}

/** Attributes of a realm: the deployment that it follows, and the one that it was brought to the end of. */
const FOLLOWS = "a2a-fleet.follows";
const REACHED = "a2a-fleet.reached";

/** A deployment's number as an attribute that only who knows the secret can write. */
function sealOf(secret, realm, attribute, generation) {
  const proof = createHmac("sha256", secret).update(`${realm} ${attribute} ${generation}`).digest("hex");
  return `${generation} ${proof}`;
}

/** The number that an attribute of a realm holds; 0 where it is missing, or was typed in by hand. */
function generationIn(secret, { realm, attributes = {} }, attribute) {
  const generation = Number(attributes[attribute]?.split(" ")[0]);
  return attributes[attribute] === sealOf(secret, realm, attribute, generation) ? generation : 0;
}

module.exports = { alone, Busy, FOLLOWS, generationIn, LEASE, REACHED, sealOf };
