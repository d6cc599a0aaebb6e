import { AzureClient, type AzureEndpoints } from "../../src/azure/preflight/azure-client";
import { CloudServer, type Question, type Said } from "./cloud-server";

/** What the fake Azure is like: everything is fine, unless a test says otherwise. */
export interface FakeAzure {
  readonly subscriptionVisible: boolean;
  /** Object id in the token. */
  readonly caller: string;
  readonly unregistered: readonly string[];
  /** Of whoever is logged in, everywhere. */
  readonly permissions: readonly {
    readonly actions: readonly string[];
    readonly notActions: readonly string[];
  }[];
  /** Resource ids that exist in the environment's own groups. */
  readonly existing: readonly string[];
  /** Global names that somebody has. */
  readonly taken: readonly string[];
  /** Deleted vaults and gateways: name, and id they had. */
  readonly deleted: Readonly<Record<string, string>>;
  /** `agents/billing:1.0.0`, `agents/billing@sha256:…` */
  readonly missingImages: readonly string[];
  readonly mayPull: boolean;
  /** Status with which the state's container answers. */
  readonly state: number;
  /** States that are there: `tfstate/staging.tfstate`. */
  readonly states: readonly string[];
}

export const fine: FakeAzure = {
  subscriptionVisible: true,
  caller: "33333333-3333-4333-8333-333333333333",
  unregistered: [],
  permissions: [{ actions: ["*"], notActions: [] }],
  existing: ["/providers/Microsoft.ContainerRegistry/registries/"],
  taken: [],
  deleted: {},
  missingImages: [],
  mayPull: true,
  state: 200,
  states: [],
};

/** Resource Manager, a registry and blob storage on the loopback address. */
export class FakeAzureServer extends CloudServer {
  private cloud: FakeAzure = fine;

  /** A client of this server, with the cloud being what a test says. */
  client(change: Partial<FakeAzure> = {}): AzureClient {
    this.cloud = { ...fine, ...change };
    const here = this.url;
    const endpoints: AzureEndpoints = {
      management: here,
      registry: (server) => `${here}/registry/${server}`,
      blobs: (account) => `${here}/blobs/${account}`,
    };
    const payload = Buffer.from(JSON.stringify({ oid: this.cloud.caller })).toString("base64url");
    return new AzureClient({ getToken: async () => ({ token: `e30.${payload}.c2ln` }) }, endpoints);
  }

  protected answer({ method, path, text }: Question): Said {
    const { cloud } = this;
    const name = path.split("/").at(-1) ?? "";
    if (path.startsWith("/blobs/")) {
      const [container, blob] = path.split("/").slice(3);
      if (blob === undefined) return { status: cloud.state };
      return { status: cloud.states.includes(`${container}/${blob}`) ? 200 : 404 };
    }
    if (path.startsWith("/registry/")) return this.registry(path, text);
    if (/^\/subscriptions\/[^/]+$/.test(path)) return { status: cloud.subscriptionVisible ? 200 : 404 };
    if (path.endsWith("/Microsoft.Authorization/permissions")) {
      return { status: 200, body: { value: cloud.permissions } };
    }
    if (path.endsWith("/checkNameAvailability")) {
      const asked = JSON.parse(text).name as string;
      const nameAvailable = !cloud.taken.includes(asked) && !(asked in cloud.deleted);
      return { status: 200, body: { nameAvailable, reason: nameAvailable ? "" : "AlreadyExists" } };
    }
    if (/\/locations\/[^/]+\/deleted/.test(path)) {
      const vaultId = cloud.deleted[name];
      return vaultId === undefined ? { status: 404 } : { status: 200, body: { properties: { vaultId } } };
    }
    if (/^\/subscriptions\/[^/]+\/providers\/[^/]+$/.test(path)) {
      const registered = !cloud.unregistered.includes(name);
      return { status: 200, body: { registrationState: registered ? "Registered" : "NotRegistered" } };
    }
    if (method === "GET" && path.includes("/resourceGroups/")) {
      return { status: cloud.existing.some((id) => path.includes(id)) ? 200 : 404 };
    }
    this.complain(`${method} ${path} is unknown`);
    return { status: 400, body: { error: `the fake Azure knows no ${method} ${path}` } };
  }

  private registry(path: string, text: string): Said {
    if (path.endsWith("/oauth2/exchange")) {
      return this.cloud.mayPull ? { status: 200, body: { refresh_token: "refresh" } } : { status: 401 };
    }
    if (path.endsWith("/oauth2/token")) {
      const scope = new URLSearchParams(text).get("scope");
      return { status: 200, body: { access_token: scope } };
    }
    const [, repository = "", reference = ""] = /\/v2\/(.+)\/manifests\/(.+)$/.exec(path) ?? [];
    const image = `${repository}${reference.startsWith("sha256:") ? "@" : ":"}${reference}`;
    return { status: this.cloud.missingImages.includes(image) ? 404 : 200 };
  }
}
