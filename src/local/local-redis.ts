import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { keyspaceOf, secretVariables, taskStoreVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import { redisUserRules } from "../agent/redis-user";
import { freePort } from "./free-port";
import { temporaryFolder } from "./guard";
import { type Part, startPart } from "./part";
import type { RunningStore } from "./running-store";

/** Starts a Redis where each agent is a user that reaches its own keys alone; what it holds ends with it. */
export async function startRedis(
  workloads: readonly AgentWorkload[],
  passwordOf: (workload: AgentWorkload) => string,
  onLine: (line: string) => void,
): Promise<RunningStore> {
  const { folder, remove } = temporaryFolder("redis");
  const port = await freePort();
  const users = workloads.map((workload) => {
    const user = keyspaceOf(workload);
    return `user ${user} reset on >${passwordOf(workload)} ${redisUserRules(user).join(" ")}`;
  });
  writeFileSync(join(folder, "users.acl"), `user default off\n${users.join("\n")}\n`, { mode: 0o600 });
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--aclfile", "users.acl"];
  const part = startPart({
    name: "redis",
    program: "redis-server",
    args: [...settings, "--appendonly", "yes", "--save", "", "--dir", folder, "--loglevel", "warning"],
    folder,
    variables: { PATH: process.env.PATH ?? "" },
    onLine,
  });
  await listening(port, part);
  return {
    part,
    variablesFor: (workload) => {
      const username = keyspaceOf(workload);
      const password = passwordOf(workload);
      return {
        ...taskStoreVariables(workload, { host: "127.0.0.1", port, tls: false, username }),
        [secretVariables.taskStoreUrl]: `redis://${username}:${password}@127.0.0.1:${port}`,
      };
    },
    remove,
  };
}

/** @throws Error when the process ends first. */
export async function listening(port: number, { name, ended }: Part): Promise<void> {
  let over: number | NodeJS.Signals | undefined;
  ended.then((code) => {
    over = code;
  });
  while (!(await answers(port))) {
    if (over !== undefined) throw new Error(`${name} ended with ${over} before it listened`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
