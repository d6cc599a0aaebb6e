import { createHash } from "node:crypto";
import { ComputeBackendService } from "@cdktf/provider-google/lib/compute-backend-service";
import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { ComputeGlobalForwardingRule } from "@cdktf/provider-google/lib/compute-global-forwarding-rule";
import { ComputeManagedSslCertificate } from "@cdktf/provider-google/lib/compute-managed-ssl-certificate";
import { ComputeRegionNetworkEndpointGroup } from "@cdktf/provider-google/lib/compute-region-network-endpoint-group";
import { ComputeSecurityPolicy } from "@cdktf/provider-google/lib/compute-security-policy";
import { ComputeSslPolicy } from "@cdktf/provider-google/lib/compute-ssl-policy";
import { ComputeTargetHttpProxy } from "@cdktf/provider-google/lib/compute-target-http-proxy";
import { ComputeTargetHttpsProxy } from "@cdktf/provider-google/lib/compute-target-https-proxy";
import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { Construct } from "constructs";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../agent/forwarding-headers";
import type { IGoogleProject } from "./google-project";

export interface GoogleFrontProps {
  readonly project: IGoogleProject;
  /** Name in the project that the load balancer's parts start with. */
  readonly name: string;
  /** Host name. Its DNS record is somebody else's; the certificate is signed once it points to `address`. */
  readonly host: string;
  /** Agents behind it, with the names of their services; each is at `/agents/<agent>`. */
  readonly services: Readonly<Record<string, string>>;
  /**
   * Addresses (CIDR) that may pass; everything else is turned away.
   *
   * @default - everybody, limited to `rateLimitPerMinute`
   */
  readonly admits?: readonly string[];
  /** Whether a gateway is in front of it, which says which host was asked. @default false */
  readonly behindGateway?: boolean;
  /** Requests in a minute from one address, where everybody may pass. @default 100 */
  readonly rateLimitPerMinute?: number;
}

/** Google's own rule of a security policy: what no other rule names. */
const LAST_PRIORITY = 2147483647;

/** Most ranges in one rule. @see https://cloud.google.com/armor/quotas */
const RANGES_PER_RULE = 10;

/**
 * A global load balancer in front of agents on Cloud Run: one host name with a managed certificate, plain HTTP
 * redirected, requests limited or admitted by Cloud Armor. Adding an agent leaves the certificate alone.
 */
export class GoogleFront extends Construct {
  /** Address that the host name's DNS record points to. */
  readonly address: string;

  constructor(scope: Construct, id: string, props: GoogleFrontProps) {
    super(scope, id);
    const { project, name, host } = props;
    const policy = this.admit(props);
    const backends = Object.entries(props.services).map(([agent, service]) => ({
      agent,
      backend: this.backend(agent, service, policy, props),
    }));
    const map = this.route(backends, policy, props);
    const address = new ComputeGlobalAddress(this, "address", {
      project: project.id,
      name,
      addressType: "EXTERNAL",
      ipVersion: "IPV4",
      dependsOn: [...project.readyAfter],
    });
    this.address = address.address;
    this.listen(map, address, host, props);
    this.redirect(address, props);
  }

