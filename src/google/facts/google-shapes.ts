import { z } from "zod";
import { chosenName } from "../../shapes";

export const projectId = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    "is not a project id (6 to 30 lower case letters, digits, hyphens)",
  );

/** A region, as Google writes it. */
export const googleRegion = z
  .string()
  .regex(/^[a-z]+-[a-z]+\d+$/, "is no region as Google writes it; use a name such as europe-west4");

/** @see https://cloud.google.com/artifact-registry/docs/repositories/create-repos */
export const repositoryId = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "is no id of a repository; use at most 63 lower case letters, digits and hyphens, starting with a letter",
  );

/** @see https://cloud.google.com/secret-manager/docs/creating-and-accessing-secrets */
export const googleSecretId = chosenName.regex(
  /^[A-Za-z0-9_-]{1,255}$/,
  "is no id of a secret; use at most 255 letters, digits, '_' and '-'",
);

/** @see https://cloud.google.com/iam/docs/principal-identifiers */
export const member = z
  .string()
  .regex(
    /^(?:(?:user|group|serviceAccount):[^\s@]+@[^\s@]+\.[^\s@]+|domain:[a-z0-9.-]+|principal(?:Set)?:\/\/\S+)$/,
    "is nobody as IAM writes them; use group:…@…, user:…@…, serviceAccount:…@…, domain:… or principalSet://…",
  );

export const projectNumber = z.string().regex(/^\d+$/, "is not a project number (digits)");
