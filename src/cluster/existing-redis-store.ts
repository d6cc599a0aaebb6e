import { secretVariables, taskStoreVariables } from "../agent/agent-variables";
import type { ExistingRedis } from "../environment/existing-redis";
import type { IAgentDependency } from "../parts/agent-dependency";
import { wayToHost } from "../parts/way-to";
import { clusterSecret } from "./cluster-secrets";

/** A Redis that exists, whose whole URL (`rediss://…`) is in a Secret that the cluster's owner made. */
export function existingRedisStore({
  host,
  port,
  urlSecret,
  cidr,
}: ExistingRedis): IAgentDependency<unknown> {
  return {
    dependencyName: `task store ${host}`,
    bind: (_scope, workload) => {
      if (workload.taskStore !== "shared") return {};
      return {
        variables: taskStoreVariables(workload, { host, port, tls: true }),
        secrets: [clusterSecret(secretVariables.taskStoreUrl, urlSecret)],
        egress: wayToHost(host, port, cidr),
      };
    },
  };
}
