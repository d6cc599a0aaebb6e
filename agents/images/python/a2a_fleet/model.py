"""The model behind the fleet's gateway, for agents that have one."""

import logging
import time
from collections.abc import AsyncIterator

from openai import AsyncOpenAI, OpenAIError

from a2a_fleet.answers import AnswerCache
from a2a_fleet.metrics import Metrics
from a2a_fleet.settings import Settings

logger = logging.getLogger(__name__)

_MEASURED = "a2a_model_request_duration_seconds"


class Model:
    """Asks the gateway, in the API that LiteLLM speaks."""

    def __init__(self, settings: Settings, metrics: Metrics, answers: AnswerCache) -> None:
        self._name = settings.variables["LITELLM_MODEL"]
        self._metrics = metrics
        self._answers = answers
        for outcome in ("ok", "error"):
            metrics.begin(_MEASURED, model=self._name, outcome=outcome)
        self._client = AsyncOpenAI(
            base_url=settings.variables["LITELLM_URL"].rstrip("/") + "/v1",
            api_key=settings.variables["LITELLM_API_KEY"],
        )

    async def write(self, task: str, text: str) -> AsyncIterator[str]:
        """The model's words on a text, as they come; at once if it was asked the same before."""
        question = f"{self._name}\n{task}\n{text}"
        kept = await self._answers.get(question)
        if kept is not None:
            yield kept
            return
        words: list[str] = []
        started, outcome = time.monotonic(), "ok"
        try:
            stream = await self._client.chat.completions.create(
                model=self._name,
                messages=[{"role": "system", "content": task}, {"role": "user", "content": text}],
                stream=True,
            )
            async for chunk in stream:
                word = chunk.choices[0].delta.content if chunk.choices else None
                if word:
                    words.append(word)
                    yield word
        except OpenAIError:
            outcome = "error"
            raise
        finally:
            seconds = time.monotonic() - started
            self._metrics.observe(_MEASURED, seconds, model=self._name, outcome=outcome)
            measured = {"measured": _MEASURED, "seconds": seconds, "outcome": outcome}
            logger.info("the model answered", extra={"model": self._name, **measured})
        await self._answers.put(question, "".join(words))


def open_model(settings: Settings, metrics: Metrics, answers: AnswerCache) -> Model | None:
    """The model, if the agent has one."""
    return Model(settings, metrics, answers) if "LITELLM_MODEL" in settings.variables else None
