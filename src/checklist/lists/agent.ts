import type { ChecklistItem } from "../checklist-item";
import { attested } from "../checks/attested";
import { all, nonRoot } from "../checks/combined";
import {
  advertisesItsUrl,
  isGiven,
  isProbed,
  knowsItsDeadline,
  takesNoPlainHttp,
  takesSecretsByReference,
} from "../checks/finished-agents";
import { certificatesAreReal, gatewayLimitsCards } from "../checks/gateway-in-plan";
import { rulesHold } from "../checks/rules-hold";
import { verifiedHolds } from "../checks/verified-holds";

const source = "Before one agent is in production";

/** What an agent needs before callers get its address. */
export const agentList: readonly ChecklistItem[] = [
  {
    id: "agent/card-url",
    title: "The agent card names the address that callers use",
    source,
    evidence: ["definition", "plan", "runtime"],
    find: all(
      rulesHold("card-names-reachable-url", "reach-is-real"),
      advertisesItsUrl,
      verifiedHolds("agent/card-url"),
    ),
  },
  {
    id: "agent/https",
    title: "Callers come in by HTTPS, with a certificate that they trust",
    source,
    evidence: ["plan"],
    find: all(takesNoPlainHttp, certificatesAreReal),
  },
  {
    id: "agent/health",
    title: "A health path says whether the agent is well, and the platform asks it",
    source,
    evidence: ["plan", "image"],
    find: all(isProbed, attested("answers-on-its-health-path")),
  },
  {
    id: "agent/settings",
    title: "Secrets and settings come from outside the image",
    source,
    evidence: ["definition", "plan"],
    find: all(
      rulesHold(
        "variables-are-names",
        "variables-have-values",
        "variables-fit",
        "secrets-are-references",
        "secrets-exist",
      ),
      takesSecretsByReference,
    ),
  },
  {
    id: "agent/non-root",
    title: "The agent doesn't run as root",
    source,
    evidence: ["plan", "image"],
    find: nonRoot,
  },
  {
    id: "agent/shutdown",
    title: "An agent that is stopped finishes or hands over its tasks",
    source,
    evidence: ["definition", "image"],
    find: all(rulesHold("deadline-within-grace", "orphans-are-found"), attested("drains-on-sigterm")),
  },
  {
    id: "agent/logs",
    title: "Logs are structured and on standard output",
    source,
    evidence: ["plan", "image"],
    find: all(isGiven("LOG_FORMAT", "the form of its logs"), attested("logs-json-on-stdout")),
  },
  {
    id: "agent/request-timeout",
    title: "Timeouts of the worker, and of every hop before it, agree with the task's deadline",
    source,
    evidence: ["definition", "plan"],
    find: all(rulesHold("deadline-within-request-timeout", "deadline-within-hops"), knowsItsDeadline),
  },
  {
    id: "agent/streams-unbuffered",
    title: "Nothing in front of the agent buffers its event streams",
    source,
    evidence: ["definition"],
    find: rulesHold("nothing-buffers-streams"),
  },
  {
    id: "agent/callers-known",
    title: "Whoever reaches the agent from outside is authenticated",
    source,
    evidence: ["definition"],
    find: rulesHold("callers-are-authenticated"),
  },
  {
    id: "agent/card-limited",
    title: "Requests for the card are limited",
    source,
    evidence: ["plan", "image"],
    find: all(
      gatewayLimitsCards,
      isGiven("RATE_LIMIT_REQUESTS", "a limit to its callers"),
      attested("limits-requests"),
    ),
  },
  {
    id: "agent/failures-are-states",
    title: "What goes wrong in a task ends as a failed task, not as an HTTP 500",
    source,
    evidence: ["image"],
    find: attested("fails-tasks-not-requests"),
  },
];
