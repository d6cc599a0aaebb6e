import { z } from "zod";
import type { Hop } from "../../agent/agent-route";
import type { callerGaps } from "../../environment/caller-limits";
import type { ChoiceTraits, Kinded } from "../../environment/choice-traits";
import { hostName, kubernetesName, secureUrl } from "../../shapes";
import { nameOf, networkName } from "../../vendor-limits";

/** What has to be known of a kind of edge. */
export interface EdgeTraits<Settings extends Kinded = Kinded> extends ChoiceTraits<Settings> {
  /** Whether its controller is the fleet's own, which then chooses its address in the environment's network. */
  readonly choosesAddress: boolean;
  /** Whether it can show some paths of a host and hide the others: Keycloak's tokens without its console. */
  readonly showsPaths: boolean;
  /** What it leaves undone for callers from outside. */
  callerGaps(settings: Settings): readonly (keyof typeof callerGaps)[];
  /** Whether it passes on the host that a gateway in front of it was asked for (`X-Forwarded-Host`). */
  readonly keepsForwardedHost: boolean;
  /** GatewayClass of its routes. */
  gatewayClass(settings: Settings): string | undefined;
  /** Namespace of its proxies: the only one that network policies let in. */
  namespace(settings: Settings): string;
  /** What it is to a stream. */
  hop(settings: Settings, taskDeadlineSeconds: number): Hop;
}

/**
 * An address of the network for an edge behind API Management, instead of one on the internet.
 */
export interface InternalAddressSettings {
  /** Name of the subnet. */
  readonly subnet: string;
  readonly address: string;
  /** Ranges that get through: the gateway's subnet. */
  readonly allowedRanges: readonly string[];
}

/** Who issues the edge's certificates; cert-manager asks for them. */
export type CertificateSettings =
  /** Let's Encrypt, or another ACME authority. */
  | {
      readonly kind: "acme";
      readonly email: string;
      /** @default "https://acme-v02.api.letsencrypt.org/directory" */
      readonly server?: string;
      /**
       * Public Azure DNS zone in which the authority finds the answer: needed where the edge is not on the internet.
       *
       * @default - the authority asks the edge itself (HTTP-01)
       */
      readonly dnsZone?: { readonly name: string; readonly resourceGroup: string };
    }
  /** A ClusterIssuer that exists. */
  | { readonly kind: "issuer"; readonly name: string };

export const certificatesSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("acme"),
    email: z.email(),
    server: secureUrl.optional(),
    dnsZone: z.strictObject({ name: hostName, resourceGroup: nameOf("resource group") }).optional(),
  }),
  z.strictObject({ kind: z.literal("issuer"), name: kubernetesName }),
]);

export const internalAddressSchema = z.strictObject({
  subnet: networkName,
  address: z.ipv4(),
  allowedRanges: z.array(z.cidrv4()).min(1, "needs at least one range: the gateway's"),
});
