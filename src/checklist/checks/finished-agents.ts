import type { AgentWorkload } from "../../agent/agent-workload";
import type { Check, ChecklistSubject, Finding, Level } from "../checklist-item";
import { type FinishedAgent, findFinishedAgents } from "../finished-agents";

/** What is wrong keeps production back, and is said elsewhere. */
export function atStake({ environment }: ChecklistSubject): Level {
  return environment.stage === "production" ? "error" : "warning";
}

/** Asks each agent together with what finished stacks make of it; an agent that they don't have is a finding itself. */
function eachFinishedAgent(
  find: (agent: FinishedAgent, workload: AgentWorkload, subject: ChecklistSubject) => string | undefined,
): Check {
  return (subject) => {
    const finished = findFinishedAgents(subject.stacks);
    return subject.workloads.flatMap((workload): Finding[] => {
      const { name } = workload;
      const agent = finished.find((each) => each.name === name);
      if (agent === undefined) {
        return [
          { level: "error", agent: name, message: `agent '${name}': no stack has a container of that name` },
        ];
      }
      const problem = find(agent, workload, subject);
      if (problem === undefined) return [];
      return [
        {
          level: atStake(subject),
          agent: name,
          address: agent.address,
          message: `agent '${name}': ${problem}`,
        },
      ];
    });
  };
}

/** The advertised address is the one that callers use. */
export const advertisesItsUrl = eachFinishedAgent(({ variables }, { route }) => {
  const url = variables.get("AGENT_URL");
  // What only a plan knows is a reference in one place and a marker in the other.
  const expected = route.publicUrl.split("<known after deploy>");
  const isSame = expected.every((part) => url?.includes(part));
  return isSame
    ? undefined
    : `AGENT_URL is ${url ?? "not set"}, and callers use ${route.publicUrl}; give them one source`;
});

export const isProbed = eachFinishedAgent(({ probes }) =>
  probes.liveness === undefined || probes.readiness === undefined
    ? "nothing asks whether it lives and is ready; give it both probes"
    : undefined,
);

export const takesNoPlainHttp = eachFinishedAgent(({ takesPlainHttp }) =>
  takesPlainHttp ? "its ingress takes plain HTTP; turn allow_insecure_connections off" : undefined,
);

/** Where the platform refuses root itself, nobody needs to look into the image. */
export const refusesRoot: Check = (subject) => {
  const finished = findFinishedAgents(subject.stacks);
  return subject.workloads.flatMap(({ name }) =>
    finished.some((agent) => agent.name === name && agent.refusesRoot)
      ? []
      : [{ level: "note", agent: name, message: `agent '${name}': its platform would run it as root` }],
  );
};

/** A variable that every agent is given. */
export function isGiven(variable: string, what: string): Check {
  return eachFinishedAgent(({ variables, secrets }) =>
    variables.has(variable) || secrets.includes(variable)
      ? undefined
      : `${variable} isn't given to it, and with it ${what}`,
  );
}

/** The deadline that an agent is given, and the time that a worker has for a request, are one story. */
export const knowsItsDeadline = eachFinishedAgent(({ variables }, { taskDeadlineSeconds }) => {
  const deadline = Number(variables.get("TASK_TIMEOUT_MS"));
  const heartbeat = Number(variables.get("SSE_HEARTBEAT_SECONDS") ?? Number.POSITIVE_INFINITY);
  const request = Number(variables.get("REQUEST_TIMEOUT_SECONDS"));
  if (deadline !== taskDeadlineSeconds * 1000) {
    return `TASK_TIMEOUT_MS is ${variables.get("TASK_TIMEOUT_MS") ?? "not set"}, and its tasks have ${taskDeadlineSeconds} s`;
  }
  return request > Math.min(taskDeadlineSeconds, heartbeat)
    ? undefined
    : `its worker is stopped after ${request} s in a request, before the task's ${taskDeadlineSeconds} s are over; raise requestTimeoutSeconds or send heartbeats`;
});

/** What looks like a secret has no plain value: it comes from a vault or a Kubernetes Secret. */
export const takesSecretsByReference = eachFinishedAgent(({ variables }) => {
  const plain = [...variables].find(
    ([name, value]) =>
      /(?:_|^)(?:PASSWORD|SECRET|API_KEY|ACCESS_KEY|PRIVATE_KEY)$/.test(name) && value !== "",
  );
  return plain === undefined
    ? undefined
    : `${plain[0]} has a plain value; name a secret of the vault in 'secrets' instead`;
});
