"""The application of one worker: the fleet's module around these skills."""

import os
from collections.abc import Mapping

from starlette.types import ASGIApp

from a2a_fleet.app import Tools, create_app
from a2a_fleet.skill import Skill
from agent.skill_ids import SKILL_IDS
from agent.skills.anomaly import detect_anomalies
from agent.skills.contracts import find_clause
from agent.skills.escalation import draft_escalation
from agent.skills.orchestrator import delegate
from agent.skills.research import compare, summarize


def _skills(tools: Tools) -> Mapping[str, Skill]:
    return {
        "compare": compare(tools),
        "delegate": delegate(tools),
        "detect-anomalies": detect_anomalies,
        "draft-escalation": draft_escalation(tools),
        "find-clause": find_clause,
        "summarize": summarize(tools),
    }


def app() -> ASGIApp:
    """Pauses ANSWER_PACE_MS after each part of an answer, for those who want to watch one come."""
    return create_app(_skills, SKILL_IDS, pace_ms=int(os.environ.get("ANSWER_PACE_MS", "0")))
