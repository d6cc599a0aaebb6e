import type { ChecklistItem, ChecklistSubject, Finding, Level } from "../checklist-item";
import { resourcesOf } from "../finished-agents";
import type { Scanner, ScannerCheck } from "./scanner-check";

/** The checks of scanners as items of a checklist; a check of several kinds of resources is one item. */
export function scannerItems(scanners: readonly Scanner[]): ChecklistItem[] {
  return scanners.flatMap((scanner) => {
    const ids = [...new Set(scanner.checks.map(({ id }) => id))];
    return ids.map((id) =>
      itemOf(
        scanner,
        scanner.checks.filter((check) => check.id === id),
      ),
    );
  });
}

function itemOf({ name, title, version, on }: Scanner, checks: readonly ScannerCheck[]): ChecklistItem {
  const [first] = checks as readonly [ScannerCheck];
  const item = {
    id: `${name}/${first.id}`,
    title: first.asks,
    source: `What ${title} asks (${version}, read on ${on})`,
    evidence: ["plan"],
    find: (subject: ChecklistSubject) => checks.flatMap((check) => findBroken(check, subject)),
  } as const satisfies ChecklistItem;
  if (first.here === "not-applicable") return { ...item, notApplicable: () => first.why };
  if (first.here === "excepted") return { ...item, excepted: first.why };
  const types = checks.flatMap((check) => (check.here === "covered" ? [check.type] : []));
  return {
    ...item,
    notApplicable: ({ stacks, problems }) =>
      problems.length > 0 || types.some((type) => resourcesOf(stacks, type).length > 0)
        ? undefined
        : `there is no ${types.join(", no ")}`,
  };
}

function findBroken(check: ScannerCheck, { stacks, environment }: ChecklistSubject): Finding[] {
  if (check.here !== "covered") return [];
  const level: Level = environment.stage === "production" ? "warning" : "note";
  return resourcesOf(stacks, check.type)
    .filter(({ arguments: resource }) => !check.holds(resource))
    .map(({ address }) => ({
      level,
      address,
      message: `environment '${environment.name}': ${address} doesn't keep '${check.asks}'`,
    }));
}
