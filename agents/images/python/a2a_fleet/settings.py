"""The variables that the fleet gives an agent, read once and checked against the contract's JSON Schema."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

# The one major version that this module was written for. A newer minor version only adds variables.
CONTRACT_MAJOR = "1"
SCHEMA = json.loads(Path(__file__).with_name("contract.schema.json").read_text())

_formats = FormatChecker(formats=())


@_formats.checks("uri")
def _is_url(value: object) -> bool:
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return False
    return bool(parts.scheme and parts.hostname)


class SettingsProblems(Exception):
    """Everything that is wrong with an environment's variables."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def find_problems(variables: Mapping[str, str], skills: Iterable[str]) -> list[str]:
    """All that keeps an agent with these skills from starting. Values of secrets are never repeated."""
    version = variables.get("A2A_CONTRACT_VERSION", "")
    if version and version.split(".")[0] != CONTRACT_MAJOR:
        return [
            f"A2A_CONTRACT_VERSION is '{version}', and this image keeps contract {CONTRACT_MAJOR}.x;"
            " deploy an image for that version, or this one from a fleet of its own"
        ]
    validator = Draft202012Validator(SCHEMA, format_checker=_formats)
    problems = [sentence for error in validator.iter_errors(dict(variables)) for sentence in _sentences(error)]
    documents, broken = _read_documents(variables)
    problems += broken
    problems += _port_problems(variables)
    if variables.get("TASK_STORE") == "memory" and variables.get("WORKERS", "1") != "1":
        problems.append(
            f"WORKERS is '{variables['WORKERS']}' and TASK_STORE is 'memory', which one process has to itself;"
            " set WORKERS to 1 or give the agent a shared task store"
        )
    known = set(skills)
    for skill in documents.get("AGENT_SKILLS", []):
        if isinstance(skill, dict) and skill.get("id") not in known:
            problems.append(
                f"AGENT_SKILLS has '{skill.get('id')}', and this image has no code for it"
                f" (it has {', '.join(sorted(known))}); deploy the image that has it"
            )
    return sorted(set(problems))


def _port_problems(variables: Mapping[str, str]) -> list[str]:
    ports = [name for name in SCHEMA["properties"] if name == "PORT" or name.endswith(("_PORT", "PGPORT"))]
    return [
        f"{name} is '{variables[name]}'; allowed is 1 to 65535"
        for name in ports
        if variables.get(name, "").isdigit() and int(variables[name]) > 65535
    ]


def _sentences(error: ValidationError) -> list[str]:
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [f"{name} is missing: {_meaning(name)}" for name in missing]
    if error.validator == "anyOf":
        names = [option["required"][0] for option in error.validator_value]
        return [f"{' or '.join(names)} is missing: {_meaning(names[0])}"]
    name = str(error.absolute_path[0]) if error.absolute_path else "a variable"
    schema = SCHEMA["properties"].get(name, {})
    given = "has a value (it is a secret)" if schema.get("x-secret") else f"is '{error.instance}'"
    allowed = f"one of {', '.join(schema['enum'])}" if "enum" in schema else _form(schema)
    return [f"{name} {given}; allowed is {allowed}: {_meaning(name)}"]


def _form(schema: dict[str, Any]) -> str:
    if schema.get("format") == "uri":
        return "a URL"
    if "pattern" in schema:
        return f"what matches {schema['pattern']}"
    return "a text that is not empty"


def _meaning(name: str) -> str:
    return SCHEMA["properties"].get(name, {}).get("description", "see the contract")


def _read_documents(variables: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The variables that hold JSON, and what is wrong with them."""
    documents: dict[str, Any] = {}
    problems: list[str] = []
    for name, schema in SCHEMA["properties"].items():
        if "contentSchema" not in schema or name not in variables:
            continue
        try:
            documents[name] = json.loads(variables[name])
        except ValueError as error:
            problems.append(f"{name} is not JSON ({error}): {_meaning(name)}")
            continue
        inside = {"$defs": SCHEMA["$defs"], **schema["contentSchema"]}
        for error in Draft202012Validator(inside).iter_errors(documents[name]):
            problems.append(f"{name}{_pointer(error)}: {error.message}")
    return documents, problems


def _pointer(error: ValidationError) -> str:
    return "".join(f"/{part}" for part in error.absolute_path)


@dataclass(frozen=True)
class Settings:
    """Checked variables, in the types that code wants. A missing one is None: there is no such thing here."""

    variables: Mapping[str, str]

    def text(self, name: str) -> str | None:
        return self.variables.get(name)

    def number(self, name: str, default: int | None = None) -> int | None:
        value = self.variables.get(name)
        return default if value is None else int(value)

    def flag(self, name: str) -> bool:
        return self.variables.get(name) == "true"

    def document(self, name: str) -> Any:
        value = self.variables.get(name)
        return None if value is None else json.loads(value)

    @cached_property
    def agent_name(self) -> str:
        return self.variables["AGENT_NAME"]

    @cached_property
    def skill_ids(self) -> list[str]:
        """The first one is meant by a message that names none."""
        return [skill["id"] for skill in self.document("AGENT_SKILLS")]

    @cached_property
    def skill_roles(self) -> dict[str, str]:
        return self.document("AGENT_SKILL_ROLES") or {}

    @cached_property
    def task_store(self) -> str:
        return self.variables["TASK_STORE"]

    @cached_property
    def task_timeout_seconds(self) -> float:
        return int(self.variables["TASK_TIMEOUT_MS"]) / 1000

    @cached_property
    def lease_seconds(self) -> int:
        return self.number("TASK_LEASE_SECONDS", 30) or 30

    @cached_property
    def resumes_tasks(self) -> bool:
        """Whether another replica takes a task over; what a process keeps to itself, nobody can."""
        return self.text("TASK_RECOVERY") == "resume" and self.task_store != "memory"

    @cached_property
    def card_bindings(self) -> set[str]:
        """Bindings on the card, each an HTTP one: `JSONRPC`, `HTTP+JSON`."""
        return {interface["protocolBinding"] for interface in self.document("AGENT_CARD")["supportedInterfaces"]}

    @cached_property
    def speaks_v03(self) -> bool:
        return "AGENT_CARD_V03" in self.variables


def read_settings(skills: Iterable[str], variables: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an agent that has these skills.

    Raises:
        SettingsProblems: with every problem there is.
    """
    problems = find_problems(variables, skills)
    if problems:
        raise SettingsProblems(problems)
    return Settings(dict(variables))
