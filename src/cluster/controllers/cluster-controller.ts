import { Release } from "@cdktf/provider-helm/lib/release";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import {
  CustomResourceDefinitions,
  type CustomResourceDefinitionsProps,
} from "./custom-resource-definitions";

export interface ClusterControllerProps {
  /** Name of the release. */
  readonly name: string;
  /** Namespace of its own: created here. */
  readonly namespace: string;
  readonly repository: string;
  readonly chart: string;
  /** Exact version of the chart. */
  readonly version: string;
  readonly values: object;
  /** CRDs that come before it. @default - its chart brings its own */
  readonly definitions?: readonly CustomResourceDefinitionsProps["chart"][];
  /** What has to be there first. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** A controller that others wrote: a pinned chart in a namespace of its own, after its custom resource definitions. */
export class ClusterController extends Construct implements ITerraformDependable {
  readonly namespace: string;
  private readonly release: Release;

  constructor(scope: Construct, id: string, props: ClusterControllerProps) {
    super(scope, id);
    const namespace = new NamespaceV1(this, "namespace", {
      metadata: {
        name: props.namespace,
        labels: { "pod-security.kubernetes.io/enforce": "baseline" },
      },
      waitForDefaultServiceAccount: true,
      dependsOn: [...(props.dependsOn ?? [])],
    });
    this.namespace = props.namespace;
    const definitions = (props.definitions ?? []).map(
      (chart) =>
        new CustomResourceDefinitions(this, chart, {
          chart,
          namespace: props.namespace,
          dependsOn: [namespace],
        }),
    );
    this.release = new Release(this, "resource", {
      name: props.name,
      namespace: props.namespace,
      repository: props.repository,
      chart: props.chart,
      version: props.version,
      skipCrds: definitions.length > 0,
      atomic: true,
      maxHistory: 5,
      timeout: 600,
      values: [JSON.stringify(props.values)],
      dependsOn: [namespace, ...definitions],
    });
    this.node.defaultChild = this.release;
  }

  get fqn(): string {
    return this.release.fqn;
  }
}
