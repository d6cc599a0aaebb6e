import type { ChecklistItem } from "./checklist-item";
import { renderPage } from "./render-checklist";
import { scanners } from "./scanners";

/** Where the page is, from the repository's root. */
export const CHECKLIST_PAGE = "src/checklist/CHECKLIST.md";

/** The page with every item: written by `npm run checklist -- --page`. */
export function renderChecklistPage(items: readonly ChecklistItem[]): string {
  const notApplicable = new Map<string, string>(
    scanners.flatMap(({ name, checks }) =>
      checks.flatMap((check) =>
        check.here === "not-applicable" ? [[`${name}/${check.id}`, check.why] as const] : [],
      ),
    ),
  );
  return renderPage(items, {
    introduction:
      "What `npm run checklist -- <environment…>` asks. Written from `src/checklist`; `npm run checklist -- --page` writes it anew. " +
      "*Definition* and *plan* are read from the fleet and its Terraform JSON; *image* is what an agent's owner attests with a " +
      "date (`attested` in its definition); *runtime* is what a check of the running fleet found (`--verified`). What fails is an " +
      "error in production and a warning elsewhere; what nobody attests is a warning, or a note. Items of your own come from a " +
      "file that exports `items`, a list of `ChecklistItem` (`--rules <file>`); their ids start with a name of yours.",
    notApplicable: ({ id }) => notApplicable.get(id),
  });
}
