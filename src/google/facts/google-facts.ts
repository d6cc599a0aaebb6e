import type { AgentWorkload } from "../../agent/agent-workload";

/** Whether an agent runs on Google's platform. */
export function runsOnGoogle({ platform }: Pick<AgentWorkload, "platform">): boolean {
  return platform === "cloud-run";
}
