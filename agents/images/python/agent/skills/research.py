"""Summarises topics and compares technologies."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from a2a_fleet.app import Tools
from a2a_fleet.skill import AnswerPart, Skill, SkillRequest
from agent.skills.texts import sentences_of, words_of

_NOTES = json.loads(Path(__file__).parents[1].joinpath("data", "notes.json").read_text())
_SENTENCES = 3


def summarize(tools: Tools) -> Skill:
    async def answer(request: SkillRequest) -> AsyncIterator[AnswerPart]:
        if tools.model is not None:
            async for word in tools.model.write("Summarise this with its key facts and their context.", request.text):
                yield word
            return
        noted = [name for name in _NOTES if name in request.text.lower()]
        sentences = [fact for name in noted for fact in _NOTES[name]["facts"]] or _most_telling(request.text)
        for sentence in sentences:
            yield f"{sentence} "

    return answer


def compare(tools: Tools) -> Skill:
    async def answer(request: SkillRequest) -> AsyncIterator[AnswerPart]:
        if tools.model is not None:
            async for word in tools.model.write("Compare these, for and against each.", request.text):
                yield word
            return
        named = [name for name in _NOTES if name in request.text.lower()]
        if len(named) < 2:
            yield f"I have notes on {', '.join(_NOTES)}; name two of them."
            return
        for name in named:
            yield f"{name}\n"
            for side in ("for", "against"):
                for reason in _NOTES[name][side]:
                    yield f"  {side}: {reason}\n"

    return answer


def _most_telling(text: str) -> list[str]:
    """The sentences that have most in common with all others, in their own order."""
    sentences = sentences_of(text)
    common = [sum(len(words_of(one) & words_of(other)) for other in sentences) for one in sentences]
    best = sorted(range(len(sentences)), key=lambda index: -common[index])[:_SENTENCES]
    return [sentences[index] for index in sorted(best)]
