import type { IncomingMessage, ServerResponse } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { AgentWorkload } from "../agent/agent-workload";
import { agentRole, skillRoles } from "../identity/fleet-callers";
import { CONSOLE, type LocalClient } from "./local-clients";

/** Seconds that a token lives: as long as in production. */
const TOKEN_SECONDS = 900;

/** What an issuer of one machine has to know. */
export interface TokenServerProps {
  readonly issuer: string;
  readonly workloads: readonly AgentWorkload[];
  readonly clients: readonly LocalClient[];
  readonly secretOf: (client: string) => string;
}

/** Answers what is asked below the issuer's URL; `path` is what comes after it. */
export type TokenServer = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What the issuer signs with, and what it publishes of it. */
interface SigningKey {
  readonly header: { readonly alg: string; readonly kid: string };
  readonly privateKey: CryptoKey;
  readonly published: JWK;
}

/**
 * An issuer of tokens by client credentials. Who sits at this machine may have it take a new key (POST to `/keys`), to see
 * whether agents notice; the old ones stay published, because tokens of theirs are about.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export async function tokenServer(props: TokenServerProps): Promise<TokenServer> {
  const { issuer, workloads, clients, secretOf } = props;
  const keys = [await newKey(1)];
  const discovery = {
    issuer,
    jwks_uri: `${issuer}/keys`,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ["client_credentials"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    response_types_supported: [],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };

  return async (path, request, response) => {
    if (path === "/.well-known/openid-configuration") return send(response, 200, discovery);
    const turns = path === "/keys" && request.method === "POST";
    if (path === "/keys" && !turns) {
      return send(response, 200, { keys: keys.map(({ published }) => published) });
    }
    if (!turns && (path !== "/token" || request.method !== "POST")) {
      return send(response, 404, { error: "not_found" });
    }
    const form = new URLSearchParams(await bodyOf(request));
    const { name, secret } = credentialsOf(form, request);
    const client = clients.find((each) => each.name === name);
    if (client === undefined || secret !== secretOf(client.name)) {
      return send(response, 401, { error: "invalid_client" });
    }
    if (turns) {
      if (client.name !== CONSOLE) return send(response, 403, { error: "unauthorized_client" });
      keys.unshift(await newKey(keys.length + 1));
      return send(response, 200, { kid: keys[0]?.header.kid });
    }
    if (form.get("grant_type") !== "client_credentials") {
      return send(response, 400, { error: "unsupported_grant_type" });
    }
    const agent = workloads.find(({ route }) => route.scope === form.get("scope"));
    if (agent === undefined) return send(response, 400, { error: "invalid_scope" });
    // A token for one agent says nothing of what its caller may do at another.
    const ofAgent = [agentRole(agent), ...skillRoles(agent)];
    const [{ header, privateKey }] = keys as [SigningKey];
    const access_token = await new SignJWT({
      roles: client.roles.filter((role) => ofAgent.includes(role)),
      azp: client.name,
    })
      .setProtectedHeader(header)
      .setIssuer(issuer)
      .setSubject(client.name)
      .setAudience(agent.route.audience)
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_SECONDS}s`)
      .sign(privateKey);
    send(response, 200, { access_token, token_type: "Bearer", expires_in: TOKEN_SECONDS });
  };
}

async function newKey(number: number): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const header = { alg: "RS256", kid: `local-${number}` };
  return { header, privateKey, published: { ...(await exportJWK(publicKey)), ...header, use: "sig" } };
}

function credentialsOf(form: URLSearchParams, { headers }: IncomingMessage) {
  const [scheme, given = ""] = (headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic")
    return { name: form.get("client_id"), secret: form.get("client_secret") };
  const [name = "", secret = ""] = Buffer.from(given, "base64").toString("utf8").split(":");
  return { name: decodeURIComponent(name), secret: decodeURIComponent(secret) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  return body;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(body));
}
