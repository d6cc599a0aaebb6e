"""One conversation with the SDK's client of 1.0: URL, URL of the same agent when it is slow, text, skill, binding."""

import asyncio
import json
import sys
import uuid

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types.a2a_pb2 import (
    CancelTaskRequest,
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    SubscribeToTaskRequest,
    TaskState,
)
from a2a.utils.errors import A2AError


def state_of(task_or_update) -> str:
    return TaskState.Name(task_or_update.status.state).removeprefix("TASK_STATE_").lower()


def text_of(task) -> str:
    return "".join(part.text for artifact in task.artifacts for part in artifact.parts)


async def main(url: str, slow_url: str, text: str, skill: str, binding: str) -> None:
    def asked() -> SendMessageRequest:
        message = Message(role=Role.ROLE_USER, message_id=str(uuid.uuid4()), parts=[Part(text=text)])
        message.metadata["skill"] = skill
        return SendMessageRequest(message=message)

    async with httpx.AsyncClient(timeout=60, headers={"A2A-Version": "1.0"}) as http:

        async def client_of(base: str, streaming: bool):
            card = await A2ACardResolver(http, base).get_agent_card()
            config = ClientConfig(
                httpx_client=http,
                streaming=streaming,
                supported_protocol_bindings=[binding],
                use_client_preference=True,
            )
            return card, ClientFactory(config).create(card)

        card, calling = await client_of(url, False)
        sent = [response.task async for response in calling.send_message(asked())][-1]
        _, streaming = await client_of(url, True)
        states = []
        async for response in streaming.send_message(asked()):
            kind = response.WhichOneof("payload")
            if kind in ("task", "status_update"):
                states.append(state_of(getattr(response, kind)))
        got = await calling.get_task(GetTaskRequest(id=sent.id))

        _, slow = await client_of(slow_url, True)
        first = slow.send_message(asked())
        task_id = (await anext(first)).task.id
        second = slow.subscribe(SubscribeToTaskRequest(id=task_id))
        await anext(second)
        canceled = await slow.cancel_task(CancelTaskRequest(id=task_id))
        ends = []
        for stream in (first, second):
            last = [response async for response in stream][-1]
            ends.append(state_of(getattr(last, last.WhichOneof("payload"))))
        try:
            await slow.cancel_task(CancelTaskRequest(id=task_id))
            again = "canceled"
        except A2AError:
            again = "refused"
    said = {
        "name": card.name,
        "sent": state_of(sent),
        "streamed": [states[0], states[-1]],
        "text": text_of(got),
        "canceled": state_of(canceled),
        "ends": ends,
        "again": again,
    }
    print(json.dumps(said))


asyncio.run(main(*sys.argv[1:]))
