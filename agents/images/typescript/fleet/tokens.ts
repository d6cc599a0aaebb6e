/** Tokens: for the agents that this one calls, and for a database that takes the managed identity's. */
import { DefaultAzureCredential } from "@azure/identity";
import { instance } from "gcp-metadata";
import { decodeJwt } from "jose";
import type { Settings } from "./settings.js";

/** A token that is about to expire would do so on its way. */
const SPARE_MS = 60_000;
const POSTGRES_SCOPE = "https://ossrdbms-aad.database.windows.net/.default";

interface Token {
  readonly text: string;
  /** In ms since 1970. */
  readonly expires: number;
}

/** Gets and keeps tokens for the agents that this one calls, each until shortly before it expires. */
export class PeerTokens {
  private readonly tokens = new Map<string, Promise<Token>>();
  private credential: DefaultAzureCredential | undefined;

  constructor(private readonly settings: Settings) {}

  /** Headers to call the agent at this base URL with: none where nobody asks for a token. */
  async headersFor(baseUrl: string): Promise<Record<string, string>> {
    const headers: Record<string, string> = {};
    const scope = this.settings.document<Record<string, string>>("AGENT_SCOPES")?.[baseUrl];
    if (scope !== undefined && this.settings.flag("A2A_AUTH_ENABLED")) {
      headers.Authorization = `Bearer ${await this.cached(scope, () => this.agentToken(scope))}`;
    }
    const audience = this.settings.document<Record<string, string>>("PEER_TOKEN_AUDIENCES")?.[baseUrl];
    if (audience !== undefined) {
      const token = await this.cached(`identity ${audience}`, () => identityToken(audience));
      headers[this.settings.given("PEER_TOKEN_HEADER")] = `Bearer ${token}`;
    }
    return headers;
  }

  private async cached(key: string, fetchToken: () => Promise<Token>): Promise<string> {
    const kept = await this.tokens.get(key)?.catch(() => undefined);
    if (kept !== undefined && kept.expires > Date.now() + SPARE_MS) return kept.text;
    const fetched = fetchToken();
    this.tokens.set(key, fetched);
    return (await fetched).text;
  }

  /**
   * By client credentials where the issuer knows this agent as a client, by managed identity at Entra. On Cloud Run the
   * client's credential is what Google says of the service account.
   */
  private async agentToken(scope: string): Promise<Token> {
    const client = await this.clientCredential();
    if (client === undefined) {
      // Reads AZURE_CLIENT_ID, and finds workload identity and managed identity alike.
      this.credential ??= new DefaultAzureCredential();
      const { token, expiresOnTimestamp } = await this.credential.getToken(scope);
      return { text: token, expires: expiresOnTimestamp };
    }
    const answer = await fetch(this.settings.given("OIDC_TOKEN_URL"), {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", scope, ...client }),
    });
    if (!answer.ok) throw new Error(`the issuer gives no token for '${scope}': it answered ${answer.status}`);
    const { access_token, expires_in = 0 } = (await answer.json()) as {
      access_token: string;
      expires_in?: number;
    };
    return { text: access_token, expires: Date.now() + expires_in * 1000 };
  }

  private async clientCredential(): Promise<Record<string, string> | undefined> {
    const client_id = this.settings.text("A2A_CLIENT_ID");
    if (client_id !== undefined)
      return { client_id, client_secret: this.settings.given("A2A_CLIENT_SECRET") };
    const federated = this.settings.text("A2A_FEDERATED_CLIENT_ID");
    if (federated === undefined) return undefined;
    const { text } = await identityToken(this.settings.given("A2A_ASSERTION_AUDIENCE"));
    return {
      client_id: federated,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: text,
    };
  }
}

/** A token of the service account, for Cloud Run's own check in front of an agent. */
async function identityToken(audience: string): Promise<Token> {
  const text = await instance<string>({
    property: "service-accounts/default/identity",
    params: { audience },
  });
  return { text, expires: (decodeJwt(text).exp ?? 0) * 1000 };
}

/** The password of a role that logs in with Entra, asked for at each new connection. */
export function azurePostgresPassword(): () => Promise<string> {
  const credential = new DefaultAzureCredential();
  return async () => (await credential.getToken(POSTGRES_SCOPE)).token;
}
