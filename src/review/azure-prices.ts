import type { Price, PriceTable } from "./estimate-cost";

/** Where Azure says what a meter costs, to anybody. @see https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices */
export const AZURE_PRICES = "https://prices.azure.com/api/retail/prices";

/** A price as Azure's list has it. */
export interface RetailPrice {
  readonly currencyCode: string;
  readonly tierMinimumUnits: number;
  readonly retailPrice: number;
  readonly unitOfMeasure: string;
  readonly armRegionName: string;
  readonly productName: string;
  readonly skuName: string;
  readonly meterName: string;
}

/** Where one of our prices is in Azure's list. */
interface Listed {
  readonly service: string;
  readonly meter?: string;
  /** Size of a machine, whose meter is named otherwise. */
  readonly size?: string;
  readonly product?: string;
  /** Unit that Azure counts in. */
  readonly unit: string;
  /** How many of them are in one of ours. @default 1 */
  readonly times?: number;
  /** What Azure has one price for in all regions. @default false */
  readonly isGlobal?: boolean;
}

const HOURS_A_MONTH = 730;
const apps = (meter: string, unit: string): Listed => ({ service: "Azure Container Apps", meter, unit });
const node = (size: string): Listed => ({ service: "Virtual Machines", size, unit: "1 Hour" });

/** Our prices that Azure's list has. */
export const azureMeters: Readonly<Record<string, Listed>> = {
  "container-apps-active-vcpu-second": apps("Standard vCPU Active Usage", "1 Second"),
  "container-apps-idle-vcpu-second": apps("Standard vCPU Idle Usage", "1 Second"),
  "container-apps-gib-second": apps("Standard Memory Active Usage", "1 GiB Second"),
  "api-management-StandardV2-month": {
    service: "API Management",
    meter: "Standard v2 Unit",
    unit: "1 Hour",
    times: HOURS_A_MONTH,
  },
  "registry-Standard-day": {
    service: "Container Registry",
    meter: "Standard Registry Unit",
    unit: "1/Day",
  },
  "private-endpoint-hour": {
    service: "Virtual Network",
    product: "Virtual Network Private Link",
    meter: "Standard Private Endpoint",
    unit: "1 Hour",
    isGlobal: true,
  },
  "node-Standard_D2ds_v5-hour": node("Standard_D2ds_v5"),
  "node-Standard_D4ds_v5-hour": node("Standard_D4ds_v5"),
};

/** The question to Azure's list about one price. */
function priceQuestion({ service, meter, size, product, isGlobal }: Listed, region: string): string {
  const filter = [
    `serviceName eq '${service}'`,
    ...(isGlobal === true ? [] : [`armRegionName eq '${region}'`]),
    ...(meter === undefined ? [] : [`meterName eq '${meter}'`]),
    ...(size === undefined ? [] : [`armSkuName eq '${size}'`]),
    ...(product === undefined ? [] : [`productName eq '${product}'`]),
    "priceType eq 'Consumption'",
  ].join(" and ");
  return `${AZURE_PRICES}?currencyCode='USD'&$filter=${encodeURIComponent(filter)}`;
}

/**
 * Prices as Azure's list has them today. What the list does not answer with exactly one price stays as it was, and is said:
 * a price is never a guess.
 *
 * @param ask what Azure's list says to a question
 * @param today as `2026-11-21`
 */
export async function refreshAzurePrices(
  table: PriceTable,
  ask: (question: string) => Promise<readonly RetailPrice[]>,
  today: string,
): Promise<{ readonly table: PriceTable; readonly kept: readonly string[] }> {
  const kept: string[] = [];
  const prices: Record<string, Price> = { ...table.prices };
  for (const [name, price] of Object.entries(table.prices)) {
    const listed = azureMeters[name];
    if (listed === undefined) {
      kept.push(`${name}: compare it with ${price.source} yourself`);
      continue;
    }
    const question = priceQuestion(listed, price.region);
    const found = new Set(
      (await ask(question)).filter((each) => isIt(each, listed)).map(({ retailPrice }) => retailPrice),
    );
    const [retail, ...others] = found;
    if (retail === undefined || others.length > 0) {
      kept.push(`${name}: Azure's list has ${found.size} prices of it; ask it yourself: ${question}`);
      continue;
    }
    const own = Number((retail * (listed.times ?? 1)).toPrecision(6));
    prices[name] = { price: own, region: price.region, source: question, asOf: today };
  }
  return { table: { ...table, prices }, kept };
}

/** Whether a line of the list is the price itself: no free amount, no other unit, no machine with Windows or on sale. */
function isIt(line: RetailPrice, { unit, size }: Listed): boolean {
  const { unitOfMeasure, retailPrice, productName, skuName, currencyCode } = line;
  if (unitOfMeasure !== unit || retailPrice === 0 || currencyCode !== "USD") return false;
  return size === undefined || !/Windows|Spot|Low Priority/.test(`${productName} ${skuName}`);
}
