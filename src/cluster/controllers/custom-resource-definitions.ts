import { join } from "node:path";
import { Release } from "@cdktf/provider-helm/lib/release";
import { AssetType, type ITerraformDependable, TerraformAsset } from "cdktf";
import { Construct } from "constructs";

export interface CustomResourceDefinitionsProps {
  /** Chart of this package that holds them. */
  readonly chart: "dapr-crds" | "envoy-gateway-crds" | "gateway-api-crds";
  /** Namespace of the release. It has to exist. */
  readonly namespace: string;
  /** @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * The custom resource definitions of a vendor, as a release of their own: in a controller's release Helm would neither
 * upgrade nor delete them, and beside resources of their kinds they would come too late.
 */
export class CustomResourceDefinitions extends Construct implements ITerraformDependable {
  private readonly release: Release;

  constructor(
    scope: Construct,
    id: string,
    { chart, namespace, dependsOn = [] }: CustomResourceDefinitionsProps,
  ) {
    super(scope, id);
    const asset = new TerraformAsset(this, "chart", {
      path: join(__dirname, "../charts", chart),
      type: AssetType.DIRECTORY,
    });
    this.release = new Release(this, "resource", {
      name: chart,
      namespace,
      chart: asset.path,
      atomic: true,
      maxHistory: 2,
      dependsOn: [...dependsOn],
    });
    this.node.defaultChild = this.release;
  }

  get fqn(): string {
    return this.release.fqn;
  }
}
