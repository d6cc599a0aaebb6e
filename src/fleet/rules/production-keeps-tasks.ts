import { taskStoreTraits } from "../../choices/task-stores";
import { environmentRule, excusable } from "../../environment/rule";
import { listOf } from "../../problem";
import { taskStoreFor } from "../task-store-for";

/** Without a store each rollout, and each lost node, loses the tasks of everybody who waits for them. */
export const productionKeepsTasks = excusable(
  environmentRule("production-keeps-tasks", (environment, workloads) => {
    if (environment.stage !== "production") return [];
    const without = workloads.filter(
      ({ platform }) => !taskStoreTraits(taskStoreFor(environment, platform)).shared,
    );
    if (without.length === 0) return [];
    return [
      `${listOf(without.map(({ name }) => `'${name}'`))} would keep tasks in memory, and this is production, where every ` +
        "rollout would lose them; set taskStore to one that is shared",
    ];
  }),
);
