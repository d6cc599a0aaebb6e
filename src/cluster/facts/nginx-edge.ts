import { z } from "zod";
import { kubernetesLabel, text } from "../../shapes";
import {
  type CertificateSettings,
  certificatesSchema,
  type EdgeTraits,
  type InternalAddressSettings,
  internalAddressSchema,
} from "./edge-traits";

/** Ingress with nginx, the legacy way. */
export interface NginxEdge {
  readonly kind: "nginx";
  /** `ingress-nginx` is the retired community controller, `app-routing` the one that AKS patches through November 2026. */
  readonly controller: "ingress-nginx" | "app-routing";
  /** Namespace of the controller. @default - "ingress-nginx", or "app-routing-system" */
  readonly namespace?: string;
  readonly certificates: CertificateSettings;
  /** @default - behind a gateway, one in the environment's own network; otherwise one on the internet */
  readonly internalAddress?: InternalAddressSettings;
  /**
   * Whether responses are held back until they end. Event streams do not survive it.
   *
   * @default false
   */
  readonly buffering?: boolean;
  /**
   * Why production still depends on a controller that gets no more fixes, and until when (`YYYY-MM-DD`).
   *
   * @default - none: refused in production
   */
  readonly exception?: { readonly reason: string; readonly until: string };
}

const namespaces: Record<NginxEdge["controller"], string> = {
  "ingress-nginx": "ingress-nginx",
  "app-routing": "app-routing-system",
};

export const nginxEdge: EdgeTraits<NginxEdge> = {
  kind: "nginx",
  choosesAddress: false,
  showsPaths: false,
  callerGaps: () => ["busy"],
  // It writes the header anew with its own host, unless its ConfigMap says use-forwarded-headers.
  keepsForwardedHost: false,
  schema: z.strictObject({
    kind: z.literal("nginx"),
    controller: z.enum(["ingress-nginx", "app-routing"]),
    namespace: kubernetesLabel.optional(),
    certificates: certificatesSchema,
    internalAddress: internalAddressSchema.optional(),
    buffering: z.boolean().optional(),
    exception: z.strictObject({ reason: text, until: z.iso.date() }).optional(),
  }),
  gatewayClass: () => undefined,
  namespace: ({ controller, namespace = namespaces[controller] }) => namespace,
  hop: ({ buffering = false }, taskDeadlineSeconds) => ({
    name: "nginx-ingress",
    limitSeconds: null,
    timeoutSeconds: Math.max(300, taskDeadlineSeconds + 10),
    buffers: buffering,
    source:
      "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#proxy-buffering",
  }),
};
