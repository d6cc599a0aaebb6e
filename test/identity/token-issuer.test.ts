import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { tokenIssuer } from "../../src/fleet/token-issuer";
import { existingIdentityProvider } from "../../src/identity/identity-provider";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { billing, environment } from "../support/sample-fleet";

// What tokens name, agents trust and clients ask: an address that differs by a letter lets nobody in.

const APPS = "blue.westeurope.azurecontainerapps.io";
const keycloak = { kind: "keycloak" } as const;
const existing = {
  kind: "existing",
  issuer: "https://id.acme.example",
  jwksUrl: "https://id.acme.example/keys",
};

const below = (url: string, realm: string) => ({
  issuer: `${url}/realms/${realm}`,
  jwksUrl: `${url}/realms/${realm}/protocol/openid-connect/certs`,
  tokenUrl: `${url}/realms/${realm}/protocol/openid-connect/token`,
  keycloak: { url, realm },
});

test.each<[string, Environment, object | null]>([
  ["nobody signs", environment, null],
  [
    "Keycloak is an app",
    { ...environment, identityProvider: keycloak },
    below(`https://keycloak.${APPS}`, "a2a"),
  ],
  [
    "Keycloak is an app with a realm of another name",
    { ...environment, identityProvider: { ...keycloak, realm: "acme" } },
    below(`https://keycloak.${APPS}`, "acme"),
  ],
  [
    "Keycloak is behind a gateway",
    { ...environment, gateway: {}, identityProvider: keycloak },
    below("https://api.test.acme.example/identity", "a2a"),
  ],
  [
    "Keycloak is behind a gateway with a host of its own",
    { ...environment, gateway: { host: "api.acme.example" }, identityProvider: keycloak },
    below("https://api.acme.example/identity", "a2a"),
  ],
  ["Keycloak is in a cluster", plainCluster, below("https://agents.plain.example.com/identity", "a2a")],
  [
    "somebody else signs",
    { ...environment, identityProvider: existing as Environment["identityProvider"] },
    { issuer: existing.issuer, jwksUrl: existing.jwksUrl, tokenUrl: null, keycloak: null },
  ],
])("where %s", (_where, given, issuer) => {
  expect(tokenIssuer(given, APPS)).toEqual(issuer);
});

test("an agent whose callers somebody else knows checks their issuer, its own audience and its role", () => {
  const identityProvider = existing as Environment["identityProvider"];
  const { workloads } = resolveFleet([billing], { ...environment, identityProvider });
  const [workload] = workloads as [(typeof workloads)[number]];
  const { variables, egress } = existingIdentityProvider.bind(undefined as never, workload, undefined);
  expect(variables).toEqual({
    A2A_AUTH_ENABLED: "true",
    OIDC_ISSUER: existing.issuer,
    OIDC_JWKS_URL: existing.jwksUrl,
    OIDC_JWKS_REFRESH_SECONDS: "3600",
    OIDC_AUDIENCE: workload.route.audience,
    OIDC_ROLES_CLAIM: "roles",
    REQUIRED_ROLE: "billing",
  });
  expect(egress).toEqual([{ host: "id.acme.example" }]);
});
