"""Who calls: the token of every request but the card's is checked here, whatever the gateway did."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from a2a.auth.user import User

from a2a_fleet.refusal import Refused
from a2a_fleet.settings import Settings

logger = logging.getLogger(__name__)

# Signatures with a public key only: a shared secret or none would let callers sign for themselves.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_CLOCK_SKEW_SECONDS = 30
# Unknown key ids make the agent ask the issuer; somebody who makes them up must not make it ask without end.
_SECONDS_BETWEEN_FETCHES = 5


@dataclass(frozen=True)
class Caller(User):
    """Who a request is from. Its tasks are its own: nobody else sees them."""

    subject: str = "anonymous"
    roles: frozenset[str] = field(default_factory=frozenset)
    authenticated: bool = False

    @property
    def is_authenticated(self) -> bool:
        return self.authenticated

    @property
    def user_name(self) -> str:
        return self.subject


class IssuerKeys:
    """The issuer's public keys, fetched again when they are old or a token names one that isn't among them."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._url = settings.variables["OIDC_JWKS_URL"]
        self._refresh_seconds = settings.number("OIDC_JWKS_REFRESH_SECONDS", 300) or 300
        self._client = client
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key, or None if the issuer has no such key.

        Raises:
            Refused: 503, if there are no keys at all because the issuer can't be reached.
        """
        async with self._lock:
            now = time.monotonic()
            stale = now - self._fetched > self._refresh_seconds
            if (stale or key_id not in self._keys) and now - self._tried > _SECONDS_BETWEEN_FETCHES:
                self._tried = now
                await self._fetch()
        if not self._keys:
            raise Refused(503, "issuer_unreachable", "the keys of the token issuer can't be read", {"Retry-After": "5"})
        return self._keys.get(key_id)

    async def _fetch(self) -> None:
        try:
            response = await self._client.get(self._url)
            response.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            # The keys that are known stay good: an issuer that restarts must not stop the fleet.
            logger.warning("the issuer's keys can't be read from %s: %s", self._url, error)
            return
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fetched = time.monotonic()


class Gatekeeper:
    """Checks tokens and roles."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._keys = IssuerKeys(settings, client) if settings.flag("A2A_AUTH_ENABLED") else None

    async def identify(self, authorization: str | None) -> Caller:
        """Who sent this header.

        Raises:
            Refused: 401 with what is wrong with the token.
        """
        if self._keys is None:
            return Caller()
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "missing_token", "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
        claims = await self._verify(token.strip())
        roles = claims.get(self._settings.variables["OIDC_ROLES_CLAIM"], [])
        return Caller(
            subject=str(claims.get("sub") or claims.get("azp") or claims.get("client_id")),
            roles=frozenset(roles if isinstance(roles, list) else [roles]),
            authenticated=True,
        )

    def admit(self, caller: Caller) -> None:
        """
        Raises:
            Refused: 403 if the caller doesn't have the agent's role.
        """
        if self._keys is not None:
            self._demand(caller, self._settings.variables["REQUIRED_ROLE"])

    def check_skill(self, caller: Caller, skill: str) -> None:
        """
        Raises:
            Refused: 403 if the skill asks for a role that the caller doesn't have.
        """
        role = self._settings.skill_roles.get(skill)
        if role is not None and self._keys is not None:
            self._demand(caller, role)

    def _demand(self, caller: Caller, role: str) -> None:
        if role not in caller.roles:
            challenge = f'Bearer error="insufficient_scope", scope="{role}"'
            raise Refused(403, "missing_role", f"the role '{role}' is needed", {"WWW-Authenticate": challenge})

    async def _verify(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in _ALGORITHMS:
                raise jwt.InvalidAlgorithmError
            key = await self._keys.find(header.get("kid", ""))
            if key is None:
                raise _bad_token("unknown_key", "the token is signed with a key that its issuer doesn't have")
            return jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                issuer=self._settings.variables["OIDC_ISSUER"],
                audience=self._settings.variables["OIDC_AUDIENCE"],
                leeway=_CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise _bad_token("expired", "the token has expired") from None
        except jwt.InvalidAudienceError:
            raise _bad_token("wrong_audience", "the token is for somebody else") from None
        except jwt.MissingRequiredClaimError as missing:
            if missing.claim == "aud":
                raise _bad_token("wrong_audience", "the token is for nobody") from None
            raise _bad_token("invalid_token", f"the token lacks '{missing.claim}'") from None
        except jwt.InvalidIssuerError:
            raise _bad_token("wrong_issuer", "the token is from another issuer") from None
        except (jwt.PyJWTError, ValueError):
            raise _bad_token("invalid_token", "the token is not one of this issuer") from None


def _bad_token(reason: str, message: str) -> Refused:
    challenge = f'Bearer error="invalid_token", error_description="{message}"'
    return Refused(401, reason, message, {"WWW-Authenticate": challenge})
