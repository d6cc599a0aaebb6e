"""The agents that this one may call: given by name, or found by label through the Kubernetes API."""

import asyncio
import os
import ssl
import time
import uuid
from pathlib import Path

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.types.a2a_pb2 import (
    AgentCard,
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    StreamResponse,
    SubscribeToTaskRequest,
    Task,
)
from a2a.utils.constants import PROTOCOL_VERSION_CURRENT, VERSION_HEADER

from a2a_fleet.settings import Settings
from a2a_fleet.states import RESTING
from a2a_fleet.tokens import PeerTokens

_SERVICE_ACCOUNT = Path(os.environ.get("SERVICE_ACCOUNT_DIRECTORY", "/var/run/secrets/kubernetes.io/serviceaccount"))
_SECONDS_TO_KEEP = 60
_SECONDS_TO_RETRY = 1
# Dapr's sidecar passes a stream on as it comes only if this alone is asked for.
_STREAM_HEADERS = {"Accept": "text/event-stream"}


class Peers:
    """Finds agents, and calls them with the token that each wants."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._tokens = PeerTokens(settings, client)
        self._found: dict[str, str] = {}
        self._found_at = float("-inf")
        self._cards: dict[str, tuple[float, AgentCard]] = {}

    async def find(self) -> dict[str, str]:
        """Name to base URL. What the registry names counts before what carries the label."""
        registry: dict[str, str] = self._settings.document("AGENT_REGISTRY") or {}
        if self._settings.text("PEER_DISCOVERY_SELECTOR") is None:
            return registry
        if time.monotonic() - self._found_at > _SECONDS_TO_KEEP:
            self._found = await self._find_by_label()
            self._found_at = time.monotonic()
        return {**self._found, **registry}

    async def card(self, base_url: str) -> AgentCard:
        """The peer's card, by the SDK's own resolver at the URL exactly as it stands."""
        kept = self._cards.get(base_url)
        if kept is not None and time.monotonic() - kept[0] < _SECONDS_TO_KEEP:
            return kept[1]
        async with await self._client(base_url) as client:
            card = await A2ACardResolver(client, base_url).get_agent_card()
        self._cards[base_url] = (time.monotonic(), card)
        return card

    async def ask(self, base_url: str, skill: str, text: str) -> Task:
        """The peer's task, once it has ended or asks something back. A stream that is cut is taken up again.

        Raises:
            A2AClientError: if the peer can't be reached or doesn't let this agent in.
        """
        card = await self.card(base_url)
        message = Message(role=Role.ROLE_USER, message_id=str(uuid.uuid4()), parts=[Part(text=text)])
        message.metadata["skill"] = skill
        async with await self._client(base_url, _STREAM_HEADERS) as http:
            client = ClientFactory(ClientConfig(httpx_client=http, streaming=True)).create(card)
            events = client.send_message(SendMessageRequest(message=message))
            task_id: str | None = None
            while True:
                try:
                    async for response in events:
                        task_id = _task_id_of(response) or task_id
                except A2AClientError:
                    if task_id is None:
                        raise
                    # Its replica may be gone; another one knows the task.
                    await asyncio.sleep(_SECONDS_TO_RETRY)
                if task_id is None:
                    raise A2AClientError(f"the agent at {base_url} answered without a task")
                task = await client.get_task(GetTaskRequest(id=task_id))
                if task.status.state in RESTING:
                    return task
                events = client.subscribe(SubscribeToTaskRequest(id=task_id))

    async def _client(self, base_url: str, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        tokens = await self._tokens.headers_for(base_url)
        deadline = httpx.Timeout(10, read=self._settings.task_timeout_seconds)
        version = {VERSION_HEADER: PROTOCOL_VERSION_CURRENT}
        return httpx.AsyncClient(headers={**version, **(headers or {}), **tokens}, timeout=deadline)

    async def _find_by_label(self) -> dict[str, str]:
        namespace = self._settings.variables["PEER_DISCOVERY_NAMESPACE"]
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        authorities = ssl.create_default_context(cafile=str(_SERVICE_ACCOUNT / "ca.crt"))
        # The token is exchanged for a new one while the agent runs.
        token = (_SERVICE_ACCOUNT / "token").read_text().strip()
        async with httpx.AsyncClient(verify=authorities, timeout=5) as client:
            answer = await client.get(
                f"https://{host}:{port}/api/v1/namespaces/{namespace}/services",
                params={"labelSelector": self._settings.variables["PEER_DISCOVERY_SELECTOR"]},
                headers={"Authorization": f"Bearer {token}"},
            )
        answer.raise_for_status()
        names = [service["metadata"]["name"] for service in answer.json()["items"]]
        return {name: self._url_of(name, namespace) for name in names if name != self._settings.agent_name}

    def _url_of(self, name: str, namespace: str) -> str:
        template = self._settings.variables["PEER_URL_TEMPLATE"]
        return template.replace("{name}", name).replace("{namespace}", namespace)


def _task_id_of(response: StreamResponse) -> str | None:
    kind = response.WhichOneof("payload")
    if kind == "task":
        return response.task.id
    return getattr(response, kind).task_id if kind in ("status_update", "artifact_update") else None


def text_of(task: Task) -> str:
    """What a task says: its answer, and its last status if that has words."""
    parts = [part for artifact in task.artifacts for part in artifact.parts]
    return "".join(part.text for part in [*parts, *task.status.message.parts])
