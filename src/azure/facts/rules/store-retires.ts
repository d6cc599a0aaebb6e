import { environmentRule, type Rule } from "../../../environment/rule";

/** Said at every synthesis, with the reason that its owner gave: a retired tier is a decision with an end. */
export const storeRetires: Rule = {
  ...environmentRule("store-retires", ({ taskStore }) =>
    taskStore.kind === "redis-cache"
      ? [
          `the task store is Azure Cache for Redis, which retires on 2028-09-30 (kept because: ${taskStore.reason}); ` +
            "set taskStore to { kind: 'managed-redis' } before that",
        ]
      : [],
  ),
  warns: () => true,
};
