import { keyspaceOf } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import { redisUserRules } from "../../agent/redis-user";
import { type Container, healthCheck, KEPT_RUNNING } from "./container";

const IMAGE = "docker.io/library/redis:8.2.3";
const USERS = "redis-users.acl";
const PROBE_PASSWORD = "redis-probe-password";

/** Name of the secret with an agent's password at Redis. */
export function redisPasswordSecret(agent: string): string {
  return `${agent}-redis-password`;
}

/** A Redis in which each of these agents is a user of its own. */
export function redisContainer(
  sharing: readonly AgentWorkload[],
  secretOf: (name: string) => string,
): Container {
  const users = sharing.map((workload) => {
    const user = keyspaceOf(workload);
    const password = secretOf(redisPasswordSecret(workload.name));
    return `user ${user} reset on >${password} ${redisUserRules(user).join(" ")}`;
  });
  const probe = `user probe reset on >${secretOf(PROBE_PASSWORD)} +ping`;
  return {
    name: "redis",
    service: {
      image: IMAGE,
      command: ["redis-server", "--appendonly", "yes", "--aclfile", `/run/secrets/${USERS}`],
      secrets: [USERS, PROBE_PASSWORD],
      volumes: ["redis:/data"],
      healthcheck: healthCheck(
        "sh",
        "-c",
        `REDISCLI_AUTH="$$(cat /run/secrets/${PROBE_PASSWORD})" redis-cli --user probe ping | grep -q PONG`,
      ),
      ...KEPT_RUNNING,
    },
    keeps: true,
    madeSecrets: { [USERS]: `user default off\n${probe}\n${users.join("\n")}\n` },
  };
}
