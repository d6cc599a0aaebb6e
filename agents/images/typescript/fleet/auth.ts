/** Who calls: the token of every request but the card's is checked here, whatever the gateway did. */
import type { User } from "@a2a-js/sdk/server";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { log } from "./logs.js";
import { Refused } from "./refusal.js";
import type { Settings } from "./settings.js";

/** Signatures with a public key only: a shared secret or none would let callers sign for themselves. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const CLOCK_SKEW_SECONDS = 30;
/** Unknown key ids make the agent ask the issuer; somebody who makes them up must not make it ask without end. */
const MS_BETWEEN_FETCHES = 5000;

/** Who a request is from. Its tasks are its own: nobody else sees them. */
export class Caller implements User {
  constructor(
    readonly userName: string = "anonymous",
    readonly roles: ReadonlySet<string> = new Set(),
    readonly isAuthenticated: boolean = false,
  ) {}
}

/** Checks tokens and roles. */
export class Gatekeeper {
  private readonly keys: JWTVerifyGetKey | undefined;

  constructor(private readonly settings: Settings) {
    if (!settings.flag("A2A_AUTH_ENABLED")) return;
    const remote = createRemoteJWKSet(new URL(settings.given("OIDC_JWKS_URL")), {
      cacheMaxAge: Number(settings.given("OIDC_JWKS_REFRESH_SECONDS")) * 1000,
      cooldownDuration: MS_BETWEEN_FETCHES,
    });
    this.keys = async (header, token) => {
      try {
        return await remote(header, token);
      } catch (error) {
        // The keys that are known stay good: an issuer that restarts must not stop the fleet.
        const known = remote.jwks();
        if (known === undefined || isAboutToken(error)) throw error;
        log.warn(`the issuer's keys can't be read: ${String(error)}`);
        return createLocalJWKSet(known)(header, token);
      }
    };
  }

  /**
   * Who sent this header.
   *
   * @throws Refused 401 with what is wrong with the token.
   */
  async identify(authorization: string | undefined): Promise<Caller> {
    if (this.keys === undefined) return new Caller();
    const [scheme, token] = (authorization ?? "").split(/\s+/);
    if (scheme?.toLowerCase() !== "bearer" || !token) {
      throw new Refused(401, "missing_token", "a bearer token is needed", { "WWW-Authenticate": "Bearer" });
    }
    const claims = await this.verify(token);
    const roles = claims[this.settings.given("OIDC_ROLES_CLAIM")] ?? [];
    const subject = String(claims.sub ?? claims.azp ?? claims.client_id);
    return new Caller(subject, new Set([roles].flat().map(String)), true);
  }

  /** @throws Refused 403 if the caller doesn't have the agent's role. */
  admit(caller: Caller): void {
    if (this.keys !== undefined) demand(caller, this.settings.given("REQUIRED_ROLE"));
  }

  /** @throws Refused 403 if the skill asks for a role that the caller doesn't have. */
  checkSkill(caller: Caller, skill: string | undefined): void {
    const role = skill === undefined ? undefined : this.settings.skillRoles[skill];
    if (role !== undefined && this.keys !== undefined) demand(caller, role);
  }

  private async verify(token: string): Promise<JWTPayload> {
    if (this.keys === undefined) throw new Error("there is no issuer to check tokens of");
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms: ALGORITHMS,
        issuer: this.settings.given("OIDC_ISSUER"),
        audience: this.settings.given("OIDC_AUDIENCE"),
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ["exp", "iss", "aud"],
      });
      return payload;
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

function refusalOf(error: unknown): Refused {
  if (error instanceof errors.JWTExpired) return badToken("expired", "the token has expired");
  if (error instanceof errors.JWKSNoMatchingKey) {
    return badToken("unknown_key", "the token is signed with a key that its issuer doesn't have");
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
    return badToken("wrong_audience", "the token is for somebody else");
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "iss") {
    return badToken("wrong_issuer", "the token is from another issuer");
  }
  if (!isAboutToken(error)) {
    log.warn(`the issuer's keys can't be read: ${String(error)}`);
    const message = "the keys of the token issuer can't be read";
    return new Refused(503, "issuer_unreachable", message, { "Retry-After": "5" });
  }
  return badToken("invalid_token", "the token is not one of this issuer");
}

/** Whether the token is wrong, rather than that the issuer's keys can't be had. */
function isAboutToken(error: unknown): boolean {
  const aboutKeys = ["ERR_JOSE_GENERIC", "ERR_JWKS_INVALID", "ERR_JWKS_TIMEOUT"];
  return error instanceof errors.JOSEError && !aboutKeys.includes(error.code);
}

function demand(caller: Caller, role: string): void {
  if (caller.roles.has(role)) return;
  const challenge = `Bearer error="insufficient_scope", scope="${role}"`;
  throw new Refused(403, "missing_role", `the role '${role}' is needed`, { "WWW-Authenticate": challenge });
}

function badToken(reason: string, message: string): Refused {
  const challenge = `Bearer error="invalid_token", error_description="${message}"`;
  return new Refused(401, reason, message, { "WWW-Authenticate": challenge });
}
