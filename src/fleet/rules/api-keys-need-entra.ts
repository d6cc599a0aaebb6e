import { issuerTraits } from "../../choices/issuers";
import { environmentRule } from "../../environment/rule";
import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";

/** Agents check tokens in any case: who calls with a key needs one from the gateway, and only Entra gives it one as itself. */
export const apiKeysNeedEntra = environmentRule(
  "api-keys-need-entra",
  ({ gateway, identityProvider }, workloads) => {
    const applications = Object.entries(gateway?.applications ?? {});
    if (applications.length === 0) return [];
    if (identityProvider === undefined || !issuerTraits(identityProvider).knowsGateways) {
      return [
        "gateway.applications call with API keys, and agents check tokens, which the gateway gets for them from Entra alone; " +
          "set identityProvider to kind 'entra', or name them in identityProvider.applications and give them tokens",
      ];
    }
    const agents = workloads.map(({ name }) => name);
    return applications.flatMap(([application, calls]) => [
      ...findNameProblems("agent", application, "gateway.applications").map(({ message }) => message),
      ...calls
        .filter((agent) => !agents.includes(agent))
        .map(
          (agent) =>
            `gateway.applications: '${application}' calls '${agent}', which is not in this environment (${listOf(agents)}); ` +
            "correct the name",
        ),
    ]);
  },
);
