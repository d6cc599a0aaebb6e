import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { keycloakRealm } from "../../src/identity/keycloak/keycloak-realm";
import { realmProgram, realmText, realmVariables } from "../../src/identity/keycloak/realm-process";
import { FleetError } from "../../src/problem";
import { environment } from "../support/sample-fleet";

describe("what applies a realm", () => {
  test("is one text that node runs, and that asks for what it needs", () => {
    const given = realmVariables({ url: "http://127.0.0.1:1", generation: "1700000000" });
    for (const [variables, missing] of [
      [{}, "INTERVAL_SECONDS"],
      [{ ...given, INTERVAL_SECONDS: "0" }, "REALM"],
    ] as const) {
      const { stdout } = spawnSync(process.execPath, ["-e", realmProgram()], {
        env: variables,
        encoding: "utf8",
        timeout: 30_000,
      });
      expect(stdout).toContain(`"event":"failed","message":"the variable ${missing} is missing"`);
    }
  });

  test("looks every ten minutes, and gives keys the time that tokens and caches need", () => {
    const setting = { url: "http://keycloak:8080", generation: "1700000000" };
    const variables = {
      KEYCLOAK_URL: "http://keycloak:8080",
      ADMIN_CLIENT_ID: "a2a-fleet",
      GENERATION: "1700000000",
      KEY_LIFETIME_DAYS: "90",
      KEY_AHEAD_SECONDS: "7200",
      KEY_GRACE_SECONDS: "1200",
      INTERVAL_SECONDS: "600",
      PORT: "8080",
    };
    expect(realmVariables(setting)).toEqual(variables);
    expect(realmVariables({ ...setting, keyLifetimeDays: 30 }).KEY_LIFETIME_DAYS).toBe("30");
  });

  test("takes a realm that a variable has room for", () => {
    const realm = keycloakRealm([], { ...environment, customers: [] });
    const room = 128 * 1024 - Buffer.byteLength(JSON.stringify({ ...realm, realm: "" }));
    const named = (length: number) => () => realmText({ ...realm, realm: "r".repeat(length) });
    expect(named(room - 1)).not.toThrow();
    expect(named(room)).toThrow(
      new FleetError(`realm '${"r".repeat(room)}'`, [
        {
          rule: "realm-fits",
          message:
            "its agents and callers make 131072 bytes, and the app that applies it takes fewer than 131072 (about 100 agents); " +
            "split the fleet into two environments",
        },
      ]),
    );
  });
});
