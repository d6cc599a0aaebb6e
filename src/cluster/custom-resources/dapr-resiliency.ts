import type { ObjectMetadata } from "./object-metadata";

/**
 * How sidecars repeat calls that failed.
 *
 * @see https://docs.dapr.io/operations/resiliency/resiliency-overview/
 */
export interface DaprResiliency {
  readonly apiVersion: "dapr.io/v1alpha1";
  readonly kind: "Resiliency";
  readonly metadata: ObjectMetadata;
  /** Ids of the apps whose sidecars take it to heart; all of the namespace where it is left out. */
  readonly scopes: readonly string[];
  readonly spec: {
    readonly policies: {
      readonly retries: Readonly<
        Record<string, { readonly policy: "constant" | "exponential"; readonly maxRetries: number }>
      >;
    };
    readonly targets: {
      /** By the id of the app that is called. */
      readonly apps: Readonly<Record<string, { readonly retry: string }>>;
    };
  };
}
