import { z } from "zod";
import { text } from "../shapes";

/** What can be true of an image, and seen by nobody outside of it. */
export const imageClaims = [
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
  "signs-cards",
] as const;

/** One thing that an image's owner can say of it. */
export type ImageClaim = (typeof imageClaims)[number];

/** What an image's owner says of it, having looked. */
export interface ImageAttestation {
  /** Who looked, or what: `platform@example.com`, `npm run test:images`. */
  readonly by: string;
  /** Day on which they did (`2026-11-21`). It is good for a year. */
  readonly on: string;
  /** Version of the agent that they looked at: another one has to be looked at again. */
  readonly version: string;
  readonly claims: readonly ImageClaim[];
}

export const imageAttestationSchema = z.strictObject({
  by: text,
  on: z.iso.date(),
  version: text,
  claims: z.array(z.enum(imageClaims)).min(1),
}) satisfies z.ZodType<ImageAttestation>;
