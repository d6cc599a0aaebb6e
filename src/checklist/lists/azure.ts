import type { ChecklistItem } from "../checklist-item";
import { attested } from "../checks/attested";
import { all, nonRoot } from "../checks/combined";
import { isGiven, isProbed, takesSecretsByReference } from "../checks/finished-agents";
import {
  gatewayChecksTokens,
  gatewayIsInFront,
  gatewayLimitsTasks,
  gatewayLogsRequests,
  gatewayShowsCards,
  withoutGateway,
} from "../checks/gateway-in-plan";
import { alertsOn, meshUsesMutualTls } from "../checks/operations-in-plan";
import { rulesHold } from "../checks/rules-hold";
import { verifiedHolds } from "../checks/verified-holds";

const section = (name: string) => `Before a fleet on Azure is in production: ${name}`;
const container = section("container");
const server = section("server");
const networking = section("networking");
const authentication = section("authentication");
const observability = section("observability");

/** What a fleet behind a gateway needs; most of it holds on any cloud. */
export const azureList: readonly ChecklistItem[] = [
  {
    id: "azure/non-root",
    title: "The image's user isn't root",
    source: container,
    evidence: ["plan", "image"],
    find: nonRoot,
  },
  {
    id: "azure/no-secrets-in-variables",
    title: "No variable holds a secret: they are references to Key Vault or to a Kubernetes Secret",
    source: container,
    evidence: ["definition", "plan"],
    find: all(rulesHold("secrets-are-references"), takesSecretsByReference),
  },
  {
    id: "azure/one-worker",
    title: "There is one worker unless a shared store keeps the tasks",
    source: container,
    evidence: ["definition"],
    find: rulesHold("shared-store-for-replicas"),
  },
  {
    id: "azure/probes",
    title: "Liveness and readiness are probed, on the card where an agent has no path for it",
    source: container,
    evidence: ["plan"],
    find: isProbed,
  },
  {
    id: "azure/store-for-replicas",
    title: "Several replicas share their tasks",
    source: server,
    evidence: ["definition"],
    find: rulesHold("shared-store-for-replicas", "cloud-run-reaches-its-store"),
  },
  {
    id: "azure/keys-cached",
    title: "Keys of tokens are cached for a while, and fetched anew for an unknown one",
    source: server,
    evidence: ["plan", "image"],
    notApplicable: withoutIssuer,
    find: all(isGiven("OIDC_JWKS_REFRESH_SECONDS", "how long keys are good"), attested("fetches-keys-anew")),
  },
  {
    id: "azure/tasks-end",
    title: "Every way through a task ends with an event that says so",
    source: server,
    evidence: ["image"],
    find: attested("ends-every-task"),
  },
  {
    id: "azure/cancel",
    title: "A task that is cancelled stops",
    source: server,
    evidence: ["image"],
    find: attested("cancels-tasks"),
  },
  {
    id: "azure/idle-streams",
    title: "A stream on which nothing happens is closed",
    source: server,
    evidence: ["definition", "image"],
    find: all(rulesHold("deadline-within-hops"), attested("ends-silent-streams")),
  },
  {
    id: "azure/gateway-in-front",
    title: "A gateway is in front of every agent, and nobody gets around it",
    source: networking,
    evidence: ["definition", "plan"],
    find: all(
      rulesHold("nothing-beside-the-gateway", "cloud-run-behind-the-gateway", "gateway-tier"),
      gatewayIsInFront,
    ),
  },
  {
    id: "azure/streams-unbuffered",
    title: "No ingress that carries event streams buffers them",
    source: networking,
    evidence: ["definition"],
    find: rulesHold("nothing-buffers-streams"),
  },
  {
    id: "azure/card-is-public",
    title: "The card is there for everybody",
    source: networking,
    evidence: ["plan", "runtime"],
    find: all(gatewayShowsCards, verifiedHolds("azure/card-is-public")),
  },
  {
    id: "azure/rest-is-gated",
    title: "Everything but the card asks for a token",
    source: networking,
    evidence: ["definition", "plan"],
    find: all(rulesHold("callers-are-authenticated", "invokers-can-call"), gatewayChecksTokens),
  },
  {
    id: "azure/gateway-limits",
    title: "The gateway limits requests",
    source: networking,
    evidence: ["plan"],
    notApplicable: withoutGateway,
    find: gatewayLimitsTasks,
  },
  {
    id: "azure/tokens-checked-twice",
    title: "Gateway and agent check tokens, each on its own",
    source: authentication,
    evidence: ["definition", "plan", "image"],
    notApplicable: withoutIssuer,
    find: all(
      rulesHold("gateway-knows-callers", "api-keys-need-entra", "callers-exist"),
      gatewayChecksTokens,
      isGiven("OIDC_AUDIENCE", "whom its tokens are for"),
      attested("verifies-tokens"),
    ),
  },
  {
    id: "azure/key-rotation",
    title: "Keys that the identity provider changes are taken up",
    source: authentication,
    evidence: ["definition", "image"],
    notApplicable: withoutIssuer,
    find: all(rulesHold("keycloak-keeps-its-data"), attested("fetches-keys-anew")),
  },
  {
    id: "azure/client-secrets",
    title: "Clients' secrets are in a vault or a Kubernetes Secret",
    source: authentication,
    evidence: ["definition", "plan"],
    find: all(rulesHold("secrets-are-references", "secrets-exist"), takesSecretsByReference),
  },
  {
    id: "azure/short-tokens",
    title: "Access tokens live 15 minutes at most, and callers get new ones by themselves",
    source: authentication,
    evidence: ["definition", "image"],
    notApplicable: withoutIssuer,
    find: all(rulesHold("tokens-are-short"), attested("gets-tokens-anew")),
  },
  {
    id: "azure/mesh-mutual-tls",
    title: "Agents in a cluster call each other by mutual TLS",
    source: authentication,
    evidence: ["definition", "plan"],
    notApplicable: ({ environment }) =>
      environment.mesh === undefined ? "the environment has no mesh" : undefined,
    find: all(
      rulesHold("dapr-is-safe", "mesh-metrics-port-is-free", "access-control-needs-kubernetes"),
      meshUsesMutualTls,
    ),
  },
  {
    id: "azure/task-states-logged",
    title: "Each state of a task leaves a line",
    source: observability,
    evidence: ["image"],
    find: attested("logs-the-states-of-tasks"),
  },
  {
    id: "azure/streams-counted",
    title: "Open streams are counted, and too many of them are told",
    source: observability,
    evidence: ["plan", "image"],
    find: all(attested("counts-open-streams"), alertsOn("open streams", /sse|stream/i)),
  },
  {
    id: "azure/gateway-logs",
    title: "The gateway's request logs are in Azure Monitor",
    source: observability,
    evidence: ["plan"],
    notApplicable: withoutGateway,
    find: gatewayLogsRequests,
  },
  {
    id: "azure/alerts",
    title: "Somebody is told of tasks that keep failing, callers that keep being refused, and slow starts",
    source: observability,
    evidence: ["plan"],
    find: all(
      alertsOn("failing tasks", /fail/i),
      alertsOn("refused callers", /40[13]|denied|refus|auth/i),
      alertsOn("cold starts", /cold|start/i),
    ),
  },
];

function withoutIssuer({ environment }: Parameters<ChecklistItem["find"]>[0]): string | undefined {
  return environment.identityProvider === undefined ? "the environment has no identity provider" : undefined;
}
