import type { ChecklistItem } from "../checklist-item";
import { attested } from "../checks/attested";
import { all, nonRoot } from "../checks/combined";
import {
  isGiven,
  isProbed,
  knowsItsDeadline,
  takesNoPlainHttp,
  takesSecretsByReference,
} from "../checks/finished-agents";
import { gatewayChecksTokens, gatewayLimitsTasks } from "../checks/gateway-in-plan";
import { scalesOut } from "../checks/operations-in-plan";
import { rulesHold } from "../checks/rules-hold";

const source = "Before a system of agents is in production";

/** What agents that call each other need. */
export const systemList: readonly ChecklistItem[] = [
  {
    id: "system/signed-cards",
    title: "Agent cards are served at the well-known path, and signed",
    source,
    evidence: ["plan", "image"],
    find: all(isGiven("AGENT_CARD", "the card that it serves"), attested("signs-cards")),
  },
  {
    id: "system/tls",
    title: "No hop takes anything but TLS",
    source,
    evidence: ["definition", "plan"],
    find: all(takesNoPlainHttp, rulesHold("dapr-is-safe")),
  },
  {
    id: "system/tokens-verified",
    title: "Agents verify signature, issuer and audience of tokens with the issuer's published keys",
    source,
    evidence: ["definition", "plan", "image"],
    notApplicable: withoutIssuer,
    find: all(
      gatewayChecksTokens,
      isGiven("OIDC_JWKS_URL", "the keys of its callers' tokens"),
      isGiven("OIDC_ISSUER", "who may sign them"),
      attested("verifies-tokens"),
    ),
  },
  {
    id: "system/skill-roles",
    title: "Each skill asks for the least role that it needs",
    source,
    evidence: ["definition", "image"],
    find: all(
      rulesHold("skill-roles-have-issuer", "skill-roles-are-their-own"),
      attested("asks-for-the-role-of-each-skill"),
    ),
  },
  {
    id: "system/rate-limits",
    title: "Every endpoint that takes tasks has a rate limit",
    source,
    evidence: ["plan"],
    find: all(gatewayLimitsTasks, isGiven("RATE_LIMIT_REQUESTS", "a limit to its callers")),
  },
  {
    id: "system/audit",
    title: "Every request leaves a structured line, and every denial too",
    source,
    evidence: ["image"],
    find: attested("logs-every-request-and-denial"),
  },
  {
    id: "system/traces",
    title: "Agents send traces by OpenTelemetry and hand on the W3C trace context",
    source,
    evidence: ["definition", "plan", "image"],
    find: all(
      rulesHold("telemetry-speaks-http"),
      isGiven("OTEL_EXPORTER_OTLP_ENDPOINT", "a place for its traces"),
      isGiven("OTEL_PROPAGATORS", "the form of the trace context"),
      attested("carries-trace-context"),
    ),
  },
  {
    id: "system/trace-ids-in-logs",
    title: "Log lines carry the trace that they belong to",
    source,
    evidence: ["image"],
    find: attested("logs-trace-ids"),
  },
  {
    id: "system/tasks-persisted",
    title: "Tasks of several replicas are in a shared store, with an end to their keeping",
    source,
    evidence: ["definition", "image"],
    find: all(
      rulesHold(
        "shared-store-for-replicas",
        "production-keeps-tasks",
        "resumed-tasks-are-shared",
        "store-survives-restart",
      ),
      attested("keeps-tasks-in-the-store-it-is-given"),
    ),
  },
  {
    id: "system/deadlines",
    title: "A task that is not done by its deadline is failed",
    source,
    evidence: ["plan", "image"],
    find: all(knowsItsDeadline, attested("enforces-the-deadline")),
  },
  {
    id: "system/probes-see-dependencies",
    title: "Health and readiness are probed, and readiness asks what the agent leans on",
    source,
    evidence: ["plan", "image"],
    find: all(isProbed, attested("sees-its-dependencies-when-asked-for-readiness")),
  },
  {
    id: "system/containers",
    title: "Agents run in containers that aren't root's and have a health check",
    source,
    evidence: ["plan", "image"],
    find: all(nonRoot, attested("has-a-health-check")),
  },
  {
    id: "system/secrets-in-a-vault",
    title: "Secrets are in a vault, and nowhere in files",
    source,
    evidence: ["definition", "plan"],
    find: all(
      rulesHold("secrets-are-references", "secrets-exist", "secrets-are-not-the-fleets"),
      takesSecretsByReference,
    ),
  },
  {
    id: "system/ready-when-connected",
    title: "An agent takes work when its own connections stand, and lets go of it before they end",
    source,
    evidence: ["image"],
    find: attested("connects-before-it-is-ready", "drains-on-sigterm"),
  },
  {
    id: "system/autoscaling",
    title: "Replicas follow the load",
    source,
    evidence: ["definition"],
    find: all(rulesHold("replicas-in-order", "requests-wake-replicas", "scaler-secrets-exist"), scalesOut),
  },
];

/** Where nobody signs tokens there is nothing to verify; whether that may be is an item of its own. */
function withoutIssuer({ environment }: Parameters<ChecklistItem["find"]>[0]): string | undefined {
  return environment.identityProvider === undefined ? "the environment has no identity provider" : undefined;
}
