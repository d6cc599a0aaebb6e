import type { ObjectMetadata } from "./object-metadata";

/**
 * Secrets that a pod mounts from a vault. The Secret that `secretObjects` names exists only while a pod mounts it.
 *
 * @see https://learn.microsoft.com/azure/aks/csi-secrets-store-driver
 */
export interface SecretProviderClass {
  readonly apiVersion: "secrets-store.csi.x-k8s.io/v1";
  readonly kind: "SecretProviderClass";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly provider: "azure" | "gcp" | "vault";
    readonly parameters: Readonly<Record<string, string>>;
    readonly secretObjects?: readonly {
      readonly secretName: string;
      readonly type: "Opaque" | "kubernetes.io/tls" | "kubernetes.io/dockerconfigjson";
      readonly labels?: Readonly<Record<string, string>>;
      readonly data: readonly { readonly objectName: string; readonly key: string }[];
    }[];
  };
}
