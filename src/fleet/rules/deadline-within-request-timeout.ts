import { DEADLINE_MARGIN_SECONDS } from "../../agent/task-timeouts";
import { agentRule } from "../../environment/rule";

/** A worker that is silent for longer than its timeout is restarted, and every task in it is lost. */
export const deadlineWithinRequestTimeout = agentRule("deadline-within-request-timeout", (workload) => {
  const { taskDeadlineSeconds, requestTimeoutSeconds, heartbeatSeconds } = workload;
  const least = taskDeadlineSeconds + DEADLINE_MARGIN_SECONDS;
  if (requestTimeoutSeconds >= least) return undefined;
  if (heartbeatSeconds !== null && heartbeatSeconds < requestTimeoutSeconds) return undefined;
  const silence =
    heartbeatSeconds === null
      ? "it sends no heartbeats"
      : `its heartbeats are ${heartbeatSeconds} s apart (heartbeatSeconds)`;
  return (
    `a task may take ${taskDeadlineSeconds} s, ${silence}, and a worker that is silent for ${requestTimeoutSeconds} s ` +
    `(requestTimeoutSeconds) is restarted with all its tasks; leave requestTimeoutSeconds out, raise it to ${least}, or ` +
    `set heartbeatSeconds below ${requestTimeoutSeconds}`
  );
});
