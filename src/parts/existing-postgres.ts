import type { Construct } from "constructs";
import { databaseOf, postgresVariables, secretVariables } from "../agent/agent-variables";
import { type ExistingPostgres, passwordSecretOf } from "../environment/existing-postgres";
import type { AgentBinding, IAgentDependency } from "./agent-dependency";
import { wayToHost } from "./way-to";

/** How an agent of one platform reads a secret: with its identity, as a variable. */
export type ReadSecret<I> = (
  scope: Construct,
  secret: { readonly name: string; readonly variable: string },
  identity: I,
) => Pick<AgentBinding, "secrets" | "grants" | "readyAfter">;

/** A Postgres that exists; the password of each agent's role is a secret that people fill in. */
export function existingPostgres<I>(
  settings: ExistingPostgres,
  readSecret: ReadSecret<I>,
): IAgentDependency<I> {
  const { host, port = 5432, cidr, sslMode = "verify-full" } = settings;
  return {
    dependencyName: `task store ${host}`,
    bind: (scope, workload, identity) => {
      if (workload.taskStore === "memory") return {};
      const name = passwordSecretOf(settings, workload.name);
      return {
        variables: postgresVariables(workload, { host, port, user: databaseOf(workload), sslMode }),
        egress: wayToHost(host, port, cidr),
        ...readSecret(scope, { name, variable: secretVariables.databasePassword }, identity),
      };
    },
  };
}
