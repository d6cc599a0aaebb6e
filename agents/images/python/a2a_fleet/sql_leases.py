"""Leases in a table beside the SDK's own SQL stores."""

from sqlalchemy import BigInteger, Column, Connection, DateTime, MetaData, String, Table, func, text
from sqlalchemy.ext.asyncio import AsyncEngine

from a2a_fleet.leases import DEADLINE_MARGIN_SECONDS, HOLDER, MOST_TAKEN, Lease

_metadata = MetaData()
_leases = Table(
    "task_leases",
    _metadata,
    Column("task_id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("started", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("deadline", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False, index=True),
    Column("runs", BigInteger, nullable=False),
)

_RETURNED = """
    RETURNING task_id, owner, runs,
        EXTRACT(EPOCH FROM deadline - now())::float AS seconds_left,
        EXTRACT(EPOCH FROM now() - started)::float AS age_seconds
"""
_CLAIM = text(f"""
    INSERT INTO task_leases (task_id, owner, holder, deadline, ends, runs)
    VALUES (:task_id, :owner, :holder, now() + :timeout * interval '1 second',
        now() + LEAST(:lease, :timeout) * interval '1 second', 1)
    ON CONFLICT (task_id) DO UPDATE SET owner = excluded.owner, holder = excluded.holder, started = now(),
        deadline = excluded.deadline, ends = excluded.ends, runs = 1
        WHERE task_leases.ends <= now()
    {_RETURNED}
""")
_RENEW = text("""
    UPDATE task_leases
    SET ends = LEAST(now() + :lease * interval '1 second', deadline + :margin * interval '1 second')
    WHERE holder = :holder AND task_id = ANY(:task_ids)
    RETURNING task_id
""")
_RELEASE = text("""
    DELETE FROM task_leases WHERE task_id = :task_id
    RETURNING EXTRACT(EPOCH FROM now() - started)::float AS age_seconds
""")
_HAND_OVER = text("UPDATE task_leases SET ends = now() WHERE task_id = :task_id AND holder = :holder")
# SKIP LOCKED: replicas that sweep at the same moment take different tasks.
_TAKE = text(f"""
    UPDATE task_leases SET holder = :holder, runs = runs + 1, ends = now() + :lease * interval '1 second'
    WHERE task_id IN (
        SELECT task_id FROM task_leases WHERE ends <= now() ORDER BY ends LIMIT :most FOR UPDATE SKIP LOCKED
    )
    {_RETURNED}
""")
_OVERDUE = text("SELECT count(*) FROM task_leases WHERE deadline < now()")


class SqlLeaseBook:
    """The lease book on Postgres. Each call is one statement, and the database's clock the only one."""

    def __init__(self, engine: AsyncEngine, lease_seconds: int) -> None:
        self._engine = engine
        self._lease = float(lease_seconds)

    def create_table(self, connection: Connection) -> None:
        """In the transaction of whoever sees to it that no other replica does the same."""
        _metadata.create_all(connection)

    async def claim(self, task_id: str, owner: str, timeout_seconds: float) -> Lease | None:
        rows = await self._run(
            _CLAIM, task_id=task_id, owner=owner, holder=HOLDER, lease=self._lease, timeout=float(timeout_seconds)
        )
        return Lease(**rows[0]) if rows else None

    async def renew(self, task_ids: list[str]) -> list[str]:
        rows = await self._run(
            _RENEW, holder=HOLDER, lease=self._lease, margin=DEADLINE_MARGIN_SECONDS, task_ids=task_ids
        )
        return sorted(set(task_ids) - {row["task_id"] for row in rows})

    async def release(self, task_id: str) -> float | None:
        rows = await self._run(_RELEASE, task_id=task_id)
        return rows[0]["age_seconds"] if rows else None

    async def hand_over(self, task_id: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(_HAND_OVER, {"task_id": task_id, "holder": HOLDER})

    async def take_expired(self) -> list[Lease]:
        rows = await self._run(_TAKE, holder=HOLDER, lease=self._lease, most=MOST_TAKEN)
        return [Lease(**row) for row in rows]

    async def count_overdue(self) -> int:
        return (await self._run(_OVERDUE))[0]["count"]

    async def _run(self, statement, **values) -> list[dict]:
        async with self._engine.begin() as connection:
            return [dict(row) for row in (await connection.execute(statement, values)).mappings()]
