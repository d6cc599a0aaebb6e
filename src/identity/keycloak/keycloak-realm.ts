import type { AgentWorkload } from "../../agent/agent-workload";
import { agentRole, type CallerSettings, fleetCallers, skillRoles } from "../fleet-callers";
import { keycloakOf } from "./keycloak-settings";

/** The parts of Keycloak's RealmRepresentation that the fleet sets. @see https://www.keycloak.org/docs-api/26.4.5/rest-api */
export interface KeycloakRealm {
  readonly realm: string;
  readonly enabled: boolean;
  readonly sslRequired: "external" | "all" | "none";
  readonly registrationAllowed: boolean;
  readonly bruteForceProtected: boolean;
  /** Seconds. */
  readonly accessTokenLifespan: number;
  readonly defaultSignatureAlgorithm: string;
  readonly revokeRefreshToken: boolean;
  readonly eventsEnabled: boolean;
  readonly adminEventsEnabled: boolean;
  readonly roles: { readonly realm: readonly KeycloakRole[] };
  readonly clientScopes: readonly KeycloakClientScope[];
  readonly defaultDefaultClientScopes: readonly string[];
  readonly defaultOptionalClientScopes: readonly string[];
  readonly scopeMappings: readonly { readonly clientScope: string; readonly roles: readonly string[] }[];
  readonly clients: readonly KeycloakClient[];
  readonly users: readonly KeycloakServiceAccount[];
}

