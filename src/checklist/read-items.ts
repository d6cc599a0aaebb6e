import { z } from "zod";
import type { ChecklistItem } from "./checklist-item";

const schema = z.array(
  z.object({
    id: z.string().regex(/^[a-z][a-z0-9-]*\/[\w.-]+$/, "is no id; write one such as acme/has-an-owner"),
    title: z.string().min(1),
    source: z.string().min(1),
    evidence: z.array(z.enum(["definition", "plan", "image", "runtime"])).min(1),
    find: z.custom<ChecklistItem["find"]>(
      (value) => typeof value === "function",
      "is no function of the fleet",
    ),
    notApplicable: z.custom((value) => value === undefined || typeof value === "function").optional(),
    excepted: z.string().optional(),
  }),
);

/**
 * A user's own items, in the shape of ours.
 *
 * @throws Error that names the file and everything that is wrong with it
 */
export function readItems(module: unknown, file: string, known: readonly ChecklistItem[]): ChecklistItem[] {
  const exported = module as { readonly items?: unknown; readonly default?: { readonly items?: unknown } };
  const { success, data, error } = schema.safeParse(exported.items ?? exported.default?.items);
  if (!success) {
    const problems = error.issues.map(
      ({ path, message }) => `items${path.map((step) => `.${String(step)}`).join("")} ${message}`,
    );
    throw new Error(`${file} exports no items of a checklist: ${problems.join("; ")}`);
  }
  const taken = data.filter(({ id }) => known.some((item) => item.id === id)).map(({ id }) => id);
  if (taken.length > 0) throw new Error(`${file}: ${taken.join(", ")} exist already; choose ids of your own`);
  return data as ChecklistItem[];
}
