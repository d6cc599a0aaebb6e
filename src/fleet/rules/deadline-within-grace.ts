import { STOP_MARGIN_SECONDS } from "../../agent/task-timeouts";
import { platformTraits } from "../../choices/platforms";
import { agentRule } from "../../environment/rule";

/**
 * A replica that is stopped before its deadline leaves a task behind, unless another replica takes it up. Where the
 * platform decides the grace there is nothing to set: portability says what is lost.
 */
export const deadlineWithinGrace = agentRule("deadline-within-grace", (workload) => {
  const { taskDeadlineSeconds, terminationGraceSeconds, gracefulTimeoutSeconds, resumesTasks } = workload;
  if (platformTraits(workload.platform).graceSeconds !== undefined) return undefined;
  if (!resumesTasks && gracefulTimeoutSeconds < taskDeadlineSeconds) {
    return (
      `a task may take ${taskDeadlineSeconds} s, and the workers of a stopping replica get ${gracefulTimeoutSeconds} s ` +
      `(gracefulTimeoutSeconds); leave gracefulTimeoutSeconds out, raise it to ${taskDeadlineSeconds}, shorten ` +
      "taskDeadlineSeconds, or set resumesTasks if another replica takes up a stopped task"
    );
  }
  if (terminationGraceSeconds >= gracefulTimeoutSeconds + STOP_MARGIN_SECONDS) return undefined;
  return (
    `its workers get ${gracefulTimeoutSeconds} s to stop (gracefulTimeoutSeconds), and the replica is killed after ` +
    `${terminationGraceSeconds} s (terminationGraceSeconds), ${STOP_MARGIN_SECONDS} s of which pass before and after; ` +
    `leave terminationGraceSeconds out, or raise it to ${gracefulTimeoutSeconds + STOP_MARGIN_SECONDS}`
  );
});
