import type { LedgerEntry } from "../ledger";
import type { Cloud } from "./cloud";
import { isList, isObject, isUnknown, type ObjectValue, type Value } from "./value";

/**
 * What a data source finds: the thing of the resource type of the same name, in the same subscription, project
 * or cluster, whose attributes are what the arguments ask for. Arguments that the resource doesn't have don't count.
 */
export function findDataMatch(type: string, config: ObjectValue, cloud: Cloud): LedgerEntry | undefined {
  return cloud
    .ofType(type)
    .find(
      (entry) => entry.scope === cloud.scope && matches(config, entry.attributes, cloud.provider.ignoresCase),
    );
}

function matches(asked: ObjectValue, found: ObjectValue, ignoresCase: boolean): boolean {
  return Object.entries(asked).every(([name, value]) => {
    if (value === null || isUnknown(value) || !(name in found)) return true;
    return sameValue(value, found[name] ?? null, ignoresCase);
  });
}

function sameValue(asked: Value, found: Value, ignoresCase: boolean): boolean {
  if (isList(asked)) {
    const elements = isList(found) ? found : [];
    return asked.every((item, index) => sameValue(item, elements[index] ?? null, ignoresCase));
  }
  if (isObject(asked)) return isObject(found) && matches(asked, found, ignoresCase);
  const [one, other] = [String(asked), String(found)];
  return ignoresCase ? one.toLowerCase() === other.toLowerCase() : one === other;
}
