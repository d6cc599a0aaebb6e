import { IngressV1 } from "@cdktf/provider-kubernetes/lib/ingress-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { CALLERS_PER_ADDRESS, isBehindGateway } from "../../agent/agent-route";
import type { AgentWorkload } from "../../agent/agent-workload";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../../agent/forwarding-headers";
import type { BackendTrafficPolicy, HttpRoute, HttpRouteFilter } from "../custom-resources";
import { type ClusterLayout, EDGE_GATEWAY } from "../facts/cluster-layout";
import type { EdgeSettings } from "../facts/edges";
import type { NginxEdge } from "../facts/nginx-edge";
import { agentLabels } from "./agent-labels";

/** Name of the Secret with the edge's certificate. */
export const EDGE_CERTIFICATE = "agents-tls";

/** Way in to one agent by Gateway API: its path, taken off, with timeouts that are longer than its deadline. */
export function agentHttpRoute(workload: AgentWorkload, layout: ClusterLayout): HttpRoute {
  const timeout = `${hopSeconds(workload, "gateway-api")}s`;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: workload.name, labels: agentLabels(workload) },
    spec: {
      parentRefs: [{ name: EDGE_GATEWAY, sectionName: "https" }],
      hostnames: [layout.edgeHost],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: `/${workload.name}` } }],
          filters: [
            ...ownForwarding(workload, layout),
            {
              type: "URLRewrite",
              urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
            },
          ],
          backendRefs: [{ name: workload.name, port: 80 }],
          // Left out, a proxy's own default would end streams; it must not be the one that ends a task.
          timeouts: { request: timeout, backendRequest: timeout },
        },
      ],
    },
  };
}

/**
 * What each address may call at an agent, in each proxy, before its token is looked at. Behind a gateway all calls come
 * from that, and how somebody else's controller counts is not in Gateway API: neither is limited here.
 */
export function addressLimits(workload: AgentWorkload, settings: EdgeSettings): BackendTrafficPolicy[] {
  if (settings.kind !== "gateway-api" || settings.gatewayClass !== undefined) return [];
  if (isBehindGateway(workload.route)) return [];
  const limit = { requests: CALLERS_PER_ADDRESS * workload.rateLimitPerMinute, unit: "Minute" } as const;
  return [
    {
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "BackendTrafficPolicy",
      metadata: { name: workload.name, labels: agentLabels(workload) },
      spec: {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: workload.name }],
        rateLimit: {
          type: "Local",
          local: {
            rules: ["0.0.0.0/0", "::/0"].map((value) => ({
              clientSelectors: [{ sourceCIDR: { type: "Distinct", value } }],
              limit,
            })),
          },
        },
      },
    },
  ];
}

/** A gateway in front has said already which host was asked; otherwise the edge is the first to know. */
function ownForwarding({ route }: AgentWorkload, { edgeHost }: ClusterLayout): HttpRouteFilter[] {
  if (isBehindGateway(route)) return [];
  return [
    {
      type: "RequestHeaderModifier",
      requestHeaderModifier: {
        set: [{ name: FORWARDED_HOST, value: edgeHost }],
        remove: [...CLAIMED_FORWARDING],
      },
    },
  ];
}

/** Way in to one agent by nginx, the legacy way: it sets forwarding headers by itself, whatever a caller sent. */
export function agentIngress(
  scope: Construct,
  id: string,
  props: {
    readonly workload: AgentWorkload;
    readonly namespace: string;
    readonly layout: ClusterLayout;
    readonly edge: NginxEdge;
    /** Ranges that get through: the gateway's subnet where one is in front. */
    readonly allowedRanges: readonly string[];
    readonly dependsOn: readonly ITerraformDependable[];
  },
): IngressV1 {
  const { workload, namespace, layout, edge, allowedRanges, dependsOn } = props;
  const seconds = String(hopSeconds(workload, "nginx-ingress"));
  const annotation = (name: string) => `nginx.ingress.kubernetes.io/${name}`;
  return new IngressV1(scope, id, {
    metadata: {
      name: workload.name,
      namespace,
      labels: agentLabels(workload),
      annotations: {
        [annotation("backend-protocol")]: "HTTP",
        [annotation("proxy-buffering")]: edge.buffering === true ? "on" : "off",
        [annotation("proxy-request-buffering")]: "off",
        [annotation("proxy-http-version")]: "1.1",
        [annotation("proxy-read-timeout")]: seconds,
        [annotation("proxy-send-timeout")]: seconds,
        [annotation("ssl-redirect")]: "true",
        [annotation("use-regex")]: "true",
        [annotation("rewrite-target")]: "/$2",
        // Behind a gateway all calls come from that.
        ...(isBehindGateway(workload.route)
          ? {}
          : { [annotation("limit-rpm")]: String(CALLERS_PER_ADDRESS * workload.rateLimitPerMinute) }),
        ...(allowedRanges.length === 0
          ? {}
          : { [annotation("whitelist-source-range")]: allowedRanges.join(",") }),
      },
    },
    spec: {
      ingressClassName: ingressClass(edge),
      tls: [{ hosts: [layout.edgeHost], secretName: EDGE_CERTIFICATE }],
      rule: [
        {
          host: layout.edgeHost,
          http: {
            path: [
              {
                path: `/${workload.name}(/|$)(.*)`,
                pathType: "ImplementationSpecific",
                backend: { service: { name: workload.name, port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
    waitForLoadBalancer: false,
    dependsOn: [...dependsOn],
  });
}

/** Class that the controller of a legacy edge listens to. */
export function ingressClass({ controller }: NginxEdge): string {
  return controller === "app-routing" ? "webapprouting.kubernetes.azure.com" : "nginx";
}

function hopSeconds({ name, route }: AgentWorkload, hop: string): number {
  const seconds = route.hops.find((candidate) => candidate.name === hop)?.timeoutSeconds ?? null;
  if (seconds !== null) return seconds;
  throw new Error(
    `agent '${name}' was resolved without the edge '${hop}' that it gets; resolve the fleet with the environment whose ` +
      "kubernetes.edge the platform was given",
  );
}
