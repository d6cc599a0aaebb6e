"""Looks up what a contract says."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from a2a_fleet.skill import AnswerPart, SkillRequest
from agent.skills.texts import shared_words

_CONTRACTS = json.loads(Path(__file__).parents[1].joinpath("data", "contracts.json").read_text())


async def find_clause(request: SkillRequest) -> AsyncIterator[AnswerPart]:
    """Quotes the clause that has most words in common with the question."""
    clauses = [
        (shared_words(request.text, f"{contract['party']} {clause['title']} {clause['text']}"), contract, clause)
        for contract in _CONTRACTS
        for clause in contract["clauses"]
    ]
    score, contract, clause = max(clauses, key=lambda found: found[0])
    if score == 0:
        yield "No clause of any contract is about that."
        return
    yield f"Contract with {contract['party']}, clause {clause['number']}, {clause['title']}:\n"
    yield f"“{clause['text']}”"
    yield {"contract": contract["id"], "clause": clause["number"]}
