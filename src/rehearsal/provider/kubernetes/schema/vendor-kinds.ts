import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { CustomKind } from "../custom-resource/crd-schema";

interface VendorKinds {
  /** Modules and versions that they were taken from. */
  readonly sources: readonly string[];
  /** By `cert-manager.io/v1/Certificate`. */
  readonly kinds: Readonly<Record<string, CustomKind>>;
}

export const vendorKindsFile = join(__dirname, "..", "data", "vendor-kinds.json.gz");

let loaded: VendorKinds | undefined;

export function vendorKinds(): VendorKinds {
  loaded ??= JSON.parse(gunzipSync(readFileSync(vendorKindsFile)).toString("utf8")) as VendorKinds;
  return loaded;
}

/** Every kind of a group of the API, with its schema where it is known here. */
type Group = readonly string[];

const CERT_MANAGER: Readonly<Record<string, Group>> = {
  "cert-manager.io": ["Certificate", "CertificateRequest", "ClusterIssuer", "Issuer"],
  "acme.cert-manager.io": ["Challenge", "Order"],
};
const KEDA: Readonly<Record<string, Group>> = {
  "keda.sh": ["ClusterTriggerAuthentication", "ScaledJob", "ScaledObject", "TriggerAuthentication"],
  "eventing.keda.sh": ["CloudEventSource", "ClusterCloudEventSource"],
};
const PROMETHEUS: Group = [
  "Alertmanager",
  "AlertmanagerConfig",
  "PodMonitor",
  "Probe",
  "Prometheus",
  "PrometheusAgent",
  "PrometheusRule",
  "ScrapeConfig",
  "ServiceMonitor",
  "ThanosRuler",
];
const SECRETS_STORE: Readonly<Record<string, Group>> = {
  "secrets-store.csi.x-k8s.io": ["SecretProviderClass", "SecretProviderClassPodStatus"],
};
const DAPR: Readonly<Record<string, Group>> = {
  "dapr.io": [
    "Component",
    "Configuration",
    "HTTPEndpoint",
    "MCPServer",
    "Resiliency",
    "Subscription",
    "WorkflowAccessPolicy",
  ],
};
const GATEWAY_API: Group = [
  "BackendTLSPolicy",
  "Gateway",
  "GatewayClass",
  "GRPCRoute",
  "HTTPRoute",
  "ListenerSet",
  "ReferenceGrant",
  "TCPRoute",
  "TLSRoute",
  "UDPRoute",
];
const ENVOY: Readonly<Record<string, Group>> = {
  "gateway.networking.k8s.io": GATEWAY_API,
  "gateway.envoyproxy.io": [
    "Backend",
    "BackendTrafficPolicy",
    "ClientTrafficPolicy",
    "EnvoyExtensionPolicy",
    "EnvoyPatchPolicy",
    "EnvoyProxy",
    "HTTPRouteFilter",
    "SecurityPolicy",
  ],
};

/** What brings kinds to a cluster without showing them: the groups, with all their kinds. */
export interface Bundle {
  readonly groups: Readonly<Record<string, Group>>;
}

/** Values of a chart that decide whether it brings its kinds. */
type Switch = (value: (path: string) => unknown) => boolean;

/** Charts from elsewhere, by their name, that are known to bring kinds, and under which values. */
export const vendorCharts: Readonly<Record<string, Bundle & { readonly isOn: Switch }>> = {
  "cert-manager": {
    groups: CERT_MANAGER,
    isOn: (value) => value("crds.enabled") === true || value("installCRDs") === true,
  },
  keda: { groups: KEDA, isOn: (value) => value("crds.install") !== false },
  "kube-prometheus-stack": {
    groups: { "monitoring.coreos.com": PROMETHEUS },
    isOn: (value) => value("crds.enabled") !== false,
  },
  "prometheus-operator-crds": { groups: { "monitoring.coreos.com": PROMETHEUS }, isOn: () => true },
  "secrets-store-csi-driver": {
    groups: SECRETS_STORE,
    isOn: (value) => value("linux.crds.enabled") !== false,
  },
  dapr: { groups: DAPR, isOn: () => true },
  "gateway-helm": { groups: ENVOY, isOn: (value) => value("crds.enabled") !== false },
  "gateway-crds-helm": { groups: ENVOY, isOn: () => true },
};

/** Kinds that an AKS cluster has by itself, and by its add-ons. */
export const aksAddOns = {
  always: {
    groups: { "snapshot.storage.k8s.io": ["VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent"] },
  },
  keda: { groups: KEDA },
  secretsStore: { groups: SECRETS_STORE },
  metrics: { groups: { "azmonitoring.coreos.com": ["PodMonitor", "ServiceMonitor"] } },
  appRouting: { groups: { "approuting.kubernetes.azure.com": ["NginxIngressController"] } },
} satisfies Record<string, Bundle>;

/** The schema of a kind that a bundle brings; "not judged" where none is known here, undefined where it brings none. */
export function kindInBundle(
  { groups }: Bundle,
  apiVersion: string,
  kind: string,
): CustomKind | "not judged" | undefined {
  const [group = "", version = ""] = apiVersion.split("/");
  if (!groups[group]?.includes(kind)) return undefined;
  // Azure has the Prometheus operator's kinds under a group of its own.
  const schemaGroup = group.replace(/^azmonitoring\./, "monitoring.");
  const known = vendorKinds().kinds[`${schemaGroup}/${version}/${kind}`];
  return known === undefined ? "not judged" : { ...known, group };
}
