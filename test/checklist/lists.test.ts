import { beforeAll, describe, expect, test } from "vitest";
import { type ImageClaim, imageClaims } from "../../src/agent/image-attestation";
import type { ChecklistItem, ChecklistSubject } from "../../src/checklist/checklist-item";
import { lists } from "../../src/checklist/items";
import { agentList } from "../../src/checklist/lists/agent";
import { azureList } from "../../src/checklist/lists/azure";
import { systemList } from "../../src/checklist/lists/system";
import { runChecklist } from "../../src/checklist/run-checklist";
import { rules } from "../../src/fleet/rules";
import { flawless, type Loose, subjectOf, withStacks } from "../support/checked-fleet";
import { production } from "../support/fleet/stacks/environments/production";

type Break = (subject: ChecklistSubject) => ChecklistSubject;

let whole: ChecklistSubject;
beforeAll(async () => {
  whole = flawless(await subjectOf(production));
}, 60_000);

/** Ids of the items that fail. */
function failing(subject: ChecklistSubject, asked: readonly ChecklistItem[] = lists): string[] {
  return runChecklist(asked, subject)
    .results.filter(({ outcome }) => outcome === "failed")
    .map(({ item }) => item.id);
}

const unattested =
  (claim: ImageClaim): Break =>
  (subject) => ({
    ...subject,
    definitions: subject.definitions.map((each) => ({
      ...each,
      attested: each.attested && {
        ...each.attested,
        claims: imageClaims.filter((other) => other !== claim),
      },
    })),
  });
const broken =
  (rule: string): Break =>
  (subject) => ({ ...subject, problems: [{ rule, message: "a mistake" }] });
const first = (resources: Loose): Loose => Object.values(resources)[0];
const inPlan =
  (change: (resources: Loose) => void): Break =>
  (subject) =>
    withStacks(subject, change);
/** Nothing tells anybody, on whatever cloud. */
const withoutAlerts = inPlan((resources) => {
  delete resources.azurerm_monitor_metric_alert;
  delete resources.azurerm_monitor_scheduled_query_rules_alert_v2;
  delete resources.azurerm_monitor_alert_prometheus_rule_group;
  delete resources.google_monitoring_alert_policy;
});
/** The settings of one agent in the cluster. */
const settings = (resources: Loose): Loose =>
  Object.entries<Loose>(resources.kubernetes_config_map_v1).find(([name]) => name.startsWith("anomaly"))?.[1]
    .data;
const container = (resources: Loose): Loose =>
  Object.entries<Loose>(resources.kubernetes_deployment_v1).find(([name]) => name.startsWith("anomaly"))?.[1]
    .spec.template.spec.container[0];
const variable = (name: string, value?: string) =>
  inPlan((resources) => {
    if (value === undefined) delete settings(resources)[name];
    else settings(resources)[name] = value;
  });
/** The operations of agents in front of which the gateway does something no more. */
const policies = (pattern: RegExp, card: boolean) =>
  inPlan((resources) => {
    const all = { ...resources.azurerm_api_management_api_operation_policy };
    for (const [name, policy] of Object.entries<Loose>(all)) {
      if (/_card/.test(name) === card) policy.xml_content = policy.xml_content.replace(pattern, "<nothing ");
    }
  });

