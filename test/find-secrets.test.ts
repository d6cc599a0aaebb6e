import { describe, expect, test } from "vitest";
import { findSecrets, hideSecrets, isSecretByName } from "../src/find-secrets";

// Put together here, so that nobody's scanner takes them for keys.
const made = (...parts: readonly string[]) => parts.join("");
const filler = "0123456789abcdef".repeat(6);

const secrets: readonly (readonly [string, string])[] = [
  ["a password in a URL", "https://fleet:hunter-2@host.example/path"],
  ["a password alone in a URL", "redis://:hunter-2@host.example:6380"],
  ["a password in a query", "jdbc:postgresql://host.example/db?user=a&password=hunter-2"],
  ["a password in a connection string", "Server=host;password=hunter-2"],
  ["a signature of Azure Storage", `https://host.example/c?sv=2024-11-04&sig=${filler.slice(0, 44)}`],
  ["an account key", made("DefaultEndpointsProtocol=https;Account", "Key=", filler)],
  ["a key of an event hub", made("Endpoint=sb://x;SharedAccess", "Key=", filler)],
  ["a client secret of Entra", made("abc", "8Q", "~", filler.slice(0, 34))],
  ["a key of a model provider", made("sk-", "proj-", filler.slice(0, 40))],
  ["a key of a payment provider", made("sk_", "live_", filler.slice(0, 24))],
  ["a token of GitHub", made("gh", "p_", filler.slice(0, 36))],
  ["a token of GitLab", made("gl", "pat-", filler.slice(0, 20))],
  ["a token of Slack", made("xox", "b-", "123456789012-123456789012-", filler.slice(0, 24))],
  [
    "a webhook of Slack",
    made("https://hooks.slack", ".com/services/T00000000/B00000000/", "X1y2Z3".repeat(4)),
  ],
  ["a key id of Amazon", made("AK", "IA", "Q3EGTKZ7ABCDEFGH")],
  ["an API key of Google", made("AI", "za", filler.slice(0, 35))],
  ["a signed token", made("ey", "JhbGciOiJI", ".eyJzdWIiOiIx.", filler.slice(0, 20))],
  ["a private key", made("-----BEGIN ", "RSA PRIVATE", " KEY-----", filler, "-----END RSA PRIVATE KEY-----")],
];

describe("a text", () => {
  test.each(secrets)("with %s is seen, wherever that stands in it, and is shown without", (_what, secret) => {
    const text = `before ${secret} after`;
    expect(findSecrets(text).length).toBeGreaterThan(0);
    const shown = hideSecrets(text);
    expect(shown).toMatch(/^before .*\*\*\*.* after$/);
    expect(findSecrets(shown)).toEqual([]);
    for (const part of ["hunter-2", filler.slice(0, 20), "Q3EGTKZ7", "X1y2Z3X1y2Z3"]) {
      expect(shown).not.toContain(part);
    }
  });

  test.each([
    "",
    "https://host.example:8443/@scope/package",
    "https://host.example/search?q=token&page=2",
    "http://proxy.example:3128",
    "sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
    "22222222-2222-4222-8222-222222222222",
    "Says what a task-like password policy is",
    "sk-SK",
    "group:operators@acme.example",
    "projects/acme/notificationChannels/1234567890",
    "2026-11-21T02:00:00Z",
  ])("without any, '%s', is left as it is", (text) => {
    expect(findSecrets(text)).toEqual([]);
    expect(hideSecrets(text)).toBe(text);
  });

  test("with two is shown without both", () => {
    const [first = "", second = ""] = [secrets[0]?.[1], secrets[8]?.[1]];
    const shown = hideSecrets(`${first}, and ${second}.`);
    expect(shown.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(2);
    expect(findSecrets(shown)).toEqual([]);
  });

  test("comes back whole when it holds none between two words of a secret's shape", () => {
    expect(hideSecrets("basic-auth and token-check")).toBe("basic-auth and token-check");
  });
});

describe("a name", () => {
  const value = "ab12cd34ef56";
  test.each([
    "PASSWORD",
    "DB_PASS",
    "ERP_PASSWD",
    "APIKEY",
    "api_key",
    "erpApiKey",
    "CLIENT_SECRET",
    "client-secret",
    "ACCESS_TOKEN",
    "SLACK_TOKEN",
    "SIGNING_KEY",
    "ERP_KEY",
    "STORAGE_SAS",
    "SENTRY_DSN",
    "ConnectionString",
    "AWS_SECRET_ACCESS_KEY",
  ])("such as %s is a secret's", (name) => {
    expect(isSecretByName(name, value)).toBe(true);
  });

  test.each([
    "http_proxy",
    "PARTITION_KEY",
    "STOP_TOKEN",
    "JWT_PUBLIC_KEY",
    "MAX_TOKEN",
    "SORT_KEY",
    "LOCALE",
    "TOKENIZER",
    "KEYBOARD",
    "PASSENGERS",
    "MONKEY",
    "SECRETARY",
  ])("such as %s is none", (name) => {
    expect(isSecretByName(name, value)).toBe(false);
  });

  test.each(["", "4096", "0.5", "true", "FALSE", "/run/secrets/password", "$(DB_PASSWORD)"])(
    "of a secret with the value '%s' is not one: it says where, whether or how much",
    (harmless) => {
      expect(isSecretByName("DB_PASSWORD", harmless)).toBe(false);
    },
  );

  test("that ends in KEY or TOKEN is a word of somebody's, unless its value has letters and digits enough", () => {
    expect(isSecretByName("SLACK_TOKEN", "enabled")).toBe(false);
    expect(isSecretByName("ERP_KEY", "customer-number")).toBe(false);
    expect(isSecretByName("ERP_KEY", "customer-number-1")).toBe(true);
  });
});
