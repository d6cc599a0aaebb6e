import { environmentRule } from "../../../environment/rule";
import { listOf } from "../../../problem";
import { runsOnGoogle } from "../google-facts";

/** A host of a name that no agent has is mapped to nothing, and the agent that was meant has another. */
export const mappedAgentsExist = environmentRule("mapped-agents-exist", ({ cloudRun }, workloads) => {
  const front = cloudRun?.front;
  if (front?.kind !== "domain-mapping") return [];
  const mapped = workloads
    .filter((workload) => runsOnGoogle(workload) && workload.reach !== "environment")
    .map(({ name }) => name);
  const unknown = Object.keys(front.hosts ?? {}).filter((agent) => !mapped.includes(agent));
  if (unknown.length === 0) return [];
  return [
    `cloudRun.front.hosts names ${listOf(unknown)}, and Cloud Run shows ${listOf(mapped)} to the outside; correct the ` +
      "names, or remove them",
  ];
});
