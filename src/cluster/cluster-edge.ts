import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { EDGE_CERTIFICATE, ingressClass } from "./agent/agent-edge";
import type { KubernetesEdge } from "./agent/kubernetes-platform";
import type {
  AcmeSolver,
  Certificate,
  ClusterIssuer,
  CustomResource,
  Gateway,
  HttpRoute,
} from "./custom-resources";
import { type ClusterLayout, EDGE_GATEWAY } from "./facts/cluster-layout";
import type { CertificateSettings, InternalAddressSettings } from "./facts/edge-traits";
import type { EdgeSettings } from "./facts/edges";
import { KubernetesResources } from "./kubernetes-resources";

export interface ClusterEdgeProps {
  readonly layout: ClusterLayout;
  /** Namespace of the agents: a gateway takes routes of its own one only. */
  readonly namespace: string;
  readonly settings: EdgeSettings;
  /** Where the load balancer stands. @default - on the internet */
  readonly internal?: InternalAddressSettings;
  /** Identity that answers the certificate authority in a DNS zone. @default - the edge itself is asked (HTTP-01) */
  readonly dnsIdentity?: DnsIdentity;
  /** What has to be there first: the namespace, the controller and cert-manager with their CRDs. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Who may write into a DNS zone. */
export interface DnsIdentity {
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly zone: { readonly name: string; readonly resourceGroup: string };
}

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

/**
 * The way in from outside of a cluster: one host name with its certificate, behind one load balancer.
 *
 * Behind API Management the load balancer has an address of the network and admits the gateway's subnet alone; the
 * agents' network policies admit the edge alone. So nothing else gets through to an agent.
 */
export class ClusterEdge extends Construct implements KubernetesEdge {
  readonly settings: EdgeSettings;
  readonly allowedRanges: readonly string[];
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ClusterEdgeProps) {
    super(scope, id);
    const { layout, namespace, settings, internal, dependsOn } = props;
    this.settings = settings;
    this.allowedRanges = internal?.allowedRanges ?? [];
    const release = new KubernetesResources(this, "resources", {
      name: "fleet--edge",
      namespace,
      resources: [
        ...issuerOf(props),
        certificate(layout, settings.certificates),
        ...(settings.kind === "gateway-api" ? gatewayOf(layout, internal) : []),
      ],
      dependsOn: [...dependsOn],
    });
    const solver = this.admitSolver(props);
    this.readyAfter = [release, ...solver];
  }

  /** The certificate authority asks the edge, which asks a pod that comes for that alone, in the agents' closed namespace. */
  private admitSolver({
    settings,
    dnsIdentity,
    namespace,
    layout,
  }: ClusterEdgeProps): ITerraformDependable[] {
    if (settings.certificates.kind !== "acme" || dnsIdentity !== undefined) return [];
    return [
      new NetworkPolicyV1(this, "certificate-solver", {
        metadata: { name: "certificate-solver", namespace },
        spec: {
          podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
          policyTypes: ["Ingress", "Egress"],
          ingress: [
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": layout.edgeNamespace } },
                },
              ],
              ports: [{ port: SOLVER_PORT, protocol: "TCP" }],
            },
          ],
        },
      }),
    ];
  }
}

/** Port of the pod with which cert-manager answers a certificate authority. */
const SOLVER_PORT = "8089";

function issuerOf({ layout, settings, dnsIdentity }: ClusterEdgeProps): ClusterIssuer[] {
  const { certificates } = settings;
  if (certificates.kind === "issuer") return [];
  return [
    {
      apiVersion: "cert-manager.io/v1",
      kind: "ClusterIssuer",
      metadata: { name: issuerName(certificates) },
      spec: {
        acme: {
          server: certificates.server ?? LETS_ENCRYPT,
          email: certificates.email,
          privateKeySecretRef: { name: `${issuerName(certificates)}-account` },
          solvers: [dnsIdentity === undefined ? httpSolver(layout, settings) : dnsSolver(dnsIdentity)],
        },
      },
    },
  ];
}

function issuerName(certificates: CertificateSettings): string {
  return certificates.kind === "issuer" ? certificates.name : "agents";
}

function httpSolver({ namespace }: ClusterLayout, settings: EdgeSettings): AcmeSolver {
  if (settings.kind === "nginx") {
    return { http01: { ingress: { ingressClassName: ingressClass(settings) } } };
  }
  return {
    http01: {
      gatewayHTTPRoute: {
        parentRefs: [{ kind: "Gateway", name: EDGE_GATEWAY, namespace, sectionName: "http" }],
      },
    },
  };
}

function dnsSolver({ clientId, subscriptionId, zone }: DnsIdentity): AcmeSolver {
  return {
    dns01: {
      azureDNS: {
        subscriptionID: subscriptionId,
        resourceGroupName: zone.resourceGroup,
        hostedZoneName: zone.name,
        environment: "AzurePublicCloud",
        managedIdentity: { clientID: clientId },
      },
    },
  };
}

function certificate({ edgeHost }: ClusterLayout, certificates: CertificateSettings): Certificate {
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: EDGE_CERTIFICATE },
    spec: {
      secretName: EDGE_CERTIFICATE,
      dnsNames: [edgeHost],
      issuerRef: { kind: "ClusterIssuer", name: issuerName(certificates) },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    },
  };
}

function gatewayOf(layout: ClusterLayout, internal: InternalAddressSettings | undefined): CustomResource[] {
  const { edgeHost, gatewayClass, traits } = layout;
  const routes = { namespaces: { from: "Same" as const } };
  const gateway: Gateway = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: EDGE_GATEWAY },
    spec: {
      gatewayClassName: gatewayClass,
      ...(traits.loadBalancer === null
        ? {}
        : { infrastructure: { annotations: traits.loadBalancer.annotations(internal) } }),
      listeners: [
        {
          name: "https",
          protocol: "HTTPS",
          port: 443,
          hostname: edgeHost,
          tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: EDGE_CERTIFICATE }] },
          allowedRoutes: routes,
        },
        // For people's browsers, and for the certificate authority; a gateway in front only speaks HTTPS.
        ...(internal === undefined
          ? [
              {
                name: "http",
                protocol: "HTTP" as const,
                port: 80,
                hostname: edgeHost,
                allowedRoutes: routes,
              },
            ]
          : []),
      ],
    },
  };
  return internal === undefined ? [gateway, redirectToHttps(layout)] : [gateway];
}

function redirectToHttps({ edgeHost }: ClusterLayout): HttpRoute {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "redirect-to-https" },
    spec: {
      parentRefs: [{ name: EDGE_GATEWAY, sectionName: "http" }],
      hostnames: [edgeHost],
      rules: [
        {
          filters: [
            { type: "RequestRedirect", requestRedirect: { scheme: "https", port: 443, statusCode: 301 } },
          ],
        },
      ],
    },
  };
}
