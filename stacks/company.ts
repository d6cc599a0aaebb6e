import values from "./company.json";

/**
 * What a company is, for all of its environments. The values are in `company.json`, which `npm run adopt` writes; whoever
 * edits it by hand has the same words here.
 */
export interface Company {
  /** Short name of the company or the product: it begins the name of everything in a cloud. */
  readonly prefix: string;
  /** Domain of production; the other environments are below it: `dev.example.com`. */
  readonly domain: string;
  /** Tenant of Microsoft Entra that its people and agents belong to; without Azure, any name. */
  readonly tenant: string;
  /** Address that certificate authorities write to before a certificate ends. */
  readonly contact: string;
  /** Its repository at GitHub, `owner/name`, whose workflows deploy. @default - people deploy, or another forge */
  readonly repository?: string;
  /** Customers by environment: each has an instance of its own of every agent with `perCustomer`. */
  readonly customers: Readonly<Record<string, readonly string[]>>;
  /** @default - nothing of it is in Azure */
  readonly azure?: CompanyInAzure;
  /** @default - nothing of it is in Google Cloud */
  readonly google?: CompanyInGoogle;
  /** @default - none of it is on a Kubernetes of its own */
  readonly cluster?: CompanyOnCluster;
}

export interface CompanyInAzure {
  /** Region, as in `az account list-locations`. */
  readonly location: string;
  /** Subscription ids; `images` is the one with the registry of all environments. */
  readonly subscriptions: Readonly<Record<"dev" | "staging" | "production" | "images", string>>;
  /** Object ids of the people who deploy, and their groups: they may write secrets into the vaults. */
  readonly deployerObjectIds: readonly string[];
  /** Object ids of the workflows that deploy, by environment: `npm run bootstrap -- azure` says them. */
  readonly workflowObjectIds?: Readonly<Partial<Record<"dev" | "staging" | "production", string>>>;
  /** Public address ranges that the deployers come from: closed vaults admit these. */
  readonly vaultRanges: readonly string[];
  /** Resource group with the DNS zone of the domain. */
  readonly dnsResourceGroup: string;
  /** The registry of all environments. Its name is unique in the world. */
  readonly images: { readonly registry: string; readonly resourceGroup: string };
  /** Where Terraform's state is kept: `npm run bootstrap -- azure` makes all of it. */
  readonly state: {
    readonly resourceGroup: string;
    readonly storageAccount: string;
    /**
     * Container of each environment, which those who deploy it alone write. What all environments share has its state in
     * `tfstate`.
     *
     * @default - `tfstate` for all
     */
    readonly containers?: Readonly<Partial<Record<"dev" | "staging" | "production", string>>>;
  };
}

export interface CompanyInGoogle {
  readonly region: string;
  /** People who deploy, as IAM writes them: `group:platform@example.com`. @default - those who may already */
  readonly deployers?: readonly string[];
  /** Agents that production runs on Cloud Run. */
  readonly agents: readonly string[];
  readonly production: GoogleProject;
  /** Project with the registry's copy of the images. */
  readonly images: GoogleProject;
}

export interface CompanyOnCluster {
  /** Context of the kubeconfig, as in `kubectl config get-contexts`. */
  readonly context: string;
  /** Host of the registry with the images of its agents. */
  readonly registry: string;
  /** Who reads from that registry; the password is the cluster's Secret `registry-login`. */
  readonly registryUser: string;
}

export interface GoogleProject {
  readonly projectId: string;
  readonly projectNumber: string;
}

export const company: Company = values;

/** What the company has in Azure. @throws where `company.json` says nothing of it */
export function inAzure(): CompanyInAzure {
  if (company.azure !== undefined) return company.azure;
  throw new Error(
    "an environment is in Azure, of which stacks/company.json says nothing; add 'azure' to it, or take the environment " +
      "out of stacks/environments/index.ts",
  );
}

/** What environments in Azure have in common. */
export function azureSettings(environment: "dev" | "staging" | "production") {
  const { subscriptions, location, deployerObjectIds: people, workflowObjectIds, state } = inAzure();
  const { resourceGroup, storageAccount, containers } = state;
  const deployerObjectIds = [...people, ...[workflowObjectIds?.[environment] ?? []].flat()];
  return {
    tenant: company.tenant,
    azure: { subscriptionId: subscriptions[environment], location, deployerObjectIds },
    state: {
      kind: "azure-storage",
      resourceGroup,
      storageAccount,
      container: containers?.[environment],
    } as const,
  };
}
