import { issuerTraits } from "../../choices/issuers";
import { environmentRule } from "../../environment/rule";
import { callerGrantsOf } from "../../identity/caller-grants";
import { fleetCallers, skillRoles } from "../../identity/fleet-callers";
import { findNameProblems } from "../../naming";
import { listOf } from "../../problem";

/** Who may call is written in several places: a name that is nobody's would be a client that nobody expects. */
export const callersExist = environmentRule("callers-exist", (environment, workloads) => {
  const { identityProvider } = environment;
  if (identityProvider === undefined || !issuerTraits(identityProvider).hasClients) return [];
  const { applications = {}, skillRoles: granted = {} } = callerGrantsOf(environment);
  const agents = workloads.map(({ name }) => name);
  const callers = fleetCallers(workloads, environment);
  const names = callers.map(({ name }) => name);
  // An agent that calls nobody is no caller, and has its place at the issuer all the same.
  const twice =
    names.find((name, index) => names.indexOf(name) !== index) ??
    agents.find((agent) => Object.hasOwn(applications, agent));
  return [
    ...Object.entries(applications).flatMap(([application, calls]) => [
      ...findNameProblems("agent", application, "identityProvider.applications").map(
        ({ message }) => message,
      ),
      ...calls
        .filter((agent) => !agents.includes(agent))
        .map(
          (agent) =>
            `identityProvider.applications: '${application}' calls '${agent}', which is not in this environment ` +
            `(${listOf(agents)}); correct the name`,
        ),
    ]),
    ...(twice === undefined
      ? []
      : [
          `two callers are called '${twice}' (an agent, customer-<customer>, or one of identityProvider.applications); ` +
            "rename one",
        ]),
    ...Object.entries(granted).flatMap(([name, roles]) => {
      const caller = callers.find((candidate) => candidate.name === name);
      if (caller === undefined) {
        return [
          `identityProvider.skillRoles: '${name}' calls nobody (${listOf(callers.map((each) => each.name))} do); correct the name`,
        ];
      }
      const known = workloads.filter((agent) => caller.calls.includes(agent.name)).flatMap(skillRoles);
      return roles
        .filter((role) => !known.includes(role))
        .map(
          (role) =>
            `identityProvider.skillRoles: no skill of the agents that '${name}' calls asks for the role '${role}' ` +
            `(${listOf(known)}); correct the name, or remove it`,
        );
    }),
  ];
});
