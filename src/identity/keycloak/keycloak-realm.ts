import type { AgentWorkload } from "../../agent/agent-workload";
import { agentRole, type CallerSettings, fleetCallers, skillRoles } from "../fleet-callers";
import { keycloakOf } from "./keycloak-settings";

/**
 * The parts of Keycloak's RealmRepresentation that the fleet states. For the rest the realm is what Keycloak makes of
 * them in a new one: nothing else in it is anybody's.
 *
 * @see https://www.keycloak.org/docs-api/26.4.5/rest-api
 */
export interface KeycloakRealm {
  readonly realm: string;
  readonly enabled: boolean;
  readonly sslRequired: "external" | "all" | "none";
  readonly registrationAllowed: boolean;
  readonly bruteForceProtected: boolean;
  /** Seconds. */
  readonly accessTokenLifespan: number;
  /** Seconds. No token outlives its session, whatever life a client of its own is given. */
  readonly ssoSessionMaxLifespan: number;
  readonly defaultSignatureAlgorithm: string;
  readonly revokeRefreshToken: boolean;
  readonly eventsEnabled: boolean;
  /** Seconds that events are kept. */
  readonly eventsExpiration: number;
  readonly adminEventsEnabled: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly roles: { readonly realm: readonly KeycloakRole[] };
  readonly clientScopes: readonly KeycloakClientScope[];
  readonly defaultDefaultClientScopes: readonly string[];
  readonly defaultOptionalClientScopes: readonly string[];
  readonly scopeMappings: readonly { readonly clientScope: string; readonly roles: readonly string[] }[];
  readonly clients: readonly KeycloakClient[];
  readonly users: readonly KeycloakServiceAccount[];
  readonly clientProfiles: { readonly profiles: readonly KeycloakProfile[] };
  readonly clientPolicies: { readonly policies: readonly KeycloakPolicy[] };
}

/** What one agent, or one of its skills, asks of its callers. */
export interface KeycloakRole {
  readonly name: string;
  readonly description: string;
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

/** What Keycloak does with a request that a policy is about. */
export interface KeycloakProfile {
  readonly name: string;
  readonly description: string;
  readonly executors: readonly {
    readonly executor: string;
    readonly configuration: Readonly<Record<string, never>>;
  }[];
}

/** A rule about requests for tokens: its profiles apply to those for which all conditions hold. */
export interface KeycloakPolicy {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly conditions: readonly {
    /** Holds where the request has one of the scopes at least. */
    readonly condition: "client-scopes";
    readonly configuration: { readonly type: "Any"; readonly scopes: readonly string[] };
  }[];
  readonly profiles: readonly string[];
}

/** Longest life of an access token, in seconds. */
export const LONGEST_TOKEN_SECONDS = 900;

/** Days that Keycloak keeps what happened: it writes a line for every token, and would for ever. */
const EVENTS_SECONDS = 30 * 24 * 3600;

/** Client scope with the claims that every token has. */
const EVERY_TOKEN = "a2a";

/** Variable that carries a client's secret where the realm is applied. */
export function clientSecretVariable(client: string): string {
  return `CLIENT_SECRET_${client.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * The realm of a fleet: a client with a service account for every caller; for every agent a role, and an optional
 * client scope under the very name that Entra would use (`api://…/.default`), so that the same image asks both for the
 * same scope. The scope carries the agent's audience and, flat, the caller's roles at this agent. A request for two
 * agents is refused: a token is good for one agent, and one that is passed on opens no other.
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
    ssoSessionMaxLifespan: accessTokenSeconds,
    defaultSignatureAlgorithm: "RS256",
    revokeRefreshToken: true,
    eventsEnabled: true,
    eventsExpiration: EVENTS_SECONDS,
    adminEventsEnabled: true,
    attributes: { adminEventsExpiration: String(EVENTS_SECONDS) },
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
      defaultClientScopes: [EVERY_TOKEN],
      optionalClientScopes: calls.flatMap((agent) => scopeOf.get(agent) ?? []),
    })),
    users: callers.map(({ name, roles }) => ({
      username: `service-account-${name}`,
      enabled: true,
      serviceAccountClientId: name,
      realmRoles: roles,
    })),
    clientProfiles: {
      profiles: [
        {
          name: REFUSED,
          description: "Requests that get no token",
          executors: [{ executor: "reject-request", configuration: {} }],
        },
      ],
    },
    clientPolicies: { policies: oneAgentPolicies(workloads.map(({ route }) => route.scope)) },
  };
}

