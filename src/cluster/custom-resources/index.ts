import type { Certificate, ClusterIssuer, Issuer } from "./certificate";
import type { DaprConfiguration } from "./dapr-configuration";
import type { DaprResiliency } from "./dapr-resiliency";
import type { BackendTrafficPolicy, EnvoyProxy, SecurityPolicy } from "./envoy-gateway";
import type { BackendTlsPolicy, Gateway, GatewayClass, HttpRoute } from "./gateway";
import type { AzurePodMonitor, PodMonitor, ServiceMonitor } from "./pod-monitor";
import type { PrometheusRule } from "./prometheus-rule";
import type { ScaledObject, TriggerAuthentication } from "./scaled-object";
import type { SecretProviderClass } from "./secret-provider-class";

export type * from "./certificate";
export type * from "./dapr-configuration";
export type * from "./dapr-resiliency";
export type * from "./envoy-gateway";
export type * from "./gateway";
export type * from "./object-metadata";
export type * from "./pod-monitor";
export type * from "./prometheus-rule";
export type * from "./scaled-object";
export type * from "./secret-provider-class";

/**
 * Every custom resource that the fleet creates. A kind that is added here is added to the CRD schemas of the tests too
 * (`test/support/crds`), or no test with it passes.
 */
export type CustomResource =
  | AzurePodMonitor
  | BackendTlsPolicy
  | BackendTrafficPolicy
  | Certificate
  | ClusterIssuer
  | DaprConfiguration
  | DaprResiliency
  | EnvoyProxy
  | Gateway
  | GatewayClass
  | HttpRoute
  | Issuer
  | PodMonitor
  | PrometheusRule
  | ScaledObject
  | SecretProviderClass
  | SecurityPolicy
  | ServiceMonitor
  | TriggerAuthentication;
