import { agentRule } from "../../environment/rule";

/** Seconds between the end of routing and SIGTERM, and for writing the last state. */
const MARGIN_SECONDS = 10;

/** A replica that is killed before its deadline leaves a zombie task, unless another replica takes it up (E12). */
export const deadlineWithinGrace = agentRule("deadline-within-grace", (workload) => {
  const { taskDeadlineSeconds, terminationGraceSeconds, gracefulTimeoutSeconds, resumesTasks } = workload;
  if (gracefulTimeoutSeconds > terminationGraceSeconds) {
    return (
      `its workers get ${gracefulTimeoutSeconds} s to stop (gracefulTimeoutSeconds), and the replica is killed after ` +
      `${terminationGraceSeconds} s (terminationGraceSeconds); raise the second above the first`
    );
  }
  if (resumesTasks || terminationGraceSeconds >= taskDeadlineSeconds + MARGIN_SECONDS) return undefined;
  return (
    `a task may take ${taskDeadlineSeconds} s, and a stopping replica is killed after ${terminationGraceSeconds} s ` +
    `(terminationGraceSeconds); raise it to ${taskDeadlineSeconds + MARGIN_SECONDS}, shorten taskDeadlineSeconds, or set ` +
    "resumesTasks if another replica takes up a stopped task"
  );
});
