"""States of a task after which nobody works on it."""

from a2a.types.a2a_pb2 import TaskState

# For good: however a task ended, that stays.
ENDED = frozenset(
    {
        TaskState.TASK_STATE_COMPLETED,
        TaskState.TASK_STATE_FAILED,
        TaskState.TASK_STATE_CANCELED,
        TaskState.TASK_STATE_REJECTED,
    }
)
# Nobody works on a task that waits for its caller, so it needs no lease.
RESTING = ENDED | {TaskState.TASK_STATE_INPUT_REQUIRED, TaskState.TASK_STATE_AUTH_REQUIRED}
