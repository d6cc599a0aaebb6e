"""Streams a task from one replica, and takes it up again at another when the stream is cut or says so.

Prints a line for each event of the first stream, and then what it knows of the task, as JSON.
"""

import asyncio
import json
import sys
import uuid

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.types.a2a_pb2 import (
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    SubscribeToTaskRequest,
    TaskState,
)
from a2a.utils.errors import A2AError

ENDED = {"COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED"}


class Seen:
    def __init__(self) -> None:
        self.task_id, self.state, self.reason, self.artifacts, self.streams = "", "", "", {}, 1

    def take(self, response) -> None:
        kind = response.WhichOneof("payload")
        if kind == "task":
            self.take_task(response.task)
        elif kind == "status_update":
            self.take_status(response.status_update.status)
        elif kind == "artifact_update":
            update = response.artifact_update
            before = self.artifacts.get(update.artifact.artifact_id, "") if update.append else ""
            self.artifacts[update.artifact.artifact_id] = before + text_of(update.artifact.parts)

    def take_task(self, task) -> None:
        self.task_id = task.id
        self.artifacts = {artifact.artifact_id: text_of(artifact.parts) for artifact in task.artifacts}
        self.take_status(task.status)

    def take_status(self, status) -> None:
        self.state = TaskState.Name(status.state).removeprefix("TASK_STATE_")
        self.reason = text_of(status.message.parts)


def text_of(parts) -> str:
    return "".join(part.text for part in parts)


async def client_of(http: httpx.AsyncClient, url: str):
    card = await A2ACardResolver(http, url).get_agent_card(http_kwargs={"headers": {"A2A-Version": "1.0"}})
    return ClientFactory(ClientConfig(httpx_client=http, streaming=True)).create(card)


async def main(first: str, second: str, text: str, skill: str) -> None:
    seen = Seen()
    message = Message(role=Role.ROLE_USER, message_id=str(uuid.uuid4()), parts=[Part(text=text)])
    message.metadata["skill"] = skill
    async with httpx.AsyncClient(timeout=60) as http:
        try:
            async for response in (await client_of(http, first)).send_message(SendMessageRequest(message=message)):
                seen.take(response)
                print(json.dumps({"state": seen.state}), flush=True)
        except A2AClientError:
            if not seen.task_id:
                raise
        other = await client_of(http, second)
        while seen.state not in ENDED and seen.streams < 20:
            seen.streams += 1
            try:
                async for response in other.subscribe(SubscribeToTaskRequest(id=seen.task_id)):
                    seen.take(response)
            except (A2AClientError, A2AError):
                # It ended before it could be subscribed to: its last state says how.
                seen.take_task(await other.get_task(GetTaskRequest(id=seen.task_id)))
    result = {
        "taskId": seen.task_id,
        "state": seen.state,
        "reason": seen.reason,
        "text": "".join(seen.artifacts.values()),
        "streams": seen.streams,
    }
    print(json.dumps(result), flush=True)


asyncio.run(main(*sys.argv[1:]))
