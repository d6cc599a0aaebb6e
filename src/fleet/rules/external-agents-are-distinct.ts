import type { Rule } from "../../environment/rule";

/** Names are keys of AGENT_REGISTRY: the later one would silently replace the earlier. */
export const externalAgentsAreDistinct: Rule = {
  id: "external-agents-are-distinct",
  find: (workloads) => {
    const fleet = new Set(workloads.map(({ name }) => name));
    return workloads.flatMap(({ name: agent, externalAgents }) => {
      const names = externalAgents.map(({ name }) => name);
      return names.flatMap((name, index) => {
        const other = fleet.has(name)
          ? "an agent of the fleet"
          : names.indexOf(name) < index
            ? "another one of its external agents"
            : undefined;
        if (other === undefined) return [];
        return [
          `agent '${agent}': its external agent '${name}' has the name of ${other}; give it a name of its own`,
        ];
      });
    });
  },
};
