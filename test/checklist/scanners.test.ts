import { beforeAll, describe, expect, test } from "vitest";
import type { FinishedStack } from "../../src/checklist/checklist-item";
import { resourcesOf } from "../../src/checklist/finished-agents";
import { scanners } from "../../src/checklist/scanners";
import type { ScannerCheck } from "../../src/checklist/scanners/scanner-check";
import { type Loose, subjectOf } from "../support/checked-fleet";
import { production } from "../support/fleet/stacks/environments/production";
import { staging } from "../support/fleet/stacks/environments/staging";

let stacks: readonly FinishedStack[];
beforeAll(async () => {
  stacks = [...(await subjectOf(production)).stacks, ...(await subjectOf(staging)).stacks];
}, 60_000);

type Covered = Extract<ScannerCheck, { here: "covered" }>;
const checks = scanners.flatMap(({ name, checks: all }) =>
  all.flatMap((check) =>
    check.here === "covered" ? [[`${name}/${check.id} of ${check.type}`, check] as const] : [],
  ),
);

/** What nobody should write, by where it would stand. */
const mistakes: readonly (readonly [string, unknown])[] = [
  ["admin_enabled", true],
  ["anonymous_pull_enabled", true],
  ["http_application_routing_enabled", true],
  ["role_based_access_control_enabled", false],
  ["default_node_pool.node_public_ip_enabled", true],
  ["default_node_pool.type", "AvailabilitySet"],
  ["default_node_pool.zones", ["1"]],
  ["orchestrator_version", "1.30"],
  ["security", { tls10_backend_enabled: true, backend_tls10_enabled: true }],
  ["url", "http://backend"],
  ["sku", "Basic"],
  [
    "security_rule",
    [{ source_address_prefix: "*", access: "Allow", direction: "Inbound", destination_port_range: "*" }],
  ],
  ["role", "roles/owner"],
  ["role", "roles/iam.serviceAccountTokenCreator"],
  ["role", "roles/iam.serviceAccountUser"],
  ["member", "allUsers"],
  ["member", "user:somebody@acme.example"],
  ["member", "serviceAccount:1-compute@developer.gserviceaccount.com"],
  ["metadata.namespace", "default"],
  ["metadata.namespace", "kube-system"],
  ["metadata.name", "default"],
  ["subject", [{ kind: "ServiceAccount", name: "default" }]],
  ["subject", [{ kind: "Group", name: "system:masters" }]],
  ["rule", [{ resources: ["*"], verbs: ["*"], api_groups: ["*"] }]],
  ["data", { DATABASE_PASSWORD: "hunter2" }],
  ["spec.external_ips", ["1.2.3.4"]],
  ["ingress.allow_insecure_connections", true],
  ["spec.template.spec.host_pid", true],
  ["spec.template.spec.host_ipc", true],
  ["spec.template.spec.host_network", true],
  ["spec.template.spec.host_aliases", [{ ip: "1.2.3.4" }]],
  ["spec.template.spec.volume", [{ host_path: { path: "/" } }]],
  ["spec.template.spec.security_context.run_as_user", "0"],
  ["spec.template.spec.container.0.security_context.privileged", true],
  ["spec.template.spec.container.0.security_context.capabilities", { add: ["SYS_ADMIN"], drop: ["ALL"] }],
  ["spec.template.spec.container.0.port", [{ host_port: 80, container_port: 80 }]],
  ["spec.template.spec.container.0.image", "agent:latest"],
  ["spec.template.spec", { container: [{ image: "agent:1.0.0" }] }],
  ["spec.template.spec.automount_service_account_token", true],
  [
    "xml_content",
    "<policies><inbound><cors><allowed-origins><origin>*</origin></allowed-origins></cors></inbound></policies>",
  ],
  ["protocols", ["http"]],
];

/** Every resource that differs from one in a single place: with a mistake, or without one of its arguments. */
function* twins(resource: Loose): Generator<Loose> {
  for (const [path, value] of mistakes) {
    const twin = structuredClone(resource);
    const keys = path.split(".");
    const last = keys.pop() as string;
    let block = twin;
    for (const key of keys) {
      block[key] ??= {};
      block = block[key];
    }
    block[last] = value;
    yield twin;
  }
  const paths = [...leaves(resource, [])];
  for (const path of paths) {
    const twin = structuredClone(resource);
    const keys = [...path];
    const last = keys.pop() as string;
    const block = keys.reduce((each, key) => each[key], twin);
    delete block[last];
    yield structuredClone(twin);
    // The same place with another value than it has.
    block[last] = "another";
    yield twin;
  }
}

function* leaves(value: Loose, path: string[]): Generator<string[]> {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    yield [...path, key];
    yield* leaves(value[key], [...path, key]);
  }
}

test.each(checks)("%s holds in what ships", (_title, check: Covered) => {
  const found = resourcesOf(stacks, check.type);
  expect(found).not.toEqual([]);
  expect(found.filter(({ arguments: each }) => !check.holds(each)).map(({ address }) => address)).toEqual([]);
});

test.each(checks)("%s fails of a resource that differs in one place", (_title, check: Covered) => {
  const found = resourcesOf(stacks, check.type).map(({ arguments: each }) => each);
  const fails = found.some((resource) => [...twins(resource)].some((twin) => !check.holds(twin)));
  expect(fails).toBe(true);
});

describe("the lists", () => {
  test.each(scanners.map((scanner) => [scanner.title, scanner] as const))(
    "%s: every check has an answer, with a reason where it isn't asked",
    (_title, { checks: all }) => {
      const reasons = all.flatMap((check) => (check.here === "covered" ? [] : [check.why]));
      expect(reasons.filter((why) => why.length < 10)).toEqual([]);
      // A check of several kinds of resources stands once for each.
      const keys = all.map((check) => `${check.id} ${check.here === "covered" ? check.type : ""}`);
      expect(new Set(keys).size).toBe(keys.length);
    },
  );
});
