import type { ImageAttestation } from "a2a-fleet";

/**
 * What the tests of the reference images show of them, whatever agent they run (`agents/images`). Not among it, because
 * they don't do it: signed cards.
 */
export const referenceImages: Omit<ImageAttestation, "version"> = {
  by: "npm run test:images",
  on: "2026-11-21",
  claims: [
    "runs-as-non-root",
    "has-a-health-check",
    "answers-on-its-health-path",
    "sees-its-dependencies-when-asked-for-readiness",
    "connects-before-it-is-ready",
    "drains-on-sigterm",
    "logs-json-on-stdout",
    "logs-trace-ids",
    "logs-every-request-and-denial",
    "logs-the-states-of-tasks",
    "carries-trace-context",
    "fails-tasks-not-requests",
    "ends-every-task",
    "cancels-tasks",
    "enforces-the-deadline",
    "keeps-tasks-in-the-store-it-is-given",
    "ends-silent-streams",
    "counts-open-streams",
    "verifies-tokens",
    "fetches-keys-anew",
    "gets-tokens-anew",
    "asks-for-the-role-of-each-skill",
    "limits-requests",
  ],
};
