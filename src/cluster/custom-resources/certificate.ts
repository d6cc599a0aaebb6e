import type { ObjectMetadata, SecretKey } from "./object-metadata";

/**
 * A certificate that cert-manager keeps in a Secret and renews.
 *
 * @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate
 */
export interface Certificate {
  readonly apiVersion: "cert-manager.io/v1";
  readonly kind: "Certificate";
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly secretName: string;
    readonly issuerRef: {
      readonly name: string;
      readonly kind: "Issuer" | "ClusterIssuer";
      readonly group?: "cert-manager.io";
    };
    readonly dnsNames?: readonly string[];
    readonly commonName?: string;
    readonly isCA?: boolean;
    /** Lifetime, as a duration: `2160h`. */
    readonly duration?: string;
    readonly renewBefore?: string;
    readonly privateKey?: {
      readonly algorithm: "RSA" | "ECDSA" | "Ed25519";
      readonly size?: number;
      readonly rotationPolicy: "Always" | "Never";
    };
    readonly usages?: readonly (
      | "server auth"
      | "client auth"
      | "digital signature"
      | "key encipherment"
      | "cert sign"
    )[];
  };
}

/** Who signs certificates: an ACME account, a CA in a Secret, or a key that signs itself. */
export type IssuerSpec =
  | {
      readonly acme: {
        readonly server: string;
        readonly email?: string;
        readonly privateKeySecretRef: { readonly name: string };
        readonly solvers: readonly AcmeSolver[];
      };
    }
  | { readonly ca: { readonly secretName: string } }
  | { readonly selfSigned: Readonly<Record<string, never>> };

/**
 * How an ACME authority finds out whose a host is: at the host itself (`http01`), or in its DNS zone (`dns01`).
 *
 * @see https://cert-manager.io/docs/configuration/acme/
 */
export interface AcmeSolver {
  readonly http01?: {
    readonly gatewayHTTPRoute?: {
      readonly parentRefs: readonly {
        readonly name: string;
        readonly namespace: string;
        readonly kind: "Gateway";
        readonly group?: "gateway.networking.k8s.io";
        readonly sectionName?: string;
      }[];
    };
    readonly ingress?: { readonly ingressClassName: string };
  };
  readonly dns01?: {
    readonly azureDNS?: {
      readonly subscriptionID: string;
      readonly resourceGroupName: string;
      readonly hostedZoneName: string;
      readonly environment?: "AzurePublicCloud";
      readonly managedIdentity?: { readonly clientID: string };
    };
    readonly cloudDNS?: { readonly project: string };
    readonly cloudflare?: { readonly apiTokenSecretRef: SecretKey };
  };
}

/** Signs for one namespace. */
export interface Issuer {
  readonly apiVersion: "cert-manager.io/v1";
  readonly kind: "Issuer";
  readonly metadata: ObjectMetadata;
  readonly spec: IssuerSpec;
}

/** Signs for the whole cluster. */
export interface ClusterIssuer {
  readonly apiVersion: "cert-manager.io/v1";
  readonly kind: "ClusterIssuer";
  readonly metadata: ObjectMetadata;
  readonly spec: IssuerSpec;
}
