import type { ObjectMetadata } from "./object-metadata";

/**
 * Which controller serves the gateways that name this class.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/
 */
export interface GatewayClass {
  readonly apiVersion: "gateway.networking.k8s.io/v1";
  readonly kind: "GatewayClass";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly controllerName: string;
    readonly description?: string;
    readonly parametersRef?: {
      readonly group: string;
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
    };
  };
}

/** A way in: listeners on an address of its own. */
export interface Gateway {
  readonly apiVersion: "gateway.networking.k8s.io/v1";
  readonly kind: "Gateway";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly GatewayListener[];
    readonly infrastructure?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
  };
}

/** A port that a gateway listens on, for one host or all. */
export interface GatewayListener {
  readonly name: string;
  readonly protocol: "HTTP" | "HTTPS";
  readonly port: number;
  readonly hostname?: string;
  readonly tls?: {
    readonly mode: "Terminate";
    readonly certificateRefs: readonly { readonly kind: "Secret"; readonly name: string }[];
  };
  readonly allowedRoutes?: {
    readonly namespaces: {
      readonly from: "Same" | "All" | "Selector";
      readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
    };
  };
}

/** What a gateway sends where. */
export interface HttpRoute {
  readonly apiVersion: "gateway.networking.k8s.io/v1";
  readonly kind: "HTTPRoute";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly parentRefs: readonly {
      readonly name: string;
      readonly namespace?: string;
      readonly sectionName?: string;
    }[];
    readonly hostnames?: readonly string[];
    readonly rules: readonly HttpRouteRule[];
  };
}

/** Where requests go that match: to which backends, changed in what way, within what time. */
export interface HttpRouteRule {
  readonly matches?: readonly {
    readonly path?: { readonly type: "PathPrefix" | "Exact"; readonly value: string };
    readonly method?: "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS";
    readonly headers?: readonly { readonly type?: "Exact"; readonly name: string; readonly value: string }[];
  }[];
  readonly filters?: readonly HttpRouteFilter[];
  readonly backendRefs?: readonly {
    readonly name: string;
    readonly namespace?: string;
    readonly port: number;
    readonly weight?: number;
  }[];
  /** Durations (`310s`); `0s` switches a limit off. `backendRequest` must not exceed `request`. */
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
}

/** What is done to requests, or to their answers, on the way. */
export type HttpRouteFilter =
  | {
      readonly type: "RequestRedirect";
      readonly requestRedirect: {
        readonly scheme?: "https";
        readonly port?: number;
        readonly statusCode?: 301 | 302;
      };
    }
  | {
      readonly type: "URLRewrite";
      readonly urlRewrite: {
        readonly hostname?: string;
        readonly path?:
          | { readonly type: "ReplacePrefixMatch"; readonly replacePrefixMatch: string }
          | { readonly type: "ReplaceFullPath"; readonly replaceFullPath: string };
      };
    }
  | {
      readonly type: "RequestHeaderModifier" | "ResponseHeaderModifier";
      readonly requestHeaderModifier?: HeaderChange;
      readonly responseHeaderModifier?: HeaderChange;
    };

/** Headers that are set, added and removed. */
export interface HeaderChange {
  readonly set?: readonly { readonly name: string; readonly value: string }[];
  readonly add?: readonly { readonly name: string; readonly value: string }[];
  readonly remove?: readonly string[];
}

/** How a gateway speaks TLS to a Service behind it. */
export interface BackendTlsPolicy {
  readonly apiVersion: "gateway.networking.k8s.io/v1";
  readonly kind: "BackendTLSPolicy";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly targetRefs: readonly {
      readonly group: "";
      readonly kind: "Service";
      readonly name: string;
      readonly sectionName?: string;
    }[];
    readonly validation: {
      readonly hostname: string;
      readonly caCertificateRefs?: readonly {
        readonly group: "";
        readonly kind: "ConfigMap";
        readonly name: string;
      }[];
      readonly wellKnownCACertificates?: "System";
    };
  };
}
