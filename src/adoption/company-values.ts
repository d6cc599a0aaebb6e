import { z } from "zod";
import { azureRegion } from "../azure/facts/azure-shapes";
import { coreShape } from "../environment/environment-core";
import { googleRegion, projectId } from "../google/facts/google-shapes";
import { text, uuid } from "../shapes";
import { nameOf } from "../vendor-limits";

const environments = ["dev", "staging", "production"] as const;
const projectNumber = z
  .string()
  .regex(/^\d{6,19}$/, "is not a project number (digits, from 'gcloud projects describe')");
const project = z.strictObject({ projectId, projectNumber });
const customers = z.array(text);
const repository = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+$/, "is not a repository at GitHub (owner/name, from its address)");

/** Where a company's agents may run: clouds, and a Kubernetes of its own. */
export const PLACES = ["azure", "google", "cluster"] as const;

export type Place = (typeof PLACES)[number];

/** What `stacks/company.json` holds; `stacks/company.ts` says what each word means. */
export const companySchema = z.strictObject({
  prefix: coreShape.prefix,
  domain: coreShape.domain,
  tenant: coreShape.tenant,
  contact: z.email(),
  repository: repository.optional(),
  customers: z.record(z.string(), customers),
  azure: z
    .strictObject({
      location: azureRegion,
      subscriptions: z.strictObject({ dev: uuid, staging: uuid, production: uuid, images: uuid }),
      deployerObjectIds: z.array(uuid).min(1),
      workflowObjectIds: z.strictObject({ dev: uuid, staging: uuid, production: uuid }).partial().optional(),
      vaultRanges: z.array(z.union([z.cidrv4(), z.ipv4()])),
      dnsResourceGroup: nameOf("resource group"),
      images: z.strictObject({
        registry: nameOf("Azure Container Registry"),
        resourceGroup: nameOf("resource group"),
      }),
      state: z.strictObject({
        resourceGroup: nameOf("resource group"),
        storageAccount: nameOf("storage account"),
        containers: z
          .strictObject({
            dev: nameOf("storage container"),
            staging: nameOf("storage container"),
            production: nameOf("storage container"),
          })
          .partial()
          .optional(),
      }),
    })
    .optional(),
  google: z
    .strictObject({
      region: googleRegion,
      deployers: z.array(text).optional(),
      agents: z.array(text),
      production: project,
      images: project,
    })
    .optional(),
  cluster: z.strictObject({ context: text, registry: text, registryUser: text }).optional(),
});

export type CompanyValues = z.infer<typeof companySchema>;

/** Names that follow the prefix until somebody chooses others. */
function namesOf(prefix: string) {
  return {
    dnsResourceGroup: `rg-${prefix}-dns`,
    registry: `${prefix}fleetimages`,
    registryResourceGroup: `rg-${prefix}-registry`,
    stateResourceGroup: `rg-${prefix}-state`,
    stateAccount: `${prefix}state`,
  };
}

/** The company under another prefix: what was named after the old one is named after the new one. */
export function underPrefix(company: CompanyValues, prefix: string): CompanyValues {
  const before = namesOf(company.prefix);
  const after = namesOf(prefix);
  const named = (name: string, which: keyof typeof before) => (name === before[which] ? after[which] : name);
  const { azure } = company;
  return {
    ...company,
    prefix,
    ...(azure && {
      azure: {
        ...azure,
        dnsResourceGroup: named(azure.dnsResourceGroup, "dnsResourceGroup"),
        images: {
          registry: named(azure.images.registry, "registry"),
          resourceGroup: named(azure.images.resourceGroup, "registryResourceGroup"),
        },
        state: {
          ...azure.state,
          resourceGroup: named(azure.state.resourceGroup, "stateResourceGroup"),
          storageAccount: named(azure.state.storageAccount, "stateAccount"),
        },
      },
    }),
  };
}

/** Customers by environment, of one list: development and staging try the first ones, production has all. */
export function customersEverywhere(names: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    environments.map((name, index) => [name, names.slice(0, [1, 2][index] ?? names.length)]),
  );
}

/** The values as the project's formatter leaves a JSON file: lists on one line where they fit. */
export function companyText(company: CompanyValues): string {
  const text = JSON.stringify(company, undefined, 2);
  return `${text.replace(
    /^( *)(.*)\[\s*([^\][{}]*?)\s*\](,?)$/gm,
    (whole, indent: string, key: string, items: string, comma: string) => {
      const line = `${indent}${key}[${items.split(/,\s*\n\s*/).join(", ")}]${comma}`;
      return line.length <= 110 ? line : whole;
    },
  )}\n`;
}
