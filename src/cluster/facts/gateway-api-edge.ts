import { z } from "zod";
import { kubernetesLabel, kubernetesName } from "../../shapes";
import {
  type CertificateSettings,
  certificatesSchema,
  type EdgeTraits,
  type InternalAddressSettings,
  internalAddressSchema,
} from "./edge-traits";

/** Gateway API, with Envoy Gateway as its controller. */
export interface GatewayApiEdge {
  readonly kind: "gateway-api";
  /** @default - the class of the controller that the fleet installs */
  readonly gatewayClass?: string;
  /** Namespace of the proxies: the only one that network policies let in. @default - that controller's */
  readonly namespace?: string;
  readonly certificates: CertificateSettings;
  /** @default - behind a gateway, one in the environment's own network; otherwise one on the internet */
  readonly internalAddress?: InternalAddressSettings;
}

export const gatewayApiEdge: EdgeTraits<GatewayApiEdge> = {
  kind: "gateway-api",
  choosesAddress: true,
  showsPaths: true,
  // How somebody else's controller counts is not in Gateway API.
  callerGaps: ({ gatewayClass }) => (gatewayClass === undefined ? [] : ["unlimited"]),
  keepsForwardedHost: true,
  schema: z.strictObject({
    kind: z.literal("gateway-api"),
    gatewayClass: kubernetesName.optional(),
    namespace: kubernetesLabel.optional(),
    certificates: certificatesSchema,
    internalAddress: internalAddressSchema.optional(),
  }),
  gatewayClass: ({ gatewayClass }) => gatewayClass,
  namespace: ({ namespace = "envoy-gateway-system" }) => namespace,
  hop: (_settings, taskDeadlineSeconds) => ({
    name: "gateway-api",
    limitSeconds: null,
    timeoutSeconds: taskDeadlineSeconds + 10,
    buffers: false,
    source: "https://gateway-api.sigs.k8s.io/guides/http-timeouts/",
  }),
};
