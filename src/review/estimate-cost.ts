import type { FinishedStack } from "../checklist/checklist-item";
import { type FinishedResource, resourcesOf } from "../checklist/finished-agents";
import { billings, type Meter } from "./meters";
import { agentsAmong, type Owner, ownerOf } from "./owner";

/** Prices by the names of meters. */
export interface PriceTable {
  readonly currency: string;
  /** Month in which those that say nothing else were known (`2025-06`). */
  readonly asOf: string;
  readonly provenance: string;
  readonly prices: Readonly<Record<string, Price>>;
}

/** A list price, in the table's currency. */
export interface Price {
  readonly price: number;
  readonly region: string;
  /** Where it can be looked up. */
  readonly source: string;
  /** Day, or month, in which it was so. @default - the table's */
  readonly asOf?: string;
}

/** What an agent or a shared part costs a month, as far as prices are known. */
export interface OwnerCost extends Owner {
  readonly idle: number;
  readonly full: number;
  /** Meters without a price, and what else it is billed for. */
  readonly unknown: readonly string[];
}

export interface CostEstimate {
  readonly owners: readonly OwnerCost[];
  readonly idle: number;
  readonly full: number;
  /** Everything that is not in the sums, said once. */
  readonly unknown: readonly string[];
}

/**
 * What finished stacks cost in a month, at idle (nobody uses the fleet) and at full scale (every replica and node that
 * may be there works all month). What has no price is named, never zero.
 */
export function estimateCost(stacks: readonly FinishedStack[], table: PriceTable): CostEstimate {
  const resources = stacks.flatMap(allOf);
  const agents = agentsAmong(resources.map(({ address }) => address));
  const owners = new Map<string, { owner: Owner; idle: number; full: number; unknown: Set<string> }>();
  for (const resource of resources) {
    const owner = ownerOf(resource.address, agents);
    const key = `${owner.kind} ${owner.name}`;
    const known = owners.get(key) ?? { owner, idle: 0, full: 0, unknown: new Set<string>() };
    owners.set(key, known);
    const { meters, unknown } = meteredBy(resource);
    for (const each of unknown) known.unknown.add(each);
    for (const { name, idle, full } of meters) {
      const price = table.prices[name]?.price;
      if (price === undefined) {
        known.unknown.add(`${name}: no price`);
        continue;
      }
      known.idle += idle * price;
      known.full += full * price;
    }
  }
  const listed = [...owners]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { owner, idle, full, unknown }]) => ({ ...owner, idle, full, unknown: [...unknown] }))
    .filter(({ idle, full, unknown }) => idle > 0 || full > 0 || unknown.length > 0);
  return {
    owners: listed,
    idle: sumOf(listed.map(({ idle }) => idle)),
    full: sumOf(listed.map(({ full }) => full)),
    unknown: [...new Set(listed.flatMap(({ unknown }) => unknown))].toSorted(),
  };
}

function allOf(stack: FinishedStack): FinishedResource[] {
  const { resource = {} } = stack.json as { readonly resource?: Readonly<Record<string, object>> };
  return Object.keys(resource).flatMap((type) => resourcesOf([stack], type));
}

function meteredBy({ type, arguments: resource }: FinishedResource): {
  meters: readonly Meter[];
  unknown: readonly string[];
} {
  const billing = billings[type];
  if (billing === undefined) return { meters: [], unknown: [`${type}: nobody said how it is billed`] };
  if (billing.kind === "free") return { meters: [], unknown: [] };
  if (billing.kind === "by-use") return { meters: [], unknown: [`${type}: billed by ${billing.what}`] };
  return { meters: billing.meters(resource), unknown: [] };
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** `USD 12 to 340 a month` */
export function sayCost({ idle, full }: Pick<CostEstimate, "idle" | "full">, currency: string): string {
  const amounts = [idle, full].map((amount) => Math.round(amount).toLocaleString("en-US"));
  return amounts[0] === amounts[1]
    ? `${currency} ${amounts[0]} a month`
    : `${currency} ${amounts.join(" to ")} a month`;
}
