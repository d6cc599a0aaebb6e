import { taskStoreTraits } from "../../choices/task-stores";
import { agentRule } from "../../environment/rule";

/** Another replica takes up what it can see: nothing, when tasks are in the memory of the stopped one. */
export const resumedTasksAreShared = agentRule(
  "resumed-tasks-are-shared",
  ({ resumesTasks, taskStore }, environment) => {
    if (!resumesTasks || taskStore === "shared") return undefined;
    if (!taskStoreTraits(environment.taskStore).shared) return undefined;
    return (
      "resumesTasks says that another replica takes up its tasks, and taskStore 'memory' hides them from every other; " +
      "set taskStore to 'shared', or remove resumesTasks"
    );
  },
);
