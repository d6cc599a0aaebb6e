import type { Rule } from "../../environment/rule";
import { skillRoles } from "../../identity/fleet-callers";

/** An agent's role is its name: a skill that asked for another agent's would be open to all who may call that one. */
export const skillRolesAreTheirOwn: Rule = {
  id: "skill-roles-are-their-own",
  find: (workloads) => {
    const owners = new Map<string, string>();
    return workloads.flatMap((workload) =>
      skillRoles(workload).flatMap((role) => {
        const agent = workloads.find(({ name }) => name === role);
        const owner = owners.get(role) ?? workload.definition;
        owners.set(role, owner);
        if (agent !== undefined) {
          return [
            `agent '${workload.name}': a skill asks for the role '${role}', which is the one of everybody who may call the agent ` +
              `'${agent.name}'; give it a name of its own, such as '${workload.definition}.${role}'`,
          ];
        }
        if (owner === workload.definition) return [];
        return [
          `agent '${workload.name}': a skill asks for the role '${role}', and so does one of '${owner}': who was granted it there ` +
            `would have it here; give it a name of its own, such as '${workload.definition}.${role}'`,
        ];
      }),
    );
  },
};