/** What one agent, or one of its skills, asks of its callers. */
export interface KeycloakRole {
  readonly name: string;
  readonly description: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** What a client may ask for by `scope`. */
export interface KeycloakClientScope {
  readonly name: string;
  readonly description: string;
  readonly protocol: "openid-connect";
  readonly attributes: Readonly<Record<string, string>>;
  readonly protocolMappers: readonly KeycloakMapper[];
}

/** What puts a claim into tokens. */
export interface KeycloakMapper {
  readonly name: string;
  readonly protocol: "openid-connect";
  readonly protocolMapper: string;
  readonly config: Readonly<Record<string, string>>;
}

/** A caller. */
export interface KeycloakClient {
  readonly clientId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly protocol: "openid-connect";
  readonly publicClient: boolean;
  readonly clientAuthenticatorType: "client-secret";
  /** `${VARIABLE}`: the value is substituted where the realm is applied. */
  readonly secret: string;
  readonly serviceAccountsEnabled: boolean;
  readonly standardFlowEnabled: boolean;
  readonly implicitFlowEnabled: boolean;
  readonly directAccessGrantsEnabled: boolean;
  readonly fullScopeAllowed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly defaultClientScopes: readonly string[];
  readonly optionalClientScopes: readonly string[];
}

/** The account of a client, which holds its roles. */
export interface KeycloakServiceAccount {
  readonly username: string;
  readonly enabled: boolean;
  readonly serviceAccountClientId: string;
  readonly realmRoles: readonly string[];
}

/** Longest life of an access token, in seconds (E17). */
export const LONGEST_TOKEN_SECONDS = 900;

/** Marks what the fleet owns: what carries it and is no longer in the fleet is removed from the realm. */
export const FLEET_MARK = "a2a-fleet";

/** Client scope with the claims that every token has. */
const EVERY_TOKEN = "a2a";

/** Variable that carries a client's secret where the realm is applied. */
export function clientSecretVariable(client: string): string {
  return `CLIENT_SECRET_${client.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * The realm of a fleet: a client with a service account for every caller; for every agent a role, and an optional
 * client scope under the very name that Entra would use (`api://…/.default`), so that the same image asks both for the
 * same scope. The scope carries the agent's audience and, flat, the caller's roles at this agent: a token is good for
 * one agent, and one that is passed on opens no other.
 */
export function keycloakRealm(workloads: readonly AgentWorkload[], settings: CallerSettings): KeycloakRealm {
  const { realm = "a2a", accessTokenSeconds = LONGEST_TOKEN_SECONDS } = keycloakOf(settings) ?? {};
  const callers = fleetCallers(workloads, settings);
  const scopeOf = new Map(workloads.map(({ name, route }) => [name, route.scope]));
  return {
    realm,
    enabled: true,
    sslRequired: "external",
    registrationAllowed: false,
    bruteForceProtected: true,
    accessTokenLifespan: accessTokenSeconds,
    defaultSignatureAlgorithm: "RS256",
    revokeRefreshToken: true,
    eventsEnabled: true,
    adminEventsEnabled: true,
    roles: { realm: distinct(workloads.flatMap(rolesOf)) },
    clientScopes: [everyToken, ...workloads.map(clientScopeOf)],
    defaultDefaultClientScopes: [],
    defaultOptionalClientScopes: [],
    scopeMappings: workloads.map((workload) => ({
      clientScope: workload.route.scope,
      roles: [agentRole(workload), ...skillRoles(workload)],
    })),
    clients: callers.map(({ name, kind, calls }) => ({
      clientId: name,
      name: `${kind} ${name}`,
      enabled: true,
      protocol: "openid-connect",
      publicClient: false,
      clientAuthenticatorType: "client-secret",
      secret: `\${${clientSecretVariable(name)}}`,
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      implicitFlowEnabled: false,
      directAccessGrantsEnabled: false,
      fullScopeAllowed: false,
      attributes: { [FLEET_MARK]: "true" },
      defaultClientScopes: [EVERY_TOKEN],
      optionalClientScopes: calls.flatMap((agent) => scopeOf.get(agent) ?? []),
    })),
    users: callers.map(({ name, roles }) => ({
      username: `service-account-${name}`,
      enabled: true,
      serviceAccountClientId: name,
      realmRoles: roles,
    })),
  };
}

const everyToken: KeycloakClientScope = {
  name: EVERY_TOKEN,
  description: "Claims of every token",
  protocol: "openid-connect",
  attributes: { [FLEET_MARK]: "true", "include.in.token.scope": "false" },
  protocolMappers: [
    {
      name: "subject",
      protocol: "openid-connect",
      protocolMapper: "oidc-sub-mapper",
      config: { "access.token.claim": "true", "introspection.token.claim": "true" },
    },
  ],
};

function rolesOf(workload: AgentWorkload): KeycloakRole[] {
  const attributes = { [FLEET_MARK]: ["true"] };
  return [
    { name: agentRole(workload), description: `May call the agent ${workload.name}`, attributes },
    ...skillRoles(workload).map((name) => ({
      name,
      description: `May use the skills of the agent ${workload.definition} that ask for it`,
      attributes,
    })),
  ];
}

/** The instances of one agent for several customers ask for the same roles of skills. */
function distinct(roles: readonly KeycloakRole[]): KeycloakRole[] {
  return [...new Map(roles.map((role) => [role.name, role])).values()];
}

function clientScopeOf({ name, route }: AgentWorkload): KeycloakClientScope {
  return {
    name: route.scope,
    description: `Calls to the agent ${name}`,
    protocol: "openid-connect",
    attributes: { [FLEET_MARK]: "true", "include.in.token.scope": "true" },
    protocolMappers: [
      {
        name: "audience",
        protocol: "openid-connect",
        protocolMapper: "oidc-audience-mapper",
        config: {
          "included.custom.audience": route.audience,
          "access.token.claim": "true",
          "introspection.token.claim": "true",
          "id.token.claim": "false",
        },
      },
      {
        // Keycloak's own claim is nested (realm_access.roles), where validate-jwt cannot look.
        name: "roles",
        protocol: "openid-connect",
        protocolMapper: "oidc-usermodel-realm-role-mapper",
        config: {
          "claim.name": "roles",
          "jsonType.label": "String",
          multivalued: "true",
          "access.token.claim": "true",
          "introspection.token.claim": "true",
          "id.token.claim": "false",
        },
      },
    ],
  };
}

/** Says what is wrong with a realm that is to serve these agents: their gateway and they themselves would refuse its tokens. */
export function findRealmProblems(realm: KeycloakRealm, workloads: readonly AgentWorkload[]): string[] {
  const who = `realm '${realm.realm}'`;
  const scopes = new Map(realm.clientScopes.map((scope) => [scope.name, scope]));
  const roles = realm.roles.realm.map(({ name }) => name);
  return [
    ...(realm.accessTokenLifespan > LONGEST_TOKEN_SECONDS || realm.accessTokenLifespan <= 0
      ? [
          `${who}: access tokens live ${realm.accessTokenLifespan} s (accessTokenLifespan); 1 to ${LONGEST_TOKEN_SECONDS} is allowed`,
        ]
      : []),
    ...workloads.flatMap((workload) => {
      const mappers = scopes.get(workload.route.scope)?.protocolMappers ?? [];
      const agent = `${who}, agent '${workload.name}'`;
      return [
        ...(mappers.some(({ config }) => config["included.custom.audience"] === workload.route.audience)
          ? []
          : [
              `${agent}: no mapper puts the audience '${workload.route.audience}' into tokens, so every check would refuse them; ` +
                `add an oidc-audience-mapper to the client scope '${workload.route.scope}'`,
            ]),
        ...(mappers.some(({ config }) => config["claim.name"] === "roles" && config.multivalued === "true")
          ? []
          : [
              `${agent}: no mapper puts the flat 'roles' claim into tokens, which is what the gateway looks at; ` +
                `add an oidc-usermodel-realm-role-mapper to the client scope '${workload.route.scope}'`,
            ]),
        ...(roles.includes(agentRole(workload))
          ? []
          : [`${agent}: the role '${agentRole(workload)}' is missing; add it to roles.realm`]),
      ];
    }),
    ...realm.clients.flatMap(({ clientId, fullScopeAllowed }) =>
      fullScopeAllowed
        ? [
            `${who}, client '${clientId}': with fullScopeAllowed every token carries all of its roles; set it to false`,
          ]
        : [],
    ),
  ];
}
