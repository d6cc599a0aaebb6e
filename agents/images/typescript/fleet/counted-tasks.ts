/** A task store whose failures are counted: what can't be written or read, whoever asked for it. */
import type { Metrics } from "./metrics.js";
import { StaleWrite, type TaskLog } from "./task-log.js";

/** The same store. A write that came too late is no failure of it. */
export function countFailures(tasks: TaskLog, metrics: Metrics): TaskLog {
  const counted = async <T>(operation: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof StaleWrite)) metrics.count("a2a_store_errors_total", { operation });
      throw error;
    }
  };
  return {
    load: (taskId, owner) => counted("load", tasks.load(taskId, owner)),
    save: (task, event, version, owner) => counted("save", tasks.save(task, event, version, owner)),
    list: (params, owner) => counted("list", tasks.list(params, owner)),
    events: (taskId, after) => tasks.events(taskId, after),
    watch: (taskId, changed) => tasks.watch(taskId, changed),
  };
}
