import type { Rule } from "../../../environment/rule";
import { listOf } from "../../../problem";
import { runsOnGoogle } from "../google-facts";

/** Cloud Run's own check knows Google identities only: everybody else is turned away before the agent sees a token. */
export const invokersCanCall: Rule = {
  id: "invokers-can-call",
  find: (workloads, { name, cloudRun }) => {
    const invokers = cloudRun?.invokers;
    if (invokers?.kind !== "callers") return [];
    const elsewhere = new Set(
      workloads.filter((workload) => !runsOnGoogle(workload)).map(({ name }) => name),
    );
    const { members = [], membersOf = {} } = invokers;
    const here = workloads.filter(runsOnGoogle).map(({ name }) => name);
    const unknown = Object.keys(membersOf).filter((agent) => !here.includes(agent));
    const misnamed =
      unknown.length === 0
        ? []
        : [
            `environment '${name}': cloudRun.invokers.membersOf names ${listOf(unknown)}, and Cloud Run has ` +
              `${listOf(here)}; correct the names, or remove them`,
          ];
    const shutOut = workloads.filter(runsOnGoogle).flatMap(({ name, callers, customerFacing }) => {
      const strangers = callers.filter((caller) => elsewhere.has(caller));
      if (strangers.length > 0) {
        return [
          `agent '${name}': cloudRun.invokers is 'callers', and without a Google identity ${listOf(strangers)} ` +
            "can't call it; set cloudRun.invokers to { kind: 'everyone' }, or run them on Cloud Run",
        ];
      }
      if (customerFacing && members.length + (membersOf[name] ?? []).length === 0) {
        return [
          `agent '${name}': it is customer-facing, and cloudRun.invokers admits agents only: no customer gets through, ` +
            "and nobody reads its card; set cloudRun.invokers to { kind: 'everyone' }, or name those who call it in 'members' or 'membersOf'",
        ];
      }
      return [];
    });
    return [...misnamed, ...shutOut];
  },
};
