import {
  CONTRACT_VERSION,
  type ContractPart,
  type ContractVariable,
  contractVariables,
} from "../agent/agent-contract";
import type { AgentDefinition } from "../agent/agent-definition";
import { agentVariables } from "../agent/agent-variables";
import { CONTRACT_SCHEMA_FILE } from "../agent/contract-schema";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "./resolve-fleet";

/** Where the page is kept, beside this file. */
export const CONTRACT_PAGE_FILE = "CONTRACT.md";

const parts: Record<ContractPart, { readonly title: string; readonly about: string }> = {
  agent: {
    title: "From the definition and the environment",
    about: "Every agent gets these, on every platform.",
  },
  "task store": {
    title: "From the task store",
    about:
      "Tasks, the events of their streams and push-notification configurations have to be shared by all replicas: a " +
      "task store alone is not enough for a stream that is open at another replica than the one that works.",
  },
  telemetry: {
    title: "From telemetry",
    about: "The OpenTelemetry SDKs read these themselves; an agent only has to load one.",
  },
  vault: { title: "From the vault", about: "Most agents need no more than the secrets in their variables." },
  identity: {
    title: "From the platform's identity",
    about: "No credential: the identity is the credential.",
  },
  platform: {
    title: "From the platform",
    about:
      "The registry names every agent that this one may call; by label it also finds those that came later. Who may be " +
      "called is decided elsewhere: a call to any other is refused. A stream through a Dapr sidecar needs `Accept: " +
      "text/event-stream` exactly.",
  },
  "token issuer": {
    title: "From the issuer of tokens",
    about:
      "Check every request but the card's: signature against the keys, `iss`, `aud`, `exp`, and the role. A request " +
      "without a good token gets 401, one without the role 403.",
  },
  "model gateway": { title: "From the model gateway", about: "For agents whose definition names a model." },
};

/** The contract as a page for the authors of agents, in Markdown. */
export function contractPage(): string {
  return `${[
    `# The contract with images, version ${CONTRACT_VERSION}`,
    "An agent is a container image that reads these variables. The same image then runs on every platform of the fleet, " +
      "and on a laptop. The page and its [JSON Schema](./" +
      `${CONTRACT_SCHEMA_FILE}) are written by \`npm run contract\` from \`agent-contract.ts\`.`,
    "## What an agent does",
    [
      "Listens on `A2A_HOST`:`A2A_PORT` (HTTP/1.1, no TLS), as a user other than root.",
      "Serves `AGENT_CARD` as it is at `/.well-known/agent-card.json`, without a token, with `Cache-Control` and `ETag`. " +
        "To clients that send no `A2A-Version` header, and at `/.well-known/agent.json`, it serves `AGENT_CARD_V03`. " +
        "`Vary: A2A-Version, Host, X-Forwarded-Host`, because peers get `AGENT_PEER_CARD` at the same paths.",
      "Speaks the versions and bindings on its card at the path of its card's URL; behind the gateway that path is cut off, " +
        "so it answers at `/`.",
      "Fails a task that has not ended after `TASK_TIMEOUT_MS`, and says so in the task's last state.",
      "Renews a lease in the store, of `TASK_LEASE_SECONDS`, on every task that it works on. Whoever finds one that has run " +
        "out does what `TASK_RECOVERY` says, no later than one and a half leases after the replica was lost. Where tasks are in " +
        "memory there is nobody else: on SIGTERM what can't finish is failed.",
      "Writes a task with its version: a write that is based on an older one loses.",
      "Keeps with each task whose it is, by the subject of the caller's token. To everybody else it is not found: read, " +
        "listed, cancelled, subscribed to.",
      "Keeps an idle connection open for more than an hour: longer than what is in front of it sends its next request on one, " +
        "which is a 502 if the agent has just closed it. Most servers' own few seconds are too short.",
      "Sends a comment on every open event stream each `SSE_HEARTBEAT_SECONDS`, if it is set.",
      "Takes `message.metadata.skill`, a skill's id, for the skill that a message is for; without it, its first one. " +
        "`AGENT_SKILL_ROLES` is checked against that.",
      "Answers 200 at `healthPath` while it is well, and at `readyPath` while it takes work: 503 there while it starts, while " +
        "it ends, and while its store can't be reached.",
      "Runs as any user but root on a root file system that can't be written to; only `/tmp` can.",
      "Marks the end of a stream that can be taken up again, at this replica or another: a status event with " +
        "`metadata.resubscribe: true`.",
      "On SIGTERM stops taking requests, finishes or hands over its tasks within the grace of its definition, and ends.",
      "Calls other agents at the URLs of `AGENT_REGISTRY`, with a token for the scope in `AGENT_SCOPES`.",
      "Answers who has no good token with 401 and `WWW-Authenticate: Bearer`, who lacks the role with 403, and who asks too " +
        "often with 429 and `Retry-After`: in JSON-RPC as its error object, in HTTP+JSON as `google.rpc.Status`.",
      "Pushes notifications to https URLs only, and to no address of a link or of a cloud's metadata.",
      "Logs one JSON object a line on stdout, with `traceId`, `spanId`, `taskId` and `contextId` as far as there are; " +
        "at `info` one of each task and each answer of a model that ended, with `measured` (the metric of its duration), `seconds` " +
        "and the metric's labels.",
      "Counts `a2a_requests_total`, `a2a_request_duration_seconds`, `a2a_active_tasks`, `a2a_tasks_total{state}`, " +
        "`a2a_task_duration_seconds`, `a2a_overdue_tasks`, `a2a_orphaned_tasks_total{outcome}`, `a2a_open_streams`, " +
        "`a2a_streams_total{end}`, `a2a_card_requests_total{code}`, `a2a_auth_rejections_total{code,reason}`, " +
        "`a2a_rate_limited_total`, `a2a_model_request_duration_seconds`, `a2a_store_errors_total{operation}` and " +
        "`a2a_startup_seconds`; several workers share one port, and no label holds an id or what a caller said.",
      "Reads a missing variable as: there is no such thing here. It refuses to start without those that are always there.",
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
    "Variables and secrets of an agent's own are named in its definition (`variables`, `secrets`). They cannot have a name " +
      "of this contract. What older agents read to check callers themselves (`A2A_JWT_SECRET`, `A2A_API_KEYS`) is of that " +
      "kind: name it in `secrets`. Tokens of the environment's issuer need neither.",
    "A caller finds the card below the agent's URL, `<AGENT_URL>.well-known/agent-card.json`. Every base URL of the " +
      "contract ends with a slash: behind a gateway it has a path, which resolvers would cut off without one.",
    "## Variables",
    ...Object.entries(parts).flatMap(([part, { title, about }]) => [
      `### ${title}`,
      about,
      table(contractVariables.filter(({ setBy }) => setBy === part)),
    ]),
    "## Versions",
    "A new variable raises the second number of `A2A_CONTRACT_VERSION`; one that is taken away or changes its meaning " +
      "raises the first. An image built for 1.0 runs on every 1.x, and one built for 1.1 in a fleet of 1.0: there it finds " +
      "none of what 1.1 added.",
    "## Example",
    "An agent that calls another one, in an environment behind a gateway:",
    `\`\`\`sh\n${example()}\n\`\`\``,
  ].join("\n\n")}\n`;
}

function table(variables: readonly (ContractVariable & { readonly name: string })[]): string {
  const rows = variables.map(({ name, shape, meaning, when, secret, since }) => {
    const value = secret ? "secret" : shapeInWords(shape);
    return `| \`${name}\` | ${value} | ${meaning} | ${when ?? "always"} | ${since} |`;
  });
  return ["| variable | value | meaning | there when | since |", "|---|---|---|---|---|", ...rows].join("\n");
}

