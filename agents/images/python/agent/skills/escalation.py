"""Drafts the message that takes a problem to the people who can solve it."""

import re
from collections.abc import AsyncIterator

from a2a_fleet.app import Tools
from a2a_fleet.skill import AnswerPart, NeedsInput, Skill, SkillRequest
from agent.skills.texts import sentences_of

_TASK = (
    "Write a short escalation from the facts of a case, for the audience that is named."
    " Say what happened, what it costs, and who has to decide what until when. Add no facts."
)
_AUDIENCE = re.compile(r"\b(?:for|to) (?:the )?([a-z ]*(?:board|management|manager|team|engineers|customer|supplier))")


def draft_escalation(tools: Tools) -> Skill:
    async def answer(request: SkillRequest) -> AsyncIterator[AnswerPart]:
        facts = sentences_of(request.text)
        if not facts:
            raise NeedsInput("What has happened?")
        if tools.model is not None:
            async for word in tools.model.write(_TASK, request.text):
                yield word
            return
        audience = _AUDIENCE.search(request.text.lower())
        yield f"To: {audience.group(1).strip() if audience else 'whoever is on duty'}\n"
        yield f"Subject: {facts[0].rstrip('.!?')[:80]}\n\n"
        for fact in facts:
            yield f"- {fact}\n"
        yield "\nPlease decide how to go on, and tell us by the end of the day."

    return answer