  private admit({
    project,
    name,
    admits,
    rateLimitPerMinute = 100,
  }: GoogleFrontProps): ComputeSecurityPolicy {
    const everybody = { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges: ["*"] } };
    const rules =
      admits === undefined
        ? [
            {
              action: "throttle",
              priority: LAST_PRIORITY,
              description: "Each address has its own limit",
              match: everybody,
              rateLimitOptions: {
                conformAction: "allow",
                exceedAction: "deny(429)",
                enforceOnKey: "IP",
                rateLimitThreshold: { count: rateLimitPerMinute, intervalSec: 60 },
              },
            },
          ]
        : [
            ...chunks(admits, RANGES_PER_RULE).map((srcIpRanges, index) => ({
              action: "allow",
              priority: 1000 + index,
              description: "The gateway",
              match: { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges } },
            })),
            {
              action: "deny(403)",
              priority: LAST_PRIORITY,
              description: "Everybody else",
              match: everybody,
            },
          ];
    return new ComputeSecurityPolicy(this, "policy", {
      project: project.id,
      name,
      description: "Who may pass to the agents",
      type: "CLOUD_ARMOR",
      rule: rules,
      dependsOn: [...project.readyAfter],
    });
  }

  /** Serverless backends have neither health checks nor a timeout: Google refuses both, after the plan. */
  private backend(
    agent: string,
    service: string,
    policy: ComputeSecurityPolicy,
    { project, name }: GoogleFrontProps,
  ): ComputeBackendService {
    const endpoints = new ComputeRegionNetworkEndpointGroup(this, `${agent}-endpoints`, {
      project: project.id,
      region: project.region,
      name: service,
      networkEndpointType: "SERVERLESS",
      cloudRun: { service },
      dependsOn: [...project.readyAfter],
    });
    return new ComputeBackendService(this, `${agent}-backend`, {
      project: project.id,
      name: service,
      description: `${name}: ${agent}`,
      loadBalancingScheme: "EXTERNAL_MANAGED",
      protocol: "HTTPS",
      securityPolicy: policy.id,
      backend: [{ group: endpoints.id }],
      // Caches and compression hold streams back.
      enableCdn: false,
      compressionMode: "DISABLED",
      logConfig: { enable: true, sampleRate: 1 },
    });
  }

  private route(
    backends: readonly { readonly agent: string; readonly backend: ComputeBackendService }[],
    policy: ComputeSecurityPolicy,
    { project, name, host, behindGateway = false }: GoogleFrontProps,
  ): ComputeUrlMap {
    const nowhere = new ComputeBackendService(this, "nowhere", {
      project: project.id,
      name: `${name}-nowhere`,
      description: "What no agent answers",
      loadBalancingScheme: "EXTERNAL_MANAGED",
      protocol: "HTTPS",
      securityPolicy: policy.id,
    });
    const notFound = {
      faultInjectionPolicy: { abort: { httpStatus: 404, percentage: 100 } },
      weightedBackendServices: [{ backendService: nowhere.id, weight: 100 }],
    };
    return new ComputeUrlMap(this, "routes", {
      project: project.id,
      name,
      defaultRouteAction: notFound,
      hostRule: [{ hosts: [host], pathMatcher: "agents" }],
      pathMatcher: [
        {
          name: "agents",
          defaultRouteAction: notFound,
          ...(behindGateway ? {} : { headerAction: ownForwarding(host) }),
          pathRule: backends.map(({ agent, backend }) => ({
            paths: [`/agents/${agent}`, `/agents/${agent}/*`],
            service: backend.id,
            routeAction: { urlRewrite: { pathPrefixRewrite: "/" } },
          })),
        },
      ],
    });
  }

  private listen(
    map: ComputeUrlMap,
    address: ComputeGlobalAddress,
    host: string,
    { project, name }: GoogleFrontProps,
  ): void {
    // Every argument of a certificate replaces it, and the proxy can't be without one: another host, another name.
    const hash = createHash("sha256").update(host).digest("hex").slice(0, 8);
    const certificate = new ComputeManagedSslCertificate(this, "certificate", {
      project: project.id,
      name: `${name}-${hash}`,
      managed: { domains: [host] },
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [...project.readyAfter],
    });
    const tls = new ComputeSslPolicy(this, "tls", {
      project: project.id,
      name,
      profile: "MODERN",
      minTlsVersion: "TLS_1_2",
      dependsOn: [...project.readyAfter],
    });
    const proxy = new ComputeTargetHttpsProxy(this, "https", {
      project: project.id,
      name,
      urlMap: map.id,
      sslCertificates: [certificate.id],
      sslPolicy: tls.id,
    });
    new ComputeGlobalForwardingRule(this, "https-port", {
      project: project.id,
      name: `${name}-https`,
      target: proxy.id,
      ipAddress: address.address,
      portRange: "443",
      loadBalancingScheme: "EXTERNAL_MANAGED",
      labels: { ...project.labels },
    });
  }

  private redirect(address: ComputeGlobalAddress, { project, name }: GoogleFrontProps): void {
    const map = new ComputeUrlMap(this, "redirect", {
      project: project.id,
      name: `${name}-redirect`,
      defaultUrlRedirect: {
        httpsRedirect: true,
        redirectResponseCode: "PERMANENT_REDIRECT",
        stripQuery: false,
      },
      dependsOn: [...project.readyAfter],
    });
    const proxy = new ComputeTargetHttpProxy(this, "http", {
      project: project.id,
      name: `${name}-redirect`,
      urlMap: map.id,
    });
    new ComputeGlobalForwardingRule(this, "http-port", {
      project: project.id,
      name: `${name}-http`,
      target: proxy.id,
      ipAddress: address.address,
      portRange: "80",
      loadBalancingScheme: "EXTERNAL_MANAGED",
      labels: { ...project.labels },
    });
  }
}

/** Which host was asked is what the load balancer says, whatever a caller sent. */
function ownForwarding(host: string) {
  return {
    requestHeadersToAdd: [{ headerName: FORWARDED_HOST, headerValue: host, replace: true }],
    requestHeadersToRemove: [...CLAIMED_FORWARDING],
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
