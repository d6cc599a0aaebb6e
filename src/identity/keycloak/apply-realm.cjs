// Makes a Keycloak realm what REALM says, whole, and keeps it so: what differs in a round is put right and logged. Signing
// keys follow one another, and an older deployment leaves alone what a newer one made. Runs on Node alone, because its
// whole text travels as an argument of a stock image.
//
//   KEYCLOAK_URL                  base URL of Keycloak
//   ADMIN_CLIENT_ID, ADMIN_CLIENT_SECRET   a client of the master realm with the role admin
//   REALM                         the realm as JSON; ${NAME} in it stands for the variable NAME
//   GENERATION                    second of the deployment that REALM came with
//   KEY_LIFETIME_DAYS             days between two signing keys
//   KEY_AHEAD_SECONDS             seconds that a key is on the JWKS before it signs
//   KEY_GRACE_SECONDS             seconds in which tokens of a key that signs no longer may still be around
//   INTERVAL_SECONDS              pause between two rounds; 0: one round, then exit
//   PORT                          /ready there answers 200 once the realm is applied, 503 before; /metrics for Prometheus
"use strict";
const { createServer } = require("node:http");
const { setTimeout: sleep } = require("node:timers/promises");
const { connect } = require("./keycloak-api.cjs");
const { Busy } = require("./realm-lease.cjs");
const { realmRounds } = require("./realm-round.cjs");

/** Pause after a round that came to nothing. */
const RETRY = 5_000;
/** Pause before the only round tries again, while somebody else is at it. */
const SOON = 500;
const DAY = 86_400_000;

const secrets = new Set();
const env = (name) => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the variable ${name} is missing`);
  if (name.includes("SECRET")) secrets.add(value);
  return value;
};

/** One line of JSON. A secret that got into a text, in an answer of Keycloak's say, doesn't get out. */
function log(level, event, message, details = {}) {
  const line = JSON.stringify({ time: new Date().toISOString(), level, event, message, ...details });
  console.log(
    [...secrets].reduce((text, secret) => text.replaceAll(JSON.stringify(secret).slice(1, -1), "***"), line),
  );
}

/** Substitutes ${NAME} in the strings of the realm, after parsing: no value can break out of its string. */
function substitute(value) {
  if (typeof value === "string") return value.replace(/\$\{(\w+)\}/g, (_, name) => env(name));
  if (Array.isArray(value)) return value.map(substitute);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item)]));
}

/** What is counted, in Prometheus' text format. */
function metricsText(realm, { drift, rounds, uncorrected, appliedAt }) {
  const series = (name, values, label) =>
    Object.entries(values).map(([key, value]) => `${name}{realm="${realm}",${label}="${key}"} ${value}`);
  return [
    "# HELP a2a_realm_drift_total Changes by others than the fleet that a round found and put right.",
    "# TYPE a2a_realm_drift_total counter",
    ...series("a2a_realm_drift_total", drift, "part"),
    "# HELP a2a_realm_rounds_total Rounds over the realm.",
    "# TYPE a2a_realm_rounds_total counter",
    ...series("a2a_realm_rounds_total", rounds, "outcome"),
    "# HELP a2a_realm_uncorrected Differences that the last round could not put right.",
    "# TYPE a2a_realm_uncorrected gauge",
    `a2a_realm_uncorrected{realm="${realm}"} ${uncorrected}`,
    "# HELP a2a_realm_applied_timestamp_seconds When the realm was last seen to be as it should be.",
    "# TYPE a2a_realm_applied_timestamp_seconds gauge",
    `a2a_realm_applied_timestamp_seconds{realm="${realm}"} ${appliedAt}`,
    "",
  ].join("\n");
}

async function main() {
  const pause = Number(env("INTERVAL_SECONDS")) * 1000;
  const realm = substitute(JSON.parse(env("REALM")));
  let isStopping = false;
  let isResting = false;
  const counts = {
    drift: {},
    rounds: { applied: 0, incomplete: 0, "left-to-newer": 0, waited: 0, failed: 0 },
    uncorrected: 0,
    appliedAt: 0,
  };
  const round = realmRounds({
    call: connect({
      url: env("KEYCLOAK_URL"),
      clientId: env("ADMIN_CLIENT_ID"),
      clientSecret: env("ADMIN_CLIENT_SECRET"),
    }),
    realm,
    generation: Number(env("GENERATION")),
    secret: env("ADMIN_CLIENT_SECRET"),
    times: {
      lifetime: Number(env("KEY_LIFETIME_DAYS")) * DAY,
      ahead: Number(env("KEY_AHEAD_SECONDS")) * 1000,
      grace: Number(env("KEY_GRACE_SECONDS")) * 1000,
    },
    log,
    counts,
    isStopping: () => isStopping,
  });
  if (pause > 0) {
    createServer(({ url }, response) => {
      if (url === "/metrics") {
        response
          .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
          .end(metricsText(realm.realm, counts));
      } else response.writeHead(counts.appliedAt > 0 ? 200 : 503).end();
    }).listen(Number(env("PORT")));
    process.once("SIGTERM", () => {
      isStopping = true;
      // A round that is under way gives the realm free for the next.
      if (isResting) process.exit(0);
    });
  }
  for (;;) {
    const outcome = await round().catch((error) => {
      if (error instanceof Busy) {
        log("info", "waited", error.message);
        return "waited";
      }
      log("error", "failed", [error.message, error.cause?.code].filter(Boolean).join(": "));
      return "failed";
    });
    counts.rounds[outcome] += 1;
    if (outcome === "applied") counts.appliedAt = Math.floor(Date.now() / 1000);
    if (pause === 0 && outcome !== "waited") {
      process.exitCode = outcome === "applied" ? 0 : 1;
      return;
    }
    if (isStopping) process.exit(0);
    const isSettled = outcome === "applied" || outcome === "left-to-newer";
    isResting = true;
    await sleep(isSettled ? pause : Math.min(RETRY, pause === 0 ? SOON : pause));
    isResting = false;
  }
}

main().catch((error) => {
  log("error", "failed", error.message);
  process.exitCode = 1;
});
