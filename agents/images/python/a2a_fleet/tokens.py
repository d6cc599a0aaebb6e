"""Tokens: for the agents that this one calls, and for a database that takes the managed identity's."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import jwt

from a2a_fleet.settings import Settings

# A token that is about to expire would do so on its way.
_SPARE_SECONDS = 60
_POSTGRES_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"


@dataclass(frozen=True)
class _Token:
    text: str
    expires: float


class PeerTokens:
    """Gets and keeps tokens for the agents that this one calls, each until shortly before it expires."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self._scopes: dict[str, str] = settings.document("AGENT_SCOPES") or {}
        self._identity_audiences: dict[str, str] = settings.document("PEER_TOKEN_AUDIENCES") or {}
        self._tokens: dict[str, _Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._credential = None

    async def headers_for(self, base_url: str) -> dict[str, str]:
        """Headers to call the agent at this base URL with: none where nobody asks for a token."""
        headers: dict[str, str] = {}
        scope = self._scopes.get(base_url)
        if scope is not None and self._settings.flag("A2A_AUTH_ENABLED"):
            headers["Authorization"] = f"Bearer {await self._cached(scope, lambda: self._agent_token(scope))}"
        audience = self._identity_audiences.get(base_url)
        if audience is not None:
            token = await self._cached(f"identity {audience}", lambda: asyncio.to_thread(_identity_token, audience))
            headers[self._settings.variables["PEER_TOKEN_HEADER"]] = f"Bearer {token}"
        return headers

    async def _cached(self, key: str, fetch: Callable[[], Awaitable[_Token]]) -> str:
        async with self._locks.setdefault(key, asyncio.Lock()):
            token = self._tokens.get(key)
            if token is None or token.expires < time.time() + _SPARE_SECONDS:
                token = self._tokens[key] = await fetch()
            return token.text

    async def _agent_token(self, scope: str) -> _Token:
        """By client credentials where the issuer knows this agent as a client, by managed identity at Entra. On Cloud Run
        the client's credential is what Google says of the service account."""
        variables = self._settings.variables
        if "A2A_CLIENT_ID" in variables:
            client = {"client_id": variables["A2A_CLIENT_ID"], "client_secret": variables["A2A_CLIENT_SECRET"]}
        elif "A2A_FEDERATED_CLIENT_ID" in variables:
            said = await asyncio.to_thread(_identity_token, variables["A2A_ASSERTION_AUDIENCE"])
            client = {
                "client_id": variables["A2A_FEDERATED_CLIENT_ID"],
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": said.text,
            }
        else:
            return await asyncio.to_thread(self._managed_identity_token, scope)
        asked = {"grant_type": "client_credentials", "scope": scope, **client}
        answer = await self._client.post(variables["OIDC_TOKEN_URL"], data=asked)
        answer.raise_for_status()
        body = answer.json()
        return _Token(body["access_token"], time.time() + float(body.get("expires_in", 0)))

    def _managed_identity_token(self, scope: str) -> _Token:
        from azure.identity import DefaultAzureCredential

        # Reads AZURE_CLIENT_ID, and finds workload identity and managed identity alike.
        self._credential = self._credential or DefaultAzureCredential()
        token = self._credential.get_token(scope)
        return _Token(token.token, token.expires_on)


def _identity_token(audience: str) -> _Token:
    """A token of the service account, for Cloud Run's own check in front of an agent."""
    from google.auth.transport.requests import Request
    from google.oauth2.id_token import fetch_id_token

    text = fetch_id_token(Request(), audience)
    return _Token(text, float(jwt.decode(text, options={"verify_signature": False})["exp"]))


def azure_postgres_password() -> Callable[[], str]:
    """The password of a role that logs in with Entra, asked for at each new connection."""
    from azure.identity import DefaultAzureCredential

    credential = DefaultAzureCredential()
    return lambda: credential.get_token(_POSTGRES_SCOPE).token