/** Each item of the published lists, and what makes it fail. */
const breaks: readonly (readonly [string, Break])[] = [
  ["agent/card-url", variable("AGENT_URL", "https://localhost:8000/")],
  ["agent/card-url", broken("card-names-reachable-url")],
  [
    "agent/card-url",
    (subject) => ({
      ...subject,
      verified: {
        environment: "production",
        on: "2026-11-21",
        passed: [],
        failed: { "agent/card-url": "404" },
      },
    }),
  ],
  [
    "agent/https",
    inPlan((resources) => {
      first(resources.azurerm_key_vault_certificate).certificate_policy.issuer_parameters.name = "Self";
    }),
  ],
  ["agent/health", inPlan((resources) => delete container(resources).liveness_probe)],
  ["agent/health", unattested("answers-on-its-health-path")],
  ["agent/settings", broken("secrets-exist")],
  ["agent/settings", variable("ERP_PASSWORD", "hunter2")],
  ["agent/non-root", unattested("runs-as-non-root")],
  ["agent/shutdown", unattested("drains-on-sigterm")],
  ["agent/shutdown", broken("deadline-within-grace")],
  ["agent/logs", unattested("logs-json-on-stdout")],
  ["agent/logs", variable("LOG_FORMAT")],
  ["agent/request-timeout", variable("REQUEST_TIMEOUT_SECONDS", "10")],
  ["agent/request-timeout", broken("deadline-within-hops")],
  ["agent/streams-unbuffered", broken("nothing-buffers-streams")],
  ["agent/callers-known", broken("callers-are-authenticated")],
  ["agent/card-limited", policies(/<rate-limit(?:-by-key)? /g, true)],
  ["agent/card-limited", unattested("limits-requests")],
  ["agent/failures-are-states", unattested("fails-tasks-not-requests")],
  ["system/signed-cards", unattested("signs-cards")],
  ["system/signed-cards", variable("AGENT_CARD")],
  ["system/tls", broken("dapr-is-safe")],
  ["system/tokens-verified", unattested("verifies-tokens")],
  ["system/tokens-verified", variable("OIDC_JWKS_URL")],
  ["system/skill-roles", broken("skill-roles-have-issuer")],
  ["system/skill-roles", unattested("asks-for-the-role-of-each-skill")],
  ["system/rate-limits", policies(/<rate-limit(?:-by-key)? /g, false)],
  ["system/audit", unattested("logs-every-request-and-denial")],
  ["system/traces", variable("OTEL_EXPORTER_OTLP_ENDPOINT")],
  ["system/traces", unattested("carries-trace-context")],
  ["system/trace-ids-in-logs", unattested("logs-trace-ids")],
  ["system/tasks-persisted", broken("store-survives-restart")],
  ["system/tasks-persisted", unattested("keeps-tasks-in-the-store-it-is-given")],
  ["system/deadlines", variable("TASK_TIMEOUT_MS", "1")],
  ["system/deadlines", unattested("enforces-the-deadline")],
  ["system/probes-see-dependencies", inPlan((resources) => delete container(resources).readiness_probe)],
  ["system/probes-see-dependencies", unattested("sees-its-dependencies-when-asked-for-readiness")],
  ["system/containers", unattested("has-a-health-check")],
  ["system/secrets-in-a-vault", broken("secrets-are-references")],
  ["system/secrets-in-a-vault", variable("OPENAI_API_KEY", "sk")],
  ["system/ready-when-connected", unattested("connects-before-it-is-ready")],
  ["system/autoscaling", broken("requests-wake-replicas")],
  [
    "system/autoscaling",
    (subject) => ({
      ...subject,
      workloads: subject.workloads.map((each) => ({ ...each, maxReplicas: each.minReplicas })),
    }),
  ],
  ["azure/non-root", unattested("runs-as-non-root")],
  ["azure/no-secrets-in-variables", variable("DB_PASSWORD", "hunter2")],
  ["azure/one-worker", broken("shared-store-for-replicas")],
  ["azure/probes", inPlan((resources) => delete container(resources).liveness_probe)],
  ["azure/store-for-replicas", broken("shared-store-for-replicas")],
  ["azure/keys-cached", unattested("fetches-keys-anew")],
  ["azure/keys-cached", variable("OIDC_JWKS_REFRESH_SECONDS")],
  ["azure/tasks-end", unattested("ends-every-task")],
  ["azure/cancel", unattested("cancels-tasks")],
  ["azure/idle-streams", unattested("ends-silent-streams")],
  ["azure/gateway-in-front", inPlan((resources) => delete resources.azurerm_api_management_api)],
  ["azure/gateway-in-front", broken("nothing-beside-the-gateway")],
  ["azure/streams-unbuffered", broken("nothing-buffers-streams")],
  [
    "azure/card-is-public",
    inPlan((resources) => {
      for (const [name, policy] of Object.entries<Loose>(
        resources.azurerm_api_management_api_operation_policy,
      )) {
        if (/_card/.test(name)) policy.xml_content += "<validate-jwt >";
      }
    }),
  ],
  ["azure/rest-is-gated", policies(/<validate-(?:jwt|azure-ad-token) /g, false)],
  ["azure/gateway-limits", policies(/<rate-limit(?:-by-key)? /g, false)],
  ["azure/tokens-checked-twice", policies(/<validate-(?:jwt|azure-ad-token) /g, false)],
  ["azure/tokens-checked-twice", unattested("verifies-tokens")],
  ["azure/key-rotation", unattested("fetches-keys-anew")],
  ["azure/client-secrets", broken("secrets-exist")],
  ["azure/short-tokens", broken("tokens-are-short")],
  ["azure/short-tokens", unattested("gets-tokens-anew")],
  [
    "azure/mesh-mutual-tls",
    inPlan((resources) => {
      for (const release of Object.values<Loose>(resources.helm_release)) {
        if (release.chart === "dapr") {
          release.values = [release.values[0].replace('"mtls":{"enabled":true', '"mtls":{"enabled":false')];
        }
      }
    }),
  ],
  ["azure/task-states-logged", unattested("logs-the-states-of-tasks")],
  ["azure/streams-counted", unattested("counts-open-streams")],
  ["azure/streams-counted", withoutAlerts],
  ["azure/gateway-logs", inPlan((resources) => delete resources.azurerm_monitor_diagnostic_setting)],
  ["fleet/builds", broken("name-collision")],
  ["fleet/versions-alive", broken("retired-kubernetes-version")],
  ["fleet/platform-limits", broken("platform-limit:CPU and memory")],
  ["azure/alerts", withoutAlerts],
];

