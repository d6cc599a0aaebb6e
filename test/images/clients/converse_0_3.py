"""The conversation of converse_1_0.py with the last client of 0.3."""

import asyncio
import json
import sys
import uuid

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.types import Message, Part, Role, TaskIdParams, TaskQueryParams, TextPart, TransportProtocol


def text_of(task) -> str:
    parts = [part.root for artifact in task.artifacts or [] for part in artifact.parts]
    return "".join(part.text for part in parts if part.kind == "text")


async def main(url: str, slow_url: str, text: str, skill: str, binding: str) -> None:
    def asked() -> Message:
        return Message(
            role=Role.user,
            message_id=str(uuid.uuid4()),
            parts=[Part(root=TextPart(text=text))],
            metadata={"skill": skill},
        )

    async with httpx.AsyncClient(timeout=60) as http:

        async def client_of(base: str, streaming: bool):
            card = await A2ACardResolver(http, base).get_agent_card()
            config = ClientConfig(
                httpx_client=http,
                streaming=streaming,
                supported_transports=[TransportProtocol(binding)],
                use_client_preference=True,
            )
            return card, ClientFactory(config).create(card)

        card, calling = await client_of(url, False)
        sent = [event[0] async for event in calling.send_message(asked())][-1]
        _, streaming = await client_of(url, True)
        states = [task.status.state.value async for task, _ in streaming.send_message(asked())]
        got = await calling.get_task(TaskQueryParams(id=sent.id))

        _, slow = await client_of(slow_url, True)
        first = slow.send_message(asked())
        task_id = (await anext(first))[0].id
        second = slow.resubscribe(TaskIdParams(id=task_id))
        await anext(second)
        canceled = await slow.cancel_task(TaskIdParams(id=task_id))
        ends = [[task.status.state.value async for task, _ in stream][-1] for stream in (first, second)]
        try:
            await slow.cancel_task(TaskIdParams(id=task_id))
            again = "canceled"
        except A2AClientError:
            again = "refused"
    said = {
        "name": card.name,
        "sent": sent.status.state.value,
        "streamed": [states[0], states[-1]],
        "text": text_of(got),
        "canceled": canceled.status.state.value,
        "ends": ends,
        "again": again,
    }
    print(json.dumps(said))


asyncio.run(main(*sys.argv[1:]))
