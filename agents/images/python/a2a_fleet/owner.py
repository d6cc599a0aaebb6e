"""Whose task it is: the caller's subject, by which every read and write is narrowed."""

from a2a.server.context import ServerCallContext

from a2a_fleet.auth import Caller


def owner_of(context: ServerCallContext) -> str:
    return context.user.user_name or "anonymous"


def context_of(owner: str) -> ServerCallContext:
    """A context for work on a task without a request: after a takeover."""
    return ServerCallContext(user=Caller(subject=owner, authenticated=owner != "anonymous"))
