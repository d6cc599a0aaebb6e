import { databaseOf, postgresVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { ExistingPostgres } from "../environment/existing-postgres";
import type { AgentBinding } from "./agent-dependency";
import { wayToHost } from "./way-to";

/** What one agent gets of a Postgres that exists, but for the password of its role. */
export function bindExistingPostgres(
  workload: AgentWorkload,
  { host, port = 5432, cidr, sslMode = "verify-full" }: ExistingPostgres,
): Required<Pick<AgentBinding, "variables" | "egress">> {
  return {
    variables: postgresVariables(workload, { host, port, user: databaseOf(workload), sslMode }),
    egress: wayToHost(host, port, cidr),
  };
}
