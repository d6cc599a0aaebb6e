import { request as send } from "node:http";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { callerGrantsOf } from "../identity/caller-grants";
import { skillRoles } from "../identity/fleet-callers";
import { clientSecretVariable, type KeycloakRealm, keycloakRealm } from "../identity/keycloak/keycloak-realm";
import { ISSUER_PATH } from "./facts/local-parts";
import { forwardedHeaders } from "./front";
import { type KeycloakProps, type RunningKeycloak, startKeycloak } from "./keycloak-program";
import { CONSOLE, STRANGER } from "./local-clients";
import { clientSecretName } from "./local-variables";
import type { TokenServer } from "./token-server";

/** A Keycloak that runs with the fleet, with the fleet's realm and nothing else. */
export interface LocalKeycloak extends Pick<RunningKeycloak, "part" | "remove"> {
  /** Answers for it on the front. */
  readonly tokens: TokenServer;
}

export interface LocalKeycloakProps extends Pick<KeycloakProps, "onLine"> {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
  /** Base URL of the front, which it is behind. */
  readonly frontUrl: string;
  readonly secretOf: (name: string) => string;
}

/**
 * Starts a real Keycloak behind the front, with the realm of the fleet.
 *
 * @throws FleetError when the machine has not what it needs, Error when it doesn't start or refuses the realm.
 */
export async function startLocalKeycloak(props: LocalKeycloakProps): Promise<LocalKeycloak> {
  const { frontUrl, secretOf, onLine } = props;
  const running = await startKeycloak({
    publicUrl: `${frontUrl}${ISSUER_PATH}`,
    administratorSecret: secretOf("keycloak-admin-password"),
    onLine,
  });
  const { part, remove } = running;
  try {
    await putRealm(running, realmOf(props));
  } catch (error) {
    await part.stop(0);
    remove();
    throw error;
  }
  return { part, remove, tokens: behindFront(new URL(running.url).port) };
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
  // It gets tokens for everybody, without any role in them: scopes carry nothing to whom no role is granted.
  const scopes = workloads.map(({ route }) => route.scope);
  const audiences = workloads.map(({ name, route }) => ({
    name: `audience of ${name}`,
    protocol: "openid-connect",
    protocolMapper: "oidc-audience-mapper",
    config: { "included.custom.audience": route.audience, "access.token.claim": "true" },
  }));
  const clients = realm.clients.map((each) =>
    each.clientId === STRANGER ? { ...each, optionalClientScopes: scopes, protocolMappers: audiences } : each,
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

async function putRealm({ url, administrator }: RunningKeycloak, realm: object): Promise<void> {
  const granted = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: administrator.clientId,
      client_secret: administrator.clientSecret,
    }),
  });
  const { access_token } = (await granted.json()) as { access_token?: string };
  const answer = await fetch(`${url}/admin/realms`, {
    method: "POST",
    headers: { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" },
    body: JSON.stringify(realm),
  });
  if (!answer.ok) throw new Error(`Keycloak refuses the realm with ${answer.status}: ${await answer.text()}`);
}

/** Keycloak names everything by the address that its callers know. */
function behindFront(port: string): TokenServer {
  return async (_path, request, response) => {
    const forwarded = send({
      host: "127.0.0.1",
      port,
      path: (request.url ?? "").slice(ISSUER_PATH.length),
      method: request.method,
      headers: forwardedHeaders(request),
    });
    forwarded.once("error", () => response.destroy());
    forwarded.once("response", (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    });
    request.pipe(forwarded);
  };
}
