import type { Verified } from "./check";

/** Items of the checklist (`src/checklist/CHECKLIST.md`) that each check is evidence for, by its name. */
export const evidence: Readonly<Record<string, readonly string[]>> = {
  card: ["azure/card-is-public"],
  "card-url": ["agent/card-url"],
  tls: ["agent/https"],
  "without-token": ["agent/callers-known", "azure/rest-is-gated"],
  "wrong-token": ["system/tokens-verified"],
  "without-role": ["system/skill-roles"],
  "signing-keys": ["azure/key-rotation"],
  beside: ["azure/gateway-in-front"],
  events: ["agent/streams-unbuffered", "azure/streams-unbuffered"],
  end: ["agent/request-timeout", "azure/tasks-end"],
  "task-visible": ["system/tasks-persisted", "azure/store-for-replicas"],
  origins: ["fleet/cors-origins-are-origins"],
  "rate-limit": ["system/rate-limits"],
  "inside-ready": ["agent/health"],
  "inside-without-token": ["azure/tokens-checked-twice"],
  "inside-refused": ["agent/callers-known"],
};

/** What the running fleet's answers say of the checklist: what `npm run checklist -- --verified <file>` reads. */
export function checklistEvidence(results: readonly Verified[], environment: string, on: string) {
  const failed: Record<string, string> = {};
  const kept = new Set<string>();
  for (const { check, url, verdict, saw } of results) {
    for (const item of evidence[check] ?? []) {
      if (verdict === "broken") failed[item] = [failed[item] ?? [], `${url}: ${saw}`].flat().join("; ");
      if (verdict === "kept") kept.add(item);
    }
  }
  // What is otherwise at one agent does not hold of the fleet.
  return { environment, on, passed: [...kept].filter((item) => !(item in failed)), failed };
}
