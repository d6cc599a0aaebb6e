import { BlockList, isIP } from "node:net";
import { z } from "zod";
import type { OutsideDestination } from "../../agent/agent-definition";
import { agentRule } from "../../environment/rule";

/**
 * Where machines hand out credentials to whoever asks from them: link-local addresses, and Azure's own of the same kind.
 *
 * @see https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const METADATA = ["169.254.0.0/16", "168.63.129.16/32"];

/** Names that lead there. @see https://cloud.google.com/compute/docs/metadata/querying-metadata */
const METADATA_HOSTS = ["metadata.google.internal", "metadata"];

/** Everything: policies leave out what is no public address. */
const ANYWHERE = "0.0.0.0/0";

/** An agent that is talked into it fetches the machine's own credentials from there: no destination leads there. */
export const egressSparesMetadata = agentRule("egress-spares-metadata", ({ egress }) => {
  const open = egress.map(nameOf).find(leadsToMetadata);
  if (open === undefined) return undefined;
  return (
    `its egress holds ${open}, where machines hand out their own credentials (${METADATA.join(", ")}); ` +
    "name the destinations that it calls, without these addresses: its own identity reaches it through its variables"
  );
});

function nameOf(place: OutsideDestination): string {
  return "cidr" in place ? place.cidr : place.host;
}

function leadsToMetadata(place: string): boolean {
  if (METADATA_HOSTS.includes(place.toLowerCase().replace(/\.$/, ""))) return true;
  const range = isIP(place) === 4 ? `${place}/32` : place;
  if (range === ANYWHERE || !z.cidrv4().safeParse(range).success) return false;
  return METADATA.some((metadata) => holds(metadata, range) || holds(range, metadata));
}

/** Whether a range holds the first address of another: of two that meet, one does. */
function holds(range: string, other: string): boolean {
  const [network = "", prefix] = range.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(other.split("/")[0] ?? "");
}
