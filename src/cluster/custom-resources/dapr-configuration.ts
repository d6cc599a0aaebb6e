import type { ObjectMetadata } from "./object-metadata";

/**
 * What one sidecar lets in, and the trust domain in its own certificate. Certificate lifetimes are not among it: they
 * are the control plane's.
 *
 * @see https://docs.dapr.io/operations/configuration/invoke-allowlist/
 */
export interface DaprConfiguration {
  readonly apiVersion: "dapr.io/v1alpha1";
  readonly kind: "Configuration";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly accessControl: DaprAccessControl;
    /** What the app may use of its own sidecar; everything where it is left out. */
    readonly api?: {
      readonly allowed: readonly {
        readonly name: string;
        readonly version: string;
        readonly protocol: "http" | "grpc";
      }[];
    };
    /** What the sidecar does beyond its defaults, or no longer. */
    readonly features?: readonly { readonly name: string; readonly enabled: boolean }[];
  };
}

/** Who may call an app, and what of it. @see https://docs.dapr.io/operations/configuration/invoke-allowlist/ */
export interface DaprAccessControl {
  readonly defaultAction: "allow" | "deny";
  /** Trust domain of this app's own certificate. */
  readonly trustDomain: string;
  readonly policies: readonly DaprAppPolicy[];
}

/** What one caller may do. daprd does not start with a policy that lacks the namespace or the trust domain. */
export interface DaprAppPolicy {
  readonly appId: string;
  readonly defaultAction: "allow" | "deny";
  readonly trustDomain: string;
  readonly namespace: string;
  readonly operations?: readonly DaprOperation[];
}

/** What a caller may or may not call. */
export interface DaprOperation {
  /**
   * Path of the called method. `/x/**` is `/x` and everything below it, `/x/*` is `/x` and one segment more. The first
   * segment with an operation decides: `/x` beside `/x/**` shadows the latter.
   */
  readonly name: string;
  readonly httpVerb: readonly ("*" | "GET" | "POST" | "PUT" | "DELETE" | "PATCH")[];
  readonly action: "allow" | "deny";
}