const REFUSED = "refused";

/**
 * Refuse requests for two of these scopes. A policy can only ask for one of some scopes and one of some others; any two
 * differ in one binary digit of their places in the list at least, so a policy for each digit covers every pair.
 */
function oneAgentPolicies(scopes: readonly string[]): KeycloakPolicy[] {
  const digits = scopes.length < 2 ? 0 : Math.ceil(Math.log2(scopes.length));
  return Array.from({ length: digits }, (_, digit) => ({
    name: `one agent a token, ${digit + 1}`,
    description: "Refuses a request for two agents",
    enabled: true,
    conditions: [0, 1].map((value) => ({
      condition: "client-scopes",
      configuration: {
        type: "Any",
        scopes: scopes.filter((_scope, place) => ((place >> digit) & 1) === value),
      },
    })),
    profiles: [REFUSED],
  }));
}

const everyToken: KeycloakClientScope = {
  name: EVERY_TOKEN,
  description: "Claims of every token",
  protocol: "openid-connect",
  attributes: { "include.in.token.scope": "false" },
  protocolMappers: [
    {
      name: "subject",
      protocol: "openid-connect",
      protocolMapper: "oidc-sub-mapper",
      config: { "access.token.claim": "true" },
    },
  ],
};

function rolesOf(workload: AgentWorkload): KeycloakRole[] {
  return [
    { name: agentRole(workload), description: `May call the agent ${workload.name}` },
    ...skillRoles(workload).map((name) => ({
      name,
      description: `May use the skills of the agent ${workload.definition} that ask for it`,
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
    attributes: { "include.in.token.scope": "true" },
    protocolMappers: [
      {
        name: "audience",
        protocol: "openid-connect",
        protocolMapper: "oidc-audience-mapper",
        config: {
          "included.custom.audience": route.audience,
          "access.token.claim": "true",
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
        },
      },
    ],
  };
}

/** @throws Error with all that is wrong with a realm that is to serve these agents. */
export function refuseBadRealm(realm: KeycloakRealm, workloads: readonly AgentWorkload[]): void {
  const problems = findRealmProblems(realm, workloads);
  if (problems.length > 0) throw new Error(problems.join("\n"));
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
    ...(realm.ssoSessionMaxLifespan > LONGEST_TOKEN_SECONDS || realm.ssoSessionMaxLifespan <= 0
      ? [
          `${who}: sessions live ${realm.ssoSessionMaxLifespan} s (ssoSessionMaxLifespan), and so may tokens of a client with a ` +
            `lifespan of its own; 1 to ${LONGEST_TOKEN_SECONDS} is allowed`,
        ]
      : []),
    ...findPairs(realm, workloads).map(
      ([one, other]) =>
        `${who}: one token for the agents '${one}' and '${other}' can be asked for, and no policy refuses it; ` +
        "add one to clientPolicies with a condition on each one's client scope",
    ),
    ...realm.clients.flatMap(({ clientId, fullScopeAllowed }) =>
      fullScopeAllowed
        ? [
            `${who}, client '${clientId}': with fullScopeAllowed every token carries all of its roles; set it to false`,
          ]
        : [],
    ),
  ];
}

/** Agents that one request may be for: the first such pair. */
function findPairs(realm: KeycloakRealm, workloads: readonly AgentWorkload[]): [string, string][] {
  const refusing = realm.clientPolicies.policies.filter(
    ({ enabled, profiles }) => enabled && profiles.includes(REFUSED),
  );
  const isRefused = (one: string, other: string) =>
    refusing.some(({ conditions }) =>
      conditions.every(({ configuration: { scopes } }) => scopes.includes(one) || scopes.includes(other)),
    );
  return workloads
    .flatMap((one, place) => workloads.slice(place + 1).map((other) => [one, other] as const))
    .filter(([one, other]) => !isRefused(one.route.scope, other.route.scope))
    .map(([one, other]): [string, string] => [one.name, other.name])
    .slice(0, 1);
}