function shapeInWords(shape: ContractVariable["shape"]): string {
  switch (shape.kind) {
    case "text":
      return "text";
    case "url":
      return "URL";
    case "positive":
      return shape.maximum === undefined ? "whole number from 1" : `1 to ${shape.maximum}`;
    case "ratio":
      return "0 to 1";
    case "boolean":
      return "`true`, `false`";
    case "choice":
      return shape.of.map((value) => `\`${value}\``).join(", ");
    case "list":
      return "comma-separated list";
    case "json":
      return `JSON: \`${shape.of}\``;
  }
}

const exampleAgents: readonly AgentDefinition[] = [
  {
    name: "planner",
    description: "Plans a journey",
    version: "1.0.0",
    calls: ["weather"],
    heartbeatSeconds: 15,
    resubscribe: true,
    skills: [{ id: "plan", name: "Plan", description: "Plans a journey from a wish", tags: ["travel"] }],
  },
  {
    name: "weather",
    description: "Knows the weather",
    version: "1.0.0",
    skills: [{ id: "forecast", name: "Forecast", description: "Says what it will be", tags: ["weather"] }],
  },
];

const exampleEnvironment: Environment = {
  name: "staging",
  stage: "staging",
  prefix: "acme",
  domain: "acme.example",
  tenant: "00000000-0000-0000-0000-000000000000",
  azure: {
    subscriptionId: "00000000-0000-0000-0000-000000000000",
    location: "westeurope",
    deployerObjectIds: ["00000000-0000-0000-0000-000000000000"],
    network: { kind: "created" },
  },
  platform: "container-apps",
  registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
  state: { kind: "local" },
  vault: { kind: "key-vault" },
  taskStore: { kind: "managed-redis" },
  gateway: {},
};

function example(): string {
  const { workloads } = resolveFleet(exampleAgents, exampleEnvironment, {
    containerAppsDomain: "happyfield-1234.westeurope.azurecontainerapps.io",
  });
  const planner = workloads.find(({ name }) => name === "planner");
  if (planner === undefined) throw new Error("the example of the contract's page has no agent 'planner'");
  return Object.entries(agentVariables(planner))
    .map(([name, value]) => `${name}='${value}'`)
    .join("\n");
}