test("a fleet for which people did their part passes every item", () => {
  expect(failing(whole)).toEqual([]);
});

test.each(breaks.map(([id, change], index) => [`${id} (${index + 1})`, id, change] as const))(
  "fails where it should: %s",
  (_title, id, change) => {
    expect(failing(change(whole))).toContain(id);
  },
);

test("every item of the published lists fails somewhere above", () => {
  const covered = new Set(breaks.map(([id]) => id));
  const published = [...agentList, ...systemList, ...azureList];
  expect([agentList.length, systemList.length, azureList.length]).toEqual([12, 15, 23]);
  expect(published.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

test.each(rules.map(({ id }) => id))("what a rule refuses, an item says: %s", (rule) => {
  expect(failing(broken(rule)(whole)).filter((id) => id !== "fleet/builds")).not.toEqual([]);
});

test("each item has an id of its own, and its list's name leads it", () => {
  const ids = lists.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^(?:agent|system|azure|fleet)\/[a-z-]+$/.test(id))).toEqual([]);
});

describe("an attestation", () => {
  const nonRoot = lists.filter(({ id }) => id === "system/audit");
  const attestedOn = (on: string, version: string): ChecklistSubject => ({
    ...whole,
    definitions: whole.definitions.map((each) => ({
      ...each,
      attested: { by: "a test", on, version, claims: [...imageClaims] },
    })),
  });
  const version = "1.0.0";

  test.each([
    ["of the version that runs, not long ago", "2026-11-01", version, []],
    ["of another version", "2026-11-01", "0.9.0", ["system/audit"]],
    ["that is older than a year", "2025-11-01", version, ["system/audit"]],
  ])("%s", (_what, on, seen, fails) => {
    const subject = attestedOn(on, seen);
    const definitions = subject.definitions.filter((each) => each.version === version);
    expect(failing({ ...subject, definitions }, nonRoot)).toEqual(fails);
  });

  test("that nobody made is told of in the same words by every item that asks for one", () => {
    const definitions = whole.definitions.slice(0, 1).map(({ attested: _, ...rest }) => rest);
    const said = runChecklist(lists, { ...whole, definitions }).results.flatMap(({ item, findings }) =>
      findings
        .filter(({ message }) => message.includes("nobody attests"))
        .map(({ message }) => [item.id, message]),
    );
    expect(said.map(([id]) => id)).toContain("system/audit");
    expect(said.length).toBeGreaterThan(10);
    expect([...new Set(said.map(([, message]) => message))]).toEqual([
      `agent '${definitions[0]?.name}': nobody attests anything of its image; look, and say it in 'attested'`,
    ]);
  });
});
