import { z } from "zod";
import { uuid } from "../../shapes";
import { nameOf, networkName } from "../../vendor-limits";
import { azureRegion } from "./azure-shapes";

/** The Azure side of an environment. */
export interface AzureSettings {
  /** Subscription id (UUID). */
  readonly subscriptionId: string;
  /** Region, as Azure writes it: `eastus`, `westeurope`. */
  readonly location: string;
  /**
   * Name of the resource group.
   *
   * @default - `rg-<prefix>-<environment>`, created
   */
  readonly resourceGroup?: { readonly existing: string };
  /**
   * Object ids of those who deploy (people, pipelines): they may write secrets and read them at every plan.
   * A list, because the identity that happens to run Terraform changes.
   */
  readonly deployerObjectIds: readonly string[];
  /** @default - a network of its own where something needs one, 10.40.0.0/16 */
  readonly network?: NetworkSettings;
}

/** The virtual network of an environment. */
export type NetworkSettings =
  | {
      readonly kind: "created";
      /** Address space, /16 to /20; subnets are cut from it. @default "10.40.0.0/16" */
      readonly cidr?: string;
    }
  | {
      readonly kind: "existing";
      readonly name: string;
      readonly resourceGroup: string;
      /** Subnet of the Container Apps environment, /27 or larger, delegated to Microsoft.App/environments. */
      readonly containerAppsSubnet?: string;
      /** Subnet of private endpoints. */
      readonly privateEndpointsSubnet?: string;
      /** Subnet of API Management's integration, delegated to Microsoft.Web/serverFarms. */
      readonly gatewaySubnet?: string;
      /** Subnet of AKS nodes. */
      readonly clusterSubnet?: string;
      /** Subnet of Postgres, delegated to Microsoft.DBforPostgreSQL/flexibleServers. */
      readonly postgresSubnet?: string;
      /**
       * Address space of the network, for policies that name private ranges.
       *
       * @default "10.0.0.0/8"
       */
      readonly cidr?: string;
      /**
       * Resource group of the private DNS zones (`privatelink.vaultcore.azure.net`, `privatelink.redis.azure.net`) that
       * the network is linked to already. Azure links no network to two zones of one name.
       *
       * @default - the network is linked to none of them: the fleet makes them in its own group
       */
      readonly privateDnsResourceGroup?: string;
    };

const networkSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("created"), cidr: z.cidrv4().optional() }),
  z.strictObject({
    kind: z.literal("existing"),
    name: networkName,
    resourceGroup: nameOf("resource group"),
    containerAppsSubnet: networkName.optional(),
    privateEndpointsSubnet: networkName.optional(),
    gatewaySubnet: networkName.optional(),
    clusterSubnet: networkName.optional(),
    postgresSubnet: networkName.optional(),
    cidr: z.cidrv4().optional(),
    privateDnsResourceGroup: nameOf("resource group").optional(),
  }),
]);

export const azureSchema = z.strictObject({
  subscriptionId: uuid,
  location: azureRegion,
  resourceGroup: z.strictObject({ existing: nameOf("resource group") }).optional(),
  deployerObjectIds: z.array(uuid).min(1, "needs at least one object id: somebody has to write the secrets"),
  network: networkSchema.optional(),
}) satisfies z.ZodType<AzureSettings>;
