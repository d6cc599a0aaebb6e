import { z } from "zod";

export const projectId = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    "is not a project id (6 to 30 lower case letters, digits, hyphens)",
  );

export const projectNumber = z.string().regex(/^\d+$/, "is not a project number (digits)");
