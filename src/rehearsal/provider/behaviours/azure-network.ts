import type { Behaviour } from "../behaviour";
import { CloudError } from "../cloud-error";
import { blocksAt, textAt } from "../value";

const SUBNETS = "Microsoft.Network/virtualNetworks/subnets";

/** What Azure lets a service do to the subnets that it is given, whatever was asked for. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.App/environments": [`${SUBNETS}/join/action`],
  "Microsoft.DBforPostgreSQL/flexibleServers": [`${SUBNETS}/join/action`],
  "Microsoft.Web/serverFarms": [`${SUBNETS}/action`],
};

/** The actions of a delegation are Azure's own: who writes others, or none, sees a change in every plan. */
const subnet: Behaviour = {
  types: ["azurerm_subnet"],
  filledByCloud({ attributes }) {
    const delegations = blocksAt(attributes, "delegation");
    if (delegations.length === 0) return undefined;
    return {
      delegation: delegations.map((delegation) => ({
        ...delegation,
        service_delegation: blocksAt(delegation, "service_delegation").map((service) => {
          const actions = ACTIONS[textAt(service, "name") ?? ""];
          return actions === undefined ? service : { ...service, actions: [...actions] };
        }),
      })),
    };
  },
};

/** A network follows one private zone of a name only. */
const privateDnsLink: Behaviour = {
  types: ["azurerm_private_dns_zone_virtual_network_link"],
  beforeCreate({ cloud, attributes, id }) {
    const zone = textAt(attributes, "private_dns_zone_name");
    const network = textAt(attributes, "virtual_network_id");
    const linked = cloud
      .ofType("azurerm_private_dns_zone_virtual_network_link")
      .some(
        (other) =>
          textAt(other.attributes, "private_dns_zone_name") === zone &&
          textAt(other.attributes, "virtual_network_id")?.toLowerCase() === network?.toLowerCase(),
      );
    if (!linked) return;
    throw new CloudError(
      `creating/updating ${id}: unexpected status 400 (400 Bad Request) with error: BadRequest: A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network with '${zone}' and '${zone}' zones.`,
    );
  },
};

export const azureNetwork: readonly Behaviour[] = [subnet, privateDnsLink];
