import type { Construct } from "constructs";
import { ClusterController } from "./cluster-controller";

export interface KedaProps {
  /** @default "keda" */
  readonly namespace?: string;
  /** Whether it survives the loss of a node. @default true */
  readonly highAvailability?: boolean;
}

/**
 * KEDA, where the cluster brings none: AKS has it as an add-on, and the two must never be together.
 *
 * Source of the version: github.com/kedacore/keda/v2@v2.21.0; its chart carries the same version.
 *
 * @example
 * const keda = new Keda(this, "keda", {});
 */
export class Keda extends ClusterController {
  constructor(scope: Construct, id: string, { namespace = "keda", highAvailability = true }: KedaProps) {
    const replicaCount = highAvailability ? 2 : 1;
    super(scope, id, {
      name: "keda",
      namespace,
      repository: "https://kedacore.github.io/charts",
      chart: "keda",
      version: "2.21.0",
      values: {
        crds: { install: true },
        operator: { replicaCount },
        metricsServer: { replicaCount },
        webhooks: { replicaCount },
        podDisruptionBudget: highAvailability
          ? { operator: { maxUnavailable: 1 }, metricServer: { maxUnavailable: 1 } }
          : {},
      },
    });
  }
}
