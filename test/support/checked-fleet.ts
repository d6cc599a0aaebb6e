import { imageClaims } from "../../src/agent/image-attestation";
import type { ChecklistSubject } from "../../src/checklist/checklist-item";
import { finishStacks } from "../../src/cli/finished-stacks";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { agents } from "./fleet/agents";

/** Day on which tests go through checklists. */
export const DAY = "2026-11-21";

// biome-ignore lint/suspicious/noExplicitAny: finished JSON, changed by tests that know what they break
export type Loose = any;

/** What a checklist is gone through with, as it is. */
export async function subjectOf(environment: Environment): Promise<ChecklistSubject> {
  const { workloads, problems, warnings } = resolveFleet(agents, environment, { today: DAY });
  const stacks = problems.length > 0 ? [] : await finishStacks(agents, [environment], DAY);
  return {
    environment,
    definitions: agents,
    workloads,
    problems,
    warnings,
    stacks: structuredClone(stacks),
    verified: null,
    today: DAY,
  };
}

/** The same fleet with all that only people can do for it: attested, asked while it runs, watched, with a real certificate. */
export function flawless(subject: ChecklistSubject): ChecklistSubject {
  const stacks: Loose[] = structuredClone([...subject.stacks]);
  for (const { json } of stacks) {
    for (const each of Object.values<Loose>(json.resource.azurerm_key_vault_certificate ?? {})) {
      each.certificate_policy.issuer_parameters.name = "DigiCert";
    }
  }
  stacks[0].json.resource.azurerm_monitor_metric_alert = {
    all: { description: "open streams, failing tasks, refused callers (401), cold starts" },
  };
  const ofRules = Object.entries(subject.environment.exceptions ?? {})
    .filter(([id]) => !id.includes("/"))
    .map(([id, exception]) => [id, { ...exception, owner: "platform@acme.example" }] as const);
  return {
    ...subject,
    environment: { ...subject.environment, exceptions: Object.fromEntries(ofRules) },
    definitions: subject.definitions.map((each) => ({
      ...each,
      attested: { by: "a test", on: DAY, version: each.version, claims: [...imageClaims] },
    })),
    verified: {
      environment: subject.environment.name,
      on: DAY,
      passed: ["agent/card-url", "azure/card-is-public"],
      failed: {},
    },
    stacks,
  };
}

/** The subject with its finished JSON changed in place. */
export function withStacks(subject: ChecklistSubject, change: (resources: Loose) => void): ChecklistSubject {
  const stacks: Loose[] = structuredClone([...subject.stacks]);
  const merged: Loose = new Proxy(
    {},
    {
      get: (_target, type: string) =>
        stacks.map(({ json }) => json.resource[type]).find((each) => each !== undefined) ?? {},
      deleteProperty: (_target, type: string) => {
        for (const { json } of stacks) delete json.resource[type];
        return true;
      },
    },
  );
  change(merged);
  return { ...subject, stacks };
}
