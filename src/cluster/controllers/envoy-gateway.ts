import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { KubernetesResources } from "../kubernetes-resources";
import { ClusterController } from "./cluster-controller";

export interface EnvoyGatewayProps {
  /** @default "envoy-gateway-system" */
  readonly namespace?: string;
  /** GatewayClass that its gateways name. @default "envoy" */
  readonly gatewayClass?: string;
  /** Whether it survives the loss of a node: the controller and the proxies of each gateway. @default true */
  readonly highAvailability?: boolean;
}

/**
 * Envoy Gateway, the controller behind Gateway API where the cluster brings none: the standard channel of Gateway API's
 * CRDs, its own CRDs, the controller and a GatewayClass.
 *
 * Source of the versions: github.com/envoyproxy/gateway@v1.9.1, which is built for sigs.k8s.io/gateway-api@v1.6.1. Its
 * own chart of CRDs is not used: a release of it is 2.2 MB, and Helm can store 1 MiB.
 *
 * @example
 * const controller = new EnvoyGateway(this, "gateway", {});
 */
export class EnvoyGateway extends Construct implements ITerraformDependable {
  private readonly gatewayClass: KubernetesResources;

  constructor(scope: Construct, id: string, props: EnvoyGatewayProps) {
    super(scope, id);
    const { namespace = "envoy-gateway-system", gatewayClass = "envoy", highAvailability = true } = props;
    const replicas = highAvailability ? 2 : 1;
    const controller = new ClusterController(this, "controller", {
      name: "envoy-gateway",
      namespace,
      repository: "oci://docker.io/envoyproxy",
      chart: "gateway-helm",
      version: "v1.9.1",
      definitions: ["gateway-api-crds", "envoy-gateway-crds"],
      values: { crds: { enabled: false }, deployment: { replicas } },
    });
    this.gatewayClass = new KubernetesResources(this, "class", {
      name: "gateway-class",
      namespace,
      resources: [
        {
          apiVersion: "gateway.envoyproxy.io/v1alpha1",
          kind: "EnvoyProxy",
          metadata: { name: gatewayClass, namespace },
          spec: {
            provider: { type: "Kubernetes", kubernetes: { envoyDeployment: { replicas } } },
          },
        },
        {
          apiVersion: "gateway.networking.k8s.io/v1",
          kind: "GatewayClass",
          metadata: { name: gatewayClass },
          spec: {
            controllerName: "gateway.envoyproxy.io/gatewayclass-controller",
            parametersRef: {
              group: "gateway.envoyproxy.io",
              kind: "EnvoyProxy",
              name: gatewayClass,
              namespace,
            },
          },
        },
      ],
      dependsOn: [controller],
    });
  }

  get fqn(): string {
    return this.gatewayClass.fqn;
  }
}
