"""`python -m agent`: the container's entry point."""

from a2a_fleet.server import serve
from agent.skill_ids import SKILL_IDS

if __name__ == "__main__":
    serve("agent.app:app", SKILL_IDS)
