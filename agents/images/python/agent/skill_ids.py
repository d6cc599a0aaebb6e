"""Ids of the skills that this image has code for. Apart from the skills, so that a wrong environment is told at once."""

SKILL_IDS = {
    "compare",
    "delegate",
    "detect-anomalies",
    "draft-escalation",
    "find-clause",
    "summarize",
}
