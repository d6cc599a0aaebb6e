import { Annotations, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { platformTraits } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { trustedIssuer } from "../identity/identity-provider";
import { AgentService } from "../parts/agent-service";
import type { CloudHalfProps, ICloudFoundations } from "../parts/cloud-half";
import type { IOutsideIssuer } from "../parts/federation";
import { keepState, timeProvider } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { refuse } from "../problem";
import { type Clouds, cloudHalves } from "./clouds";
import { FleetStack } from "./fleet-stack";

export interface EnvironmentStackProps {
  readonly environment: Environment;
  readonly agents: readonly AgentDefinition[];
  /** What builds the shared infrastructure of each cloud: `await loadClouds([environment])`. */
  readonly clouds: Clouds;
  /** Day on which the fleet is judged: versions and exceptions end on one. @default "2026-11-21" */
  readonly today?: string;
}

/**
 * One environment: shared infrastructure, and the agents that run on it directly. What runs inside a Kubernetes
 * cluster is in the stack of that.
 *
 * @throws FleetError with every problem of the fleet in this environment.
 */
export class EnvironmentStack extends FleetStack {
  constructor(scope: Construct, { environment, agents, clouds, today }: EnvironmentStackProps) {
    super(scope, environment.name);
    const planned = resolveFleet(agents, environment, { today });
    refuse(`environment '${environment.name}'`, planned.problems);
    for (const { message } of planned.warnings) Annotations.of(this).addWarning(message);
    const guard = new PlaceholderGuard(this, environment.name, environment);
    if (!guard.closed) keepState(this, environment.name, environment.state);

    timeProvider(this);
    const halves = this.createHalves(clouds, { environment, workloads: planned.workloads, guard });
    // The same fleet again, now with what only the shared infrastructure knows.
    const facts = Object.assign({}, ...halves.map((half) => half.facts));
    const { workloads } = resolveFleet(agents, environment, facts);
    this.runAgents(workloads, halves);
    let calledFrom: string | undefined;
    for (const half of halves) calledFrom = half.createFront?.(workloads, calledFrom) ?? calledFrom;
    this.tell(workloads, halves);
  }

  /** Each cloud's half; later ones check tokens with what earlier ones made. */
  private createHalves(clouds: Clouds, props: Omit<CloudHalfProps, "identityProvider">): ICloudFoundations[] {
    const halves: ICloudFoundations[] = [];
    let identityProvider: IOutsideIssuer | undefined = trustedIssuer(props.environment);
    for (const { create } of cloudHalves) {
      const half = create(this, clouds, { ...props, identityProvider });
      if (half === undefined) continue;
      halves.push(half);
      identityProvider = half.identityProvider ?? identityProvider;
    }
    return halves;
  }

  /** @throws Error where an agent's platform has no host here: it would vanish in silence. */
  private runAgents(workloads: readonly AgentWorkload[], halves: readonly ICloudFoundations[]): void {
    const hosts = new Map(halves.flatMap((half) => half.hosts()).map((host) => [host.kind, host]));
    for (const workload of workloads) {
      const { stack, title } = platformTraits(workload.platform);
      if (stack !== "environment") continue;
      const host = hosts.get(workload.platform);
      if (host === undefined) {
        throw new Error(
          `agent '${workload.name}' is to run on ${title}, which nothing in environment '${workload.environment}' hosts ` +
            `(${[...hosts.keys()].join(", ") || "nothing is hosted"}); choose one of these as its platform, or give the ` +
            "environment what that platform needs",
        );
      }
      new AgentService(this, workload.name, { workload, host });
    }
  }

  private tell(workloads: readonly AgentWorkload[], halves: readonly ICloudFoundations[]): void {
    const outputs = new Construct(this, "outputs");
    new TerraformOutput(outputs, "agents", {
      staticId: true,
      description: "Agents and the URLs on their cards",
      value: Object.fromEntries(workloads.map(({ name, route }) => [name, route.publicUrl])),
    });
    for (const half of halves) half.tell(outputs);
  }
}
