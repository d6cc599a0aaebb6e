import { Construct } from "constructs";
import type { AgentDefinition } from "../agent/agent-definition";
import { surroundAks } from "../azure/aks/azure-cluster";
import { isInCluster } from "../choices/platforms";
import { findManifestProblems } from "../cluster/agent/find-manifest-problems";
import { createClusterHost } from "../cluster/cluster-host";
import { planCluster } from "../cluster/cluster-plan";
import type { Surround } from "../cluster/cluster-surroundings";
import { clusterStackName } from "../cluster/facts/cluster-stack-name";
import { surroundPlainCluster } from "../cluster/plain-cluster";
import type { ClusterSettings, Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { AgentService } from "../parts/agent-service";
import { keepState } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { refuse } from "../problem";
import { FleetStack } from "./fleet-stack";

export interface ClusterStackProps {
  readonly environment: Environment;
  readonly agents: readonly AgentDefinition[];
  /** Day on which the fleet is judged: versions and exceptions end on one. @default "2026-11-21" */
  readonly today?: string;
}

/** What is around each kind of cluster: one line each. */
const surroundings: Record<ClusterSettings["kind"], Surround> = {
  aks: surroundAks,
  "existing-aks": surroundAks,
  existing: surroundPlainCluster,
};

/**
 * What runs inside the Kubernetes cluster of an environment: deployed after the environment's own stack, because a
 * provider cannot be configured from a cluster that the same plan creates.
 *
 * @throws FleetError with every problem of the fleet in this environment.
 */
export class ClusterStack extends FleetStack {
  constructor(scope: Construct, { environment, agents, today }: ClusterStackProps) {
    const name = clusterStackName(environment);
    super(scope, name);
    // Everything but the agents: whatever their names, they don't meet.
    const shared = new Construct(this, "shared");
    const { workloads: planned, problems } = resolveFleet(agents, environment, { today });
    refuse(`environment '${environment.name}'`, problems);
    const guard = new PlaceholderGuard(this, name, environment);
    if (!guard.closed) keepState(this, name, environment.state);

    const plan = planCluster(environment);
    const surround = surroundings[plan.layout.cluster.kind];
    surround(shared, { environment, workloads: planned, guard }, (around) => {
      // The same fleet again, now with what its surroundings know.
      const { workloads } = resolveFleet(agents, environment, around.facts());
      const inCluster = workloads.filter(({ platform }) => isInCluster(platform));
      const host = createClusterHost(shared, {
        environment,
        plan,
        workloads: inCluster,
        surroundings: around,
      });
      for (const workload of inCluster) new AgentService(this, workload.name, { workload, host });
    });
    this.node.addValidation({ validate: () => findManifestProblems(this.toTerraform()) });
  }
}
