import { type ChildProcess, spawn } from "node:child_process";
import { inject } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import type { Environment } from "../../../src/environment/environment";
import { clientSecretVariable } from "../../../src/identity/keycloak/keycloak-realm";
import type { KeycloakSettings } from "../../../src/identity/keycloak/keycloak-settings";
import { freePort } from "../../../src/local/free-port";
import { environment as sample } from "../../support/sample-fleet";
import { synthEnvironment } from "../../support/synth";
import { publishedKeys, requestToken, type TokenAnswer, verifiedClaims } from "./tokens";

/** A line that the app which keeps a realm writes. */
export interface LogLine {
  readonly time: string;
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly message: string;
  readonly what?: readonly string[];
}

/** The app while it runs. */
export interface RunningApp {
  readonly url: string;
  /** What it has written so far. */
  readonly lines: readonly LogLine[];
  readonly stop: () => Promise<number>;
}

/** Variables of the process other than those of the finished stack. */
export type Variables = Readonly<Record<string, string>>;

/** Second of the deployment that a test's rounds belong to, unless it says otherwise. */
const GENERATION = "1000";

/** The secret of each client here. */
export const secretOf = (client: string) => `the-secret-of-${client}`;

/** A realm of its own in the Keycloak that all these tests share, kept by the very process that the stack deploys. */
export class FleetRealm {
  readonly url: string;
  readonly environment: Environment;
  private readonly containers = new Map<string, { command: string[]; args: string[]; env: unknown[] }>();

  constructor(
    private readonly name: string,
    settings: Partial<KeycloakSettings> = {},
    around: Environment = { ...sample, gateway: {} },
  ) {
    this.url = `${inject("keycloak").url}/realms/${name}`;
    this.environment = {
      ...around,
      identityProvider: { kind: "keycloak", realm: name, ...settings },
    };
  }

  audienceOf(agent: string): string {
    return `api://${this.environment.tenant}/${this.environment.name}-${agent}`;
  }

  scopeOf(agent: string): string {
    return `${this.audienceOf(agent)}/.default`;
  }

  /** Asks for a token for agents. */
  tokenFor(client: string, ...agents: string[]): Promise<TokenAnswer> {
    const scope = agents.map((agent) => this.scopeOf(agent)).join(" ");
    return requestToken(this.url, { id: client, secret: secretOf(client), scope });
  }

  /** Claims of a token for agents, after its signature is verified. */
  async claimsFor(client: string, ...agents: string[]) {
    return verifiedClaims(this.url, (await this.tokenFor(client, ...agents)).accessToken);
  }

  /** Ids of the keys on the JWKS that signatures are verified by; others encrypt. */
  async kids(): Promise<string[]> {
    return (await publishedKeys(this.url)).flatMap(({ kid, use }) => (use === "sig" ? kid : []));
  }

  /** Asks the administration API, as somebody with the console does. Paths are below the realm. */
  async administer<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const { url, administrator } = inject("keycloak");
    const { accessToken } = await requestToken(`${url}/realms/master`, {
      id: administrator.clientId,
      secret: administrator.clientSecret,
    });
    const response = await fetch(`${url}/admin/realms/${this.name}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** One round, and what it says. @throws Error when the realm isn't applied, or when a secret was written */
  async apply(agents: readonly AgentDefinition[], change: Variables = {}): Promise<LogLine[]> {
    const child = this.run(agents, { INTERVAL_SECONDS: "0", PORT: "0", ...change });
    const output = collect(child);
    const code = await ended(child);
    if (code !== 0) throw new Error(output.text());
    return output.lines();
  }

  /** Keeps the realm, round after round. */
  async keep(agents: readonly AgentDefinition[], change: Variables = {}): Promise<RunningApp> {
    const port = await freePort();
    const child = this.run(agents, { INTERVAL_SECONDS: "0.3", PORT: String(port), ...change });
    const output = collect(child);
    const end = ended(child);
    return {
      url: `http://127.0.0.1:${port}`,
      get lines() {
        return output.lines();
      },
      stop: async () => {
        child.kill("SIGTERM");
        const code = await end;
        output.lines();
        return code;
      },
    };
  }

  /**
   * Runs the very process that the app in Container Apps runs: its command, its arguments and its variables. Only
   * addresses, secrets and the time of the deployment, which the cloud would fill in, are ours.
   */
  private run(agents: readonly AgentDefinition[], change: Variables): ChildProcess {
    const { url, administrator } = inject("keycloak");
    const { command, args, env } = this.containerFor(agents);
    const plain = Object.fromEntries(
      (env as { name: string; value?: string }[]).flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, asTerraformReads(value)]],
      ),
    );
    const { clients } = JSON.parse(plain.REALM as string) as { clients: { clientId: string }[] };
    const secrets = clients.map(({ clientId }) => [clientSecretVariable(clientId), secretOf(clientId)]);
    return spawn(command[0] as string, args.map(asTerraformReads), {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        ...plain,
        ...Object.fromEntries(secrets),
        KEYCLOAK_URL: url,
        GENERATION,
        ADMIN_CLIENT_ID: administrator.clientId,
        ADMIN_CLIENT_SECRET: administrator.clientSecret,
        ...change,
      },
    });
  }

  /** The app's container in the stack of these agents, synthesized once. */
  private containerFor(agents: readonly AgentDefinition[]) {
    const key = JSON.stringify(agents);
    const container =
      this.containers.get(key) ??
      synthEnvironment(this.environment, agents).at("shared/identity-provider/realm/resource").arguments
        .template.container[0];
    this.containers.set(key, container);
    return container;
  }
}

/** Terraform reads `$${` as `${`. */
function asTerraformReads(text: string): string {
  return text.replace(/([$%])\1\{/g, "$1{");
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once("close", resolve));
}

/** What a process writes. No line of it may hold a secret. */
function collect(child: ChildProcess) {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
    });
  }
  const read = () => {
    const { clientSecret } = inject("keycloak").administrator;
    if (text.includes(secretOf("")) || text.includes(clientSecret)) {
      throw new Error(`the app wrote a secret:\n${text}`);
    }
    return text;
  };
  return {
    text: read,
    lines: () =>
      read()
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogLine),
  };
}

/** What some lines say of one kind of event: the paths, in a text each. */
export function saidOf(lines: readonly LogLine[], event: string): string[] {
  return lines.flatMap((line) => (line.event === event ? [line.what?.join(" > ") ?? line.message] : []));
}
