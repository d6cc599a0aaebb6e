import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { ClusterController } from "./cluster-controller";

export interface CertManagerProps {
  /** @default "cert-manager" */
  readonly namespace?: string;
  /** Whether it survives the loss of a node. @default true */
  readonly highAvailability?: boolean;
  /** Whether it answers certificate authorities through gateways: Gateway API's CRDs are there first. @default true */
  readonly gatewayApi?: boolean;
  /** Whether it answers them in Azure DNS, by a managed identity that is federated with its account. @default false */
  readonly azureDns?: boolean;
  /** What has to be there first. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * cert-manager, where the cluster brings none. Its chart prints its CRDs as templates, so that they are upgraded with
 * it; no resource of their kinds is in the same release.
 *
 * Source of the version: github.com/cert-manager/cert-manager@v1.21.2.
 *
 * @example
 * const certManager = new CertManager(this, "cert-manager", {});
 */
export class CertManager extends ClusterController {
  constructor(scope: Construct, id: string, props: CertManagerProps) {
    const { namespace = "cert-manager", highAvailability = true, gatewayApi = true, dependsOn } = props;
    const { azureDns = false } = props;
    const replicas = highAvailability ? 2 : 1;
    super(scope, id, {
      name: "cert-manager",
      namespace,
      repository: "https://charts.jetstack.io",
      chart: "cert-manager",
      version: "v1.21.2",
      dependsOn,
      values: {
        // `keep` would leave them behind at the end, and then no release could take them over.
        crds: { enabled: true, keep: false },
        replicaCount: replicas,
        webhook: { replicaCount: replicas },
        cainjector: { replicaCount: replicas },
        podDisruptionBudget: { enabled: highAvailability },
        ...(azureDns
          ? {
              podLabels: { "azure.workload.identity/use": "true" },
              // It checks its own answer first, and a private zone of the same name would hide the public one from it.
              dns01RecursiveNameserversOnly: true,
              dns01RecursiveNameservers: "1.1.1.1:53,8.8.8.8:53",
            }
          : {}),
        config: {
          apiVersion: "controller.config.cert-manager.io/v1alpha1",
          kind: "ControllerConfiguration",
          gatewayAPI: { enabled: gatewayApi },
        },
      },
    });
  }
}
