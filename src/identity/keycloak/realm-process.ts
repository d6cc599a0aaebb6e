import { readFileSync } from "node:fs";
import { join } from "node:path";
import { refuse } from "../../problem";
import { ADMINISTRATOR_CLIENT } from "./keycloak-process";
import { type KeycloakRealm, LONGEST_TOKEN_SECONDS } from "./keycloak-realm";

/** Image in which the realm is applied: nothing but Node. */
export const REALM_APP_IMAGE = "docker.io/library/node:24.11.0-alpine3.22";

/** Name of what applies it. */
export const REALM_APP = "keycloak-realm";

/** Port where `/ready` answers once the realm is applied. */
export const REALM_APP_PORT = 8080;

/** Variable of the secret of the administrator's client. */
export const ADMINISTRATOR_SECRET_VARIABLE = "ADMIN_CLIENT_SECRET";

/** Seconds by which clocks of those who check tokens may be behind. */
const CLOCK_SKEW_SECONDS = 300;

/** One variable of a process on Linux, the longest that the kernel takes (MAX_ARG_STRLEN). */
const LONGEST_VARIABLE = 128 * 1024;

const PROGRAM = "apply-realm.cjs";
const MODULES = [
  "keycloak-api.cjs",
  "realm-corrections.cjs",
  "realm-differences.cjs",
  "realm-lease.cjs",
  "realm-round.cjs",
  "signing-keys.cjs",
];

/** The program that applies a realm, as one text for `node`: each of its files, as the module that it is. */
export function realmProgram(): string {
  const read = (file: string) => readFileSync(join(__dirname, file), "utf8");
  return [
    "const files = {",
    ...MODULES.map((file) => `"./${file}"(module, require) {\n${read(file)}},`),
    "};",
    "const loaded = {};",
    "function load(name) {",
    "  if (files[name] === undefined) return require(name);",
    "  if (loaded[name] === undefined) files[name]((loaded[name] = { exports: {} }), load);",
    "  return loaded[name].exports;",
    "}",
    "(function program(require) {",
    read(PROGRAM),
    "})(load);",
  ].join("\n");
}

/**
 * A realm as the variable `REALM`.
 *
 * @throws FleetError when it is longer than a variable can be.
 */
export function realmText(realm: KeycloakRealm): string {
  const text = JSON.stringify(realm);
  const bytes = Buffer.byteLength(text);
  if (bytes >= LONGEST_VARIABLE) {
    refuse(`realm '${realm.realm}'`, [
      {
        rule: "realm-fits",
        message:
          `its agents and callers make ${bytes} bytes, and the app that applies it takes fewer than ${LONGEST_VARIABLE} ` +
          "(about 100 agents); split the fleet into two environments",
      },
    ]);
  }
  return text;
}

/** The plain variables of the program, besides the realm. */
export function realmVariables(setting: {
  /** Base URL of Keycloak on the inside. */
  readonly url: string;
  /** Days between two signing keys. @default 90 */
  readonly keyLifetimeDays?: number;
  /** Second in which this realm was first deployed: of two apps, the one with the later realm keeps it. */
  readonly generation: string;
}): Record<string, string> {
  return {
    KEYCLOAK_URL: setting.url,
    ADMIN_CLIENT_ID: ADMINISTRATOR_CLIENT,
    GENERATION: setting.generation,
    KEY_LIFETIME_DAYS: String(setting.keyLifetimeDays ?? 90),
    // Twice as long as agents keep the JWKS.
    KEY_AHEAD_SECONDS: "7200",
    KEY_GRACE_SECONDS: String(LONGEST_TOKEN_SECONDS + CLOCK_SKEW_SECONDS),
    INTERVAL_SECONDS: "600",
    PORT: String(REALM_APP_PORT),
  };
}
