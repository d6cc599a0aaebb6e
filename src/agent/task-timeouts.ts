import type { AgentDefinition } from "./agent-definition";

/** How long an agent's workers wait, so that a task ends by itself and says why, whatever stops them. */
export interface TaskTimeouts {
  readonly requestTimeoutSeconds: number;
  readonly gracefulTimeoutSeconds: number;
  readonly terminationGraceSeconds: number;
  readonly taskLeaseSeconds: number;
}

/** Seconds between the deadline and whatever would cut the task: for its last state, and for its way to the caller. */
export const DEADLINE_MARGIN_SECONDS = 10;

/** Seconds of a replica's end in which workers don't finish tasks: before SIGTERM, while routing ends, and at the end. */
export const STOP_MARGIN_SECONDS = 10;

/** Seconds after which a stopped replica's tasks are somebody else's; half of it passes between two looks for them. */
const LONGEST_LEASE_SECONDS = 30;

/**
 * Decides what a definition leaves open: every wait follows from the deadline.
 *
 * @param taskDeadlineSeconds the environment's own, where it has one
 * @param platformGraceSeconds seconds between SIGTERM and SIGKILL where the platform decides them
 */
export function taskTimeouts(
  definition: AgentDefinition,
  taskDeadlineSeconds: number,
  platformGraceSeconds = Number.POSITIVE_INFINITY,
): TaskTimeouts {
  const whole = definition.resumesTasks ? 30 : Math.max(30, taskDeadlineSeconds);
  const gracefulTimeoutSeconds = definition.gracefulTimeoutSeconds ?? whole;
  return {
    requestTimeoutSeconds:
      definition.requestTimeoutSeconds ?? Math.max(120, taskDeadlineSeconds + DEADLINE_MARGIN_SECONDS),
    gracefulTimeoutSeconds: Math.min(gracefulTimeoutSeconds, longestStop(platformGraceSeconds)),
    terminationGraceSeconds:
      definition.terminationGraceSeconds ?? Math.max(120, gracefulTimeoutSeconds + STOP_MARGIN_SECONDS),
    // One and a half leases at most until an orphan is found: before its deadline.
    taskLeaseSeconds: Math.max(1, Math.min(LONGEST_LEASE_SECONDS, Math.floor(taskDeadlineSeconds / 1.5))),
  };
}

/** Without routing to wait for: a platform that decides the grace ends that before SIGTERM. */
function longestStop(platformGraceSeconds: number): number {
  return Math.max(1, platformGraceSeconds - 2);
}
