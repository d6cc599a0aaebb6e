import type { AgentWorkload } from "../../agent/agent-workload";
import { platformTraits } from "../../choices/platforms";
import type { Environment } from "../../environment/environment";
import type { Rule } from "../../environment/rule";
import { environmentRule } from "../../environment/rule";
import { listOf } from "../../problem";

/** Whoever reaches an agent from outside its environment is somebody: agents without an issuer take every call. */
export const callersAreAuthenticated: Rule = {
  ...environmentRule("callers-are-authenticated", (environment, workloads) => {
    const open = workloads.filter((workload) => isOpen(workload, environment));
    if (open.length === 0) return [];
    const names = listOf(open.map(({ name, reach }) => `${name} (${reach})`));
    const remedies = [
      "set identityProvider ('entra' costs nothing on Azure, 'keycloak' runs anywhere)",
      ...new Set(open.flatMap(({ platform }) => platformTraits(platform).ownCallerCheck?.remedy ?? [])),
      "keep them inside (reach 'environment')",
      "or say in exceptions['callers-are-authenticated'] why not, and until when",
    ];
    return [
      `whoever reaches ${names} may call, because nobody's token or identity is checked; ${remedies.join(", ")}`,
    ];
  }),
  warns: ({ stage }) => stage !== "production",
  excusable: true,
};

function isOpen({ reach, platform }: AgentWorkload, environment: Environment): boolean {
  if (reach === "environment" || environment.identityProvider !== undefined) return false;
  return !platformTraits(platform).ownCallerCheck?.isOn(environment);
}
