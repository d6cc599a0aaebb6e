import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { AgentHost } from "../parts/agent-host";
import type { CloudHalfProps, ICloudFoundations } from "../parts/cloud-half";
import { restrictedNamespace } from "./agent/agent-namespace";
import { planCluster } from "./cluster-plan";
import { contextProviders } from "./context-providers";
import { plainClusterOf } from "./facts/existing-cluster";
import { ownersSecrets } from "./facts/owners-secrets";

/**
 * What has to be in a cluster before anything runs in it: the agents' namespace, into which its owner puts Secrets.
 *
 * @throws Error when the cluster is not one with Secrets of its owner's.
 */
export class ClusterFoundations extends Construct implements ICloudFoundations {
  readonly facts = {};
  readonly identityProvider = undefined;
  private readonly props: Pick<CloudHalfProps, "environment" | "workloads">;

  constructor(scope: Construct, id: string, props: Pick<CloudHalfProps, "environment" | "workloads">) {
    super(scope, id);
    this.props = props;
    const { environment } = props;
    const plan = planCluster(environment);
    contextProviders(this, plainClusterOf(environment.name, plan.layout.cluster).context);
    restrictedNamespace(this, "namespace", plan.namespace);
  }

  hosts(): readonly AgentHost[] {
    return [];
  }

  tell(outputs: Construct): void {
    const { environment } = this.props;
    new TerraformOutput(outputs, "owners-secrets", {
      staticId: true,
      description: "Secrets that have to be in the agents' namespace before the agents, and their keys",
      value: Object.fromEntries(ownersSecrets(environment).map(({ name, keys }) => [name, keys])),
    });
  }
}
