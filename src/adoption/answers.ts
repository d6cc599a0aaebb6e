import { z } from "zod";
import { findNameProblems } from "../naming";
import { listOf, type Problem } from "../problem";
import { text } from "../shapes";
import {
  type CompanyValues,
  companySchema,
  customersEverywhere,
  PLACES,
  type Place,
  underPrefix,
} from "./company-values";

const shape = companySchema.shape;
const names = z.array(text);

/** What somebody says of their company: the words of `company.json`, each for itself, and short ones for several. */
export const answersSchema = z.strictObject({
  prefix: shape.prefix.optional(),
  domain: shape.domain.optional(),
  tenant: shape.tenant.optional(),
  contact: shape.contact.optional(),
  repository: shape.repository,
  customers: z.union([names, shape.customers]).optional(),
  azure: shape.azure.unwrap().partial().optional(),
  google: shape.google.unwrap().partial().optional(),
  cluster: shape.cluster.unwrap().partial().optional(),
  agents: z
    .strictObject({ remove: names.optional(), rename: z.record(z.string(), text).optional() })
    .optional(),
  clouds: z.array(z.enum(PLACES)).min(1).optional(),
  subscription: text.optional(),
  location: text.optional(),
  deployers: names.optional(),
  vaultRanges: names.optional(),
  project: text.optional(),
  projectNumber: text.optional(),
  region: text.optional(),
  context: text.optional(),
  registry: text.optional(),
  registryUser: text.optional(),
});

export type Answers = z.input<typeof answersSchema>;

/** What a company has of a cloud before it says so: the shipped placeholders, which a deploy refuses. */
const nowhere = "00000000-0000-0000-0000-000000000000";
const unnamed = { projectId: "a2a-example", projectNumber: "000000000000" };
const azureBefore = (prefix: string): NonNullable<CompanyValues["azure"]> => ({
  location: "eastus",
  subscriptions: { dev: nowhere, staging: nowhere, production: nowhere, images: nowhere },
  deployerObjectIds: [nowhere],
  vaultRanges: ["203.0.113.0/24"],
  dnsResourceGroup: `rg-${prefix}-dns`,
  images: { registry: `${prefix}fleetimages`, resourceGroup: `rg-${prefix}-registry` },
  state: {
    resourceGroup: `rg-${prefix}-state`,
    storageAccount: `${prefix}state`,
    containers: { dev: "tfstate-dev", staging: "tfstate-staging", production: "tfstate-production" },
  },
});
const googleBefore: NonNullable<CompanyValues["google"]> = {
  region: "europe-west4",
  agents: [],
  production: unnamed,
  images: unnamed,
};

const clusterBefore: NonNullable<CompanyValues["cluster"]> = {
  context: "a2a-example",
  registry: "registry.example.com",
  registryUser: "fleet",
};

/** The company as the answers leave it; what nobody speaks of stays. */
export function combine(before: CompanyValues, answers: Answers): CompanyValues {
  const { prefix = before.prefix } = answers;
  // What is wrong with a prefix is said once, not again of every name that follows it.
  const isName = findNameProblems("prefix", prefix, "").length === 0;
  const company = isName ? underPrefix(before, prefix) : { ...before, prefix };
  const has = (place: Place) =>
    answers.clouds === undefined
      ? company[place] !== undefined || place in answers
      : answers.clouds.includes(place);
  const { subscription, location, deployers, vaultRanges, project, projectNumber, region } = answers;
  const { context, registry, registryUser } = answers;
  const azure = company.azure ?? azureBefore(company.prefix);
  const google = company.google ?? googleBefore;
  const ofProject = {
    ...(project !== undefined && { projectId: project }),
    ...(projectNumber !== undefined && { projectNumber }),
  };
  return {
    prefix: company.prefix,
    domain: answers.domain ?? company.domain,
    tenant: answers.tenant ?? company.tenant,
    // A contact that nobody chose is the company's own domain's.
    contact:
      answers.contact ??
      company.contact.replace(`@${company.domain}`, `@${answers.domain ?? company.domain}`),
    ...repositoryOf(answers.repository ?? company.repository),
    customers: Array.isArray(answers.customers)
      ? customersEverywhere(answers.customers)
      : { ...company.customers, ...answers.customers },
    ...(has("azure") && {
      azure: {
        ...azure,
        ...(location !== undefined && { location }),
        ...(subscription !== undefined && {
          subscriptions: {
            dev: subscription,
            staging: subscription,
            production: subscription,
            images: subscription,
          },
        }),
        ...(deployers !== undefined && { deployerObjectIds: deployers }),
        ...(vaultRanges !== undefined && { vaultRanges }),
        ...answers.azure,
      },
    }),
    ...(has("google") && {
      google: {
        ...google,
        ...(region !== undefined && { region }),
        production: { ...google.production, ...ofProject },
        images: { ...google.images, ...ofProject },
        ...answers.google,
      },
    }),
    ...(has("cluster") && {
      cluster: {
        ...(company.cluster ?? clusterBefore),
        ...(context !== undefined && { context }),
        ...(registry !== undefined && { registry }),
        ...(registryUser !== undefined && { registryUser }),
        ...answers.cluster,
      },
    }),
  };
}

function repositoryOf(repository: string | undefined): { readonly repository?: string } {
  return repository === undefined ? {} : { repository };
}

/** Answers about a cloud or a cluster that the company isn't in: nobody would read them. */
export function findCloudProblems(answers: Answers, company: CompanyValues): Problem[] {
  const words = {
    azure: ["azure", "subscription", "location", "deployers", "vaultRanges"],
    google: ["google", "project", "projectNumber", "region"],
    cluster: ["cluster", "context", "registry", "registryUser"],
  } as const;
  return PLACES.flatMap((place) => {
    const idle = words[place].filter((word) => answers[word] !== undefined);
    if (company[place] !== undefined || idle.length === 0) return [];
    const where =
      place === "cluster" ? "has no cluster of its own; add 'cluster'" : `is not in ${place}; add it`;
    const message = `${listOf(idle)} would be read by nobody: the company ${where} to 'clouds', or leave them out`;
    return [{ rule: "adoption", message }];
  });
}
