import { fleetCallers, skillRoles } from "../../agent/fleet-callers";
import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";
import type { Rule } from "../rule";

/** Who may call is written in several places: a name that is nobody's would be a client that nobody expects. */
export const callersExist: Rule = {
  id: "callers-exist",
  find: (workloads, environment) => {
    const { identityProvider } = environment;
    if (identityProvider === undefined || identityProvider.kind === "existing") return [];
    const { applications = {}, skillRoles: granted = {} } = identityProvider;
    const who = `environment '${environment.name}': identityProvider`;
    const agents = workloads.map(({ name }) => name);
    const callers = fleetCallers(workloads, environment);
    const twice = callers.find(
      ({ name }, index) => callers.findIndex((other) => other.name === name) !== index,
    );
    return [
      ...Object.entries(applications).flatMap(([application, calls]) => [
        ...findNameProblems("agent", application, `${who}.applications`).map(({ message }) => message),
        ...calls
          .filter((agent) => !agents.includes(agent))
          .map(
            (agent) =>
              `${who}.applications: '${application}' calls '${agent}', which is not in this environment (${listOf(agents)}); correct the name`,
          ),
      ]),
      ...(twice === undefined
        ? []
        : [
            `${who}: two callers are called '${twice.name}' (agent, customer-<customer> or application); rename one`,
          ]),
      ...Object.entries(granted).flatMap(([name, roles]) => {
        const caller = callers.find((candidate) => candidate.name === name);
        if (caller === undefined) {
          return [
            `${who}.skillRoles: '${name}' calls nobody (callers: ${listOf(callers.map((each) => each.name))}); correct the name`,
          ];
        }
        const known = workloads.filter((agent) => caller.calls.includes(agent.name)).flatMap(skillRoles);
        return roles
          .filter((role) => !known.includes(role))
          .map(
            (role) =>
              `${who}.skillRoles: no skill of the agents that '${name}' calls asks for the role '${role}' (${listOf(known)}); ` +
              "correct the name, or remove it",
          );
      }),
    ];
  },
};
