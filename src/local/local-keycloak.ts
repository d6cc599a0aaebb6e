import { request as send } from "node:http";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { callerGrantsOf } from "../identity/caller-grants";
import { skillRoles } from "../identity/fleet-callers";
import { administratorVariables, keycloakVariables } from "../identity/keycloak/keycloak-process";
import { clientSecretVariable, type KeycloakRealm, keycloakRealm } from "../identity/keycloak/keycloak-realm";
import { ISSUER_PATH } from "./facts/local-parts";
import { freePort } from "./front";
import { temporaryFolder } from "./guard";
import { keycloakHome } from "./keycloak-program";
import { CONSOLE, STRANGER } from "./local-clients";
import { clientSecretName } from "./local-variables";
import { type Part, startPart } from "./part";
import type { TokenServer } from "./token-server";

/** A Keycloak that runs with the fleet, with the fleet's realm and nothing else; what it holds ends with it. */
export interface RunningKeycloak {
  readonly part: Part;
  /** Answers for it on the front. */
  readonly tokens: TokenServer;
  readonly remove: () => void;
}

export interface LocalKeycloakProps {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  /** Base URL of the front, which it is behind. */
  readonly frontUrl: string;
  readonly secretOf: (name: string) => string;
  readonly onLine: (line: string) => void;
}

/**
 * Starts a real Keycloak in production mode behind the front.
 *
 * @throws FleetError when the machine has not what it needs, Error when it ends at once or refuses the realm.
 */
export async function startLocalKeycloak(props: LocalKeycloakProps): Promise<RunningKeycloak> {
  const { frontUrl, secretOf, onLine } = props;
  const home = await keycloakHome(onLine);
  const [port, managementPort] = [await freePort(), await freePort()];
  const { folder, remove } = temporaryFolder("keycloak");
  const url = `${frontUrl}${ISSUER_PATH}`;
  const administrator = secretOf("keycloak-admin-password");
  const { KC_BOOTSTRAP_ADMIN_CLIENT_ID: client = "", ...variables } = keycloakVariables({
    publicUrl: url,
    internalUrl: url,
  });
  const part = startPart({
    name: "keycloak",
    program: `${home}/bin/kc.sh`,
    args: ["start"],
    folder,
    variables: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      ...variables,
      KC_BOOTSTRAP_ADMIN_CLIENT_ID: client,
      [administratorVariables.clientSecret]: administrator,
      [administratorVariables.password]: administrator,
      KC_LOG_CONSOLE_OUTPUT: "default",
      KC_LOG_LEVEL: "warn",
      KC_DB: "dev-mem",
      KC_HTTP_HOST: "127.0.0.1",
      KC_HTTP_PORT: `${port}`,
      KC_HTTP_MANAGEMENT_PORT: `${managementPort}`,
    },
    onLine,
  });
  try {
    await ready(`http://127.0.0.1:${managementPort}/health/ready`, part);
    await putRealm(
      `http://127.0.0.1:${port}${ISSUER_PATH}`,
      { client, secret: administrator },
      realmOf(props),
    );
  } catch (error) {
    await part.stop(0);
    remove();
    throw error;
  }
  return { part, tokens: behindFront(port), remove };
}

/** The realm of the environment, and in it whoever sits at this machine and a stranger, with all secrets. */
function realmOf({ environment, workloads, secretOf }: LocalKeycloakProps): object {
  const { applications = {}, skillRoles: granted = {} } = callerGrantsOf(environment);
  const realm: KeycloakRealm = keycloakRealm(workloads, {
    ...environment,
    identityProvider: {
      kind: "local-issuer",
      applications: { ...applications, [CONSOLE]: workloads.map(({ name }) => name), [STRANGER]: [] },
      skillRoles: { ...granted, [CONSOLE]: workloads.flatMap(skillRoles) },
    },
  });
  const scopes = workloads.map(({ route }) => route.scope);
  const clients = realm.clients.map((each) =>
    // It gets tokens for everybody, without any role in them.
    each.clientId === STRANGER ? { ...each, optionalClientScopes: scopes } : each,
  );
  return {
    ...realm,
    clients: clients.map((each) => ({
      ...each,
      secret: each.secret.replace(`\${${clientSecretVariable(each.clientId)}}`, () =>
        secretOf(clientSecretName(each.clientId)),
      ),
    })),
  };
}

async function putRealm(
  base: string,
  { client, secret }: { readonly client: string; readonly secret: string },
  realm: object,
): Promise<void> {
  const form = { grant_type: "client_credentials", client_id: client, client_secret: secret };
  const granted = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const { access_token } = (await granted.json()) as { access_token?: string };
  const answer = await fetch(`${base}/admin/realms`, {
    method: "POST",
    headers: { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" },
    body: JSON.stringify(realm),
  });
  if (!answer.ok) throw new Error(`Keycloak refuses the realm with ${answer.status}: ${await answer.text()}`);
}

async function ready(url: string, { ended }: Part): Promise<void> {
  let over: number | NodeJS.Signals | undefined;
  ended.then((code) => {
    over = code;
  });
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (over !== undefined) throw new Error(`Keycloak ended with ${over} before it was ready`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Keycloak names everything by the address that its callers know. */
function behindFront(port: number): TokenServer {
  return async (_path, request, response) => {
    const { headers, method, socket } = request;
    const forwarded = send({
      host: "127.0.0.1",
      port,
      path: (request.url ?? "").slice(ISSUER_PATH.length),
      method,
      headers: {
        ...headers,
        forwarded: undefined,
        "x-forwarded-host": headers.host,
        "x-forwarded-proto": "http",
        "x-forwarded-for": socket.remoteAddress,
      },
    });
    forwarded.once("error", () => response.destroy());
    forwarded.once("response", (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    });
    request.pipe(forwarded);
  };
}
