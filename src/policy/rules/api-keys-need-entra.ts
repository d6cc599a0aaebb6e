import type { Rule } from "../rule";

/** Agents check tokens in any case: who calls with a key needs one from the gateway, and only Entra gives it one as itself. */
export const apiKeysNeedEntra: Rule = {
  id: "api-keys-need-entra",
  find: (workloads, { name, gateway, identityProvider }) => {
    const applications = Object.entries(gateway?.applications ?? {});
    if (applications.length === 0) return [];
    const who = `environment '${name}': gateway.applications`;
    if (identityProvider?.kind !== "entra") {
      return [
        `${who} call with API keys, and agents check tokens, which the gateway gets for them from Entra alone; ` +
          "set identityProvider to kind 'entra', or name them in identityProvider.applications and give them tokens",
      ];
    }
    const agents = workloads.map((workload) => workload.name);
    return applications.flatMap(([application, calls]) =>
      calls
        .filter((agent) => !agents.includes(agent))
        .map(
          (agent) =>
            `${who}: '${application}' calls '${agent}', which is not in this environment (${agents.join(", ")})`,
        ),
    );
  },
};
