"""What an agent's author writes: a skill is an async generator that yields the parts of its answer."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# Text is appended to the answer; a dict becomes a part with data.
AnswerPart: TypeAlias = "str | dict[str, Any]"


@dataclass(frozen=True)
class SkillRequest:
    """What a caller wants of a skill."""

    skill: str
    text: str
    """The texts of the message, a line each."""
    data: list[dict[str, Any]]
    """Its data parts."""
    task_id: str
    """Also the key under which whatever must not be done twice is done once: a resumed task keeps it."""
    context_id: str
    caller: str
    resumed: bool
    """Whether another replica began this task. What it wrote is replaced by what this run yields."""
    earlier: list[str] = field(default_factory=list)
    """Texts of the caller's earlier messages to this task, oldest first."""


Skill: TypeAlias = Callable[[SkillRequest], AsyncIterator[AnswerPart]]


class NeedsInput(Exception):
    """Ends a turn with a question: the caller answers with another message to the same task."""


class Rejected(Exception):
    """Ends a task because the agent won't do it; the message says why."""
