import type { ObjectMetadata } from "./object-metadata";

/**
 * How Envoy Gateway runs the proxies of a gateway.
 *
 * @see https://gateway.envoyproxy.io/docs/api/extension_types/#envoyproxy
 */
export interface EnvoyProxy {
  readonly apiVersion: "gateway.envoyproxy.io/v1alpha1";
  readonly kind: "EnvoyProxy";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly provider: {
      readonly type: "Kubernetes";
      readonly kubernetes: {
        readonly envoyDeployment?: { readonly replicas: number };
        readonly envoyPDB?: { readonly maxUnavailable: number };
        readonly envoyService?: {
          readonly type: "LoadBalancer" | "ClusterIP" | "NodePort";
          readonly annotations?: Readonly<Record<string, string>>;
          readonly externalTrafficPolicy?: "Local" | "Cluster";
          readonly loadBalancerSourceRanges?: readonly string[];
        };
      };
    };
    readonly shutdown?: { readonly drainTimeout: string };
  };
}

/** Who may call through a gateway or a route. */
export interface SecurityPolicy {
  readonly apiVersion: "gateway.envoyproxy.io/v1alpha1";
  readonly kind: "SecurityPolicy";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly targetRefs: readonly PolicyTarget[];
    readonly authorization: {
      readonly defaultAction: "Allow" | "Deny";
      readonly rules: readonly {
        readonly name?: string;
        readonly action: "Allow" | "Deny";
        readonly principal: { readonly clientCIDRs: readonly string[] };
      }[];
    };
  };
}

/** Limits and load balancing between a gateway and what is behind it. */
export interface BackendTrafficPolicy {
  readonly apiVersion: "gateway.envoyproxy.io/v1alpha1";
  readonly kind: "BackendTrafficPolicy";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly targetRefs: readonly PolicyTarget[];
    readonly timeout?: {
      readonly http?: { readonly requestTimeout?: string; readonly connectionIdleTimeout?: string };
    };
    readonly rateLimit?: {
      readonly type: "Local";
      readonly local: {
        readonly rules: readonly {
          /** `Distinct`: each address of the range has a counter of its own. */
          readonly clientSelectors: readonly {
            readonly sourceCIDR: { readonly type: "Distinct"; readonly value: string };
          }[];
          readonly limit: { readonly requests: number; readonly unit: "Second" | "Minute" | "Hour" };
        }[];
      };
    };
  };
}

/** A gateway or route that a policy is about, in the policy's own namespace. */
export interface PolicyTarget {
  readonly group: "gateway.networking.k8s.io";
  readonly kind: "Gateway" | "HTTPRoute";
  readonly name: string;
}
