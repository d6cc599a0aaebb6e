import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** An issuer of tokens of these tests: keys that can be turned, and client credentials. */
export interface TestIssuer {
  readonly url: string;
  /** Variables of an agent whose tokens name this audience. */
  readonly variablesFor: (audience: string) => Record<string, string>;
  readonly token: (claims: TestClaims) => Promise<string>;
  /** Signs with a new key from now on, and no longer publishes the old one. */
  readonly turnKey: () => Promise<void>;
  /** How often the keys were fetched. */
  readonly fetches: () => number;
  /** Token requests so far: client and scope. */
  readonly asked: { readonly client: string; readonly scope: string; readonly assertion: string | null }[];
  /** Seconds that tokens are good for from now on; 300 at first. */
  readonly lastFor: (seconds: number) => void;
  /** Answers 500 from now on, or again as it should. */
  readonly fail: (fails: boolean) => void;
  readonly stop: () => void;
}

export interface TestClaims {
  readonly sub?: string;
  readonly aud: string;
  readonly roles?: readonly string[];
  readonly issuer?: string;
  /** Seconds from now; negative: expired. */
  readonly expiresIn?: number;
}

export const REQUIRED_ROLE = "agent.call";

export async function startIssuer(): Promise<TestIssuer> {
  let kid = 0;
  let pair = await generateKeyPair("RS256");
  let fetched = 0;
  let failing = false;
  let seconds = 300;
  const asked: { client: string; scope: string; assertion: string | null }[] = [];

  const token = ({
    sub = "alice",
    aud,
    roles = [REQUIRED_ROLE],
    issuer = url,
    expiresIn = 300,
  }: TestClaims) =>
    new SignJWT({ roles: [...roles] })
      .setProtectedHeader({ alg: "RS256", kid: String(kid) })
      .setSubject(sub)
      .setAudience(aud)
      .setIssuer(issuer)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
      .sign(pair.privateKey);

  const server: Server = createServer(async (request, response) => {
    if (failing) {
      response.writeHead(500).end();
      return;
    }
    // Wherever an issuer publishes them: Entra, Keycloak, or these tests.
    if (/\/(keys|certs)$/.test(request.url ?? "")) {
      fetched += 1;
      const key = { ...(await exportJWK(pair.publicKey)), kid: String(kid), alg: "RS256", use: "sig" };
      response.setHeader("Content-Type", "application/json").end(JSON.stringify({ keys: [key] }));
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const [client, scope] = [form.get("client_id") ?? "", form.get("scope") ?? ""];
    asked.push({ client, scope, assertion: form.get("client_assertion") });
    // Entra's and these tests' scope: the audience, and `/.default`.
    const aud = scope.replace(/\/\.default$/, "");
    const access_token = await token({ sub: client, aud, expiresIn: seconds });
    response
      .setHeader("Content-Type", "application/json")
      .end(JSON.stringify({ access_token, expires_in: seconds }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    token,
    asked,
    variablesFor: (audience) => ({
      A2A_AUTH_ENABLED: "true",
      OIDC_ISSUER: url,
      OIDC_JWKS_URL: `${url}/keys`,
      OIDC_JWKS_REFRESH_SECONDS: "300",
      OIDC_AUDIENCE: audience,
      OIDC_ROLES_CLAIM: "roles",
      REQUIRED_ROLE,
      OIDC_TOKEN_URL: `${url}/token`,
    }),
    turnKey: async () => {
      kid += 1;
      pair = await generateKeyPair("RS256");
    },
    fetches: () => fetched,
    lastFor: (next) => {
      seconds = next;
    },
    fail: (fails) => {
      failing = fails;
    },
    stop: () => void server.close(),
  };
}
