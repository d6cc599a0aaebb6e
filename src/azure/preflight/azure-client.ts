import { noAnswer, Unanswered } from "../../preflight/check";

/** Who asks: what `DefaultAzureCredential` is, and what a test puts in its place. */
export interface TokenSource {
  /** @throws when nobody is logged in */
  readonly getToken: (scope: string) => Promise<{ readonly token: string } | null>;
}

/** Where Azure is: the public cloud, or a server of a test. */
export interface AzureEndpoints {
  readonly management: string;
  readonly registry: (server: string) => string;
  readonly blobs: (account: string) => string;
}

const publicAzure: AzureEndpoints = {
  management: "https://management.azure.com",
  registry: (server) => `https://${server}`,
  blobs: (account) => `https://${account}.blob.core.windows.net`,
};

export interface Answer {
  readonly status: number;
  /** Where Resource Manager says how it goes on, where it has only begun. */
  readonly operation?: string;
  // biome-ignore lint/suspicious/noExplicitAny: what Azure says, read by the check that asked
  readonly body: any;
}

const MANAGEMENT_SCOPE = "https://management.azure.com/.default";
const STORAGE_SCOPE = "https://storage.azure.com/.default";
const TIMEOUT_MS = 15_000;

/** Azure's REST interfaces: Resource Manager, container registries, blob storage. Only {@link change} changes anything. */
export class AzureClient {
  constructor(
    private readonly tokens: TokenSource,
    private readonly endpoints: AzureEndpoints = publicAzure,
  ) {}

  /** Object id of whoever is logged in, or null where the token doesn't say. */
  async whoAmI(): Promise<string | null> {
    const [, payload = ""] = (await this.token(MANAGEMENT_SCOPE)).split(".");
    try {
      const { oid } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
      return typeof oid === "string" ? oid : null;
    } catch {
      return null;
    }
  }

  /** Asks Resource Manager. `path` starts with `/subscriptions`. */
  async manage(path: string, apiVersion: string, question?: object): Promise<Answer> {
    return this.resource(question === undefined ? "GET" : "POST", path, apiVersion, question);
  }

  /** Makes, starts or removes something by Resource Manager. */
  async change(
    method: "PUT" | "POST" | "DELETE",
    path: string,
    apiVersion: string,
    body?: object,
  ): Promise<Answer> {
    return this.resource(method, path, apiVersion, body);
  }

  /** How something goes that Resource Manager has begun: what an answer's `operation` leads to. */
  async progress(operation: string): Promise<Answer> {
    // A token is for Resource Manager alone, wherever an answer points.
    if (new URL(operation).origin !== new URL(this.endpoints.management).origin)
      throw new Unanswered(`Resource Manager points elsewhere, to ${new URL(operation).host}`);
    return this.ask(operation, {
      headers: { authorization: `Bearer ${await this.token(MANAGEMENT_SCOPE)}` },
    });
  }

  /** What a container has said so far, with a token for that. */
  async log(stream: string, token: string): Promise<{ readonly status: number; readonly lines: string[] }> {
    const url = new URL(stream);
    // The most that is given.
    url.search = new URLSearchParams({ follow: "false", output: "json", tailLines: "300" }).toString();
    const { status, text } = await this.text(url.href, { headers: { authorization: `Bearer ${token}` } });
    return { status, lines: text.split("\n") };
  }

  private async resource(method: string, path: string, apiVersion: string, body?: object): Promise<Answer> {
    const url = `${this.endpoints.management}${path}?api-version=${apiVersion}`;
    const headers = { authorization: `Bearer ${await this.token(MANAGEMENT_SCOPE)}` };
    if (body === undefined) return this.ask(url, { method, headers });
    return this.ask(url, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  /** Whether a registry has an image: 200, 404, or 401 and 403 where one may not look. */
  async manifest(server: string, repository: string, reference: string): Promise<Answer> {
    const base = this.endpoints.registry(server);
    const form = (path: string, fields: Record<string, string>) =>
      this.ask(`${base}${path}`, { method: "POST", body: new URLSearchParams(fields) });
    const exchanged = await form("/oauth2/exchange", {
      grant_type: "access_token",
      service: server,
      access_token: await this.token(MANAGEMENT_SCOPE),
    });
    if (exchanged.status !== 200) return exchanged;
    const granted = await form("/oauth2/token", {
      grant_type: "refresh_token",
      service: server,
      scope: `repository:${repository}:pull`,
      refresh_token: exchanged.body.refresh_token,
    });
    if (granted.status !== 200) return granted;
    return this.ask(`${base}/v2/${repository}/manifests/${reference}`, {
      method: "HEAD",
      headers: {
        authorization: `Bearer ${granted.body.access_token}`,
        accept: [
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json",
        ].join(", "),
      },
    });
  }

  /** Asks for a container of a storage account. */
  async container(account: string, container: string): Promise<Answer> {
    return this.ask(
      `${this.endpoints.blobs(account)}/${container}?restype=container&comp=list&maxresults=1`,
      {
        headers: {
          authorization: `Bearer ${await this.token(STORAGE_SCOPE)}`,
          "x-ms-version": "2021-08-06",
        },
      },
    );
  }

  /** Asks whether a container has a blob. */
  async blob(account: string, container: string, name: string): Promise<Answer> {
    return this.ask(`${this.endpoints.blobs(account)}/${container}/${name}`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${await this.token(STORAGE_SCOPE)}`, "x-ms-version": "2021-08-06" },
    });
  }

  private async token(scope: string): Promise<string> {
    const token = await this.tokens.getToken(scope);
    if (token === null) throw new Unanswered("nobody is logged in to Azure");
    return token.token;
  }

  private async ask(url: string, request: RequestInit): Promise<Answer> {
    const { status, text, operation } = await this.text(url, request);
    return { status, body: parse(text), ...(operation === null ? {} : { operation }) };
  }

  private async text(url: string, request: RequestInit) {
    try {
      const response = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      return { status: response.status, text, operation: response.headers.get("azure-asyncoperation") };
    } catch (error) {
      throw noAnswer(url, error, TIMEOUT_MS);
    }
  }
}

/** Storage and proxies answer in other formats than JSON: then only the status counts. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
