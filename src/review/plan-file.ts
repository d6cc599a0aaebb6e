import { z } from "zod";

const path = z.array(z.union([z.string(), z.number()]));

const schema = z.object({
  // What a rehearsal keeps has no version of its format: it is written by Terraform, and redacted.
  format_version: z.string().optional(),
  terraform_version: z.string().optional(),
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        mode: z.string(),
        type: z.string(),
        change: z.object({
          actions: z.array(z.string()).min(1),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
          after_unknown: z.unknown().optional(),
          before_sensitive: z.unknown().optional(),
          after_sensitive: z.unknown().optional(),
          replace_paths: z.array(path).optional(),
        }),
      }),
    )
    .default([]),
});

/** The part of `terraform show -json <plan>` that a review reads. */
export type PlanFile = z.infer<typeof schema>;

/** @throws Error that names the file, and says how one is made, when it is no plan as JSON */
export function readPlanFile(text: string, file: string): PlanFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON; ${HOW}`);
  }
  const { success, data } = schema.safeParse(json);
  // A state as JSON has a version, too, but changes nothing.
  const isState = typeof json === "object" && json !== null && "values" in json;
  const isVersioned = data?.format_version !== undefined || data?.terraform_version !== undefined;
  if (!success || isState || !isVersioned) throw new Error(`${file} is no plan of Terraform's; ${HOW}`);
  return data;
}

const HOW = "write one with `terraform show -json <plan> > <file>`";
