"""Takes a customer's request apart, delegates the parts, and answers with the whole."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from a2a.client.errors import A2AClientError

from a2a_fleet.app import Tools
from a2a_fleet.peers import Peers, text_of
from a2a_fleet.skill import AnswerPart, Skill, SkillRequest
from agent.skills.texts import sentences_of, shared_words

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Part:
    """What one agent is asked."""

    agent: str
    url: str
    skill: str
    text: str


def delegate(tools: Tools) -> Skill:
    async def answer(request: SkillRequest) -> AsyncIterator[AnswerPart]:
        parts = await _take_apart(tools.peers, request.text)
        if not parts:
            agents = ", ".join(sorted(await tools.peers.find()))
            yield f"None of the agents that I may ask ({agents or 'there are none'}) has a skill for that."
            return
        yield f"I ask {', '.join(part.agent for part in parts)}.\n"
        for asked in asyncio.as_completed([_ask(tools.peers, part) for part in parts]):
            part, text = await asked
            yield f"\n## {part.agent}\n{text}\n"

    return answer


async def _ask(peers: Peers, part: _Part) -> tuple[_Part, str]:
    try:
        return part, text_of(await peers.ask(part.url, part.skill, part.text))
    except A2AClientError as error:
        # What the others say is still worth having.
        logger.warning("an agent gave no answer: %s", error, extra={"agent": part.agent})
        return part, f"gave no answer: {error}"


async def _take_apart(peers: Peers, text: str) -> list[_Part]:
    """Gives each sentence to the agent whose skill has most words in common with it."""
    skills = [
        (name, url, skill.id, f"{skill.name} {skill.description} {' '.join(skill.tags)}")
        for name, url in sorted((await peers.find()).items())
        for skill in (await peers.card(url)).skills
    ]
    asked: dict[tuple[str, str, str], list[str]] = {}
    for sentence in sentences_of(text):
        scored = [(shared_words(sentence, about), agent, url, skill) for agent, url, skill, about in skills]
        best = max(scored, default=(0, "", "", ""), key=lambda found: found[0])
        if best[0] > 0:
            asked.setdefault(best[1:], []).append(sentence)
    return [_Part(agent, url, skill, " ".join(texts)) for (agent, url, skill), texts in asked.items()]
