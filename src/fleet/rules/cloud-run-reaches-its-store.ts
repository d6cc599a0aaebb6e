import { platformTraits } from "../../choices/platforms";
import { taskStoreTraits } from "../../choices/task-stores";
import { agentRule } from "../../environment/rule";
import { taskStoreFor } from "../task-store-for";

/** A store that the agent's platform has no way to fails at the first task. */
export const cloudRunReachesItsStore = agentRule(
  "cloud-run-reaches-its-store",
  ({ platform, taskStore }, environment) => {
    if (taskStore === "memory") return undefined;
    const store = taskStoreTraits(taskStoreFor(environment, platform));
    return platformTraits(platform).storeOutOfReach?.(store);
  },
);
