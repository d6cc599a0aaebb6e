import { TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AzureFoundations } from "../azure/azure-foundations";
import type { Environment, PlatformKind } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { secretsOf } from "../fleet/secrets-of";
import type { GoogleFoundations } from "../google/google-foundations";
import { existingIdentityProvider } from "../identity/identity-provider";
import type { AgentHost } from "../parts/agent-host";
import { AgentService } from "../parts/agent-service";
import { keepState, timeProvider } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { refuse } from "../problem";
import { type Clouds, loaded } from "./clouds";

export interface EnvironmentStackProps {
  readonly environment: Environment;
  readonly agents: readonly AgentDefinition[];
  /** What builds the shared infrastructure of each cloud: `await loadClouds([environment])`. */
  readonly clouds: Clouds;
}

/**
 * One environment: shared infrastructure, and the agents that run on it directly. What runs inside a Kubernetes
 * cluster is in the stack of that.
 *
 * @throws FleetError with every problem of the fleet in this environment.
 */
export class EnvironmentStack extends TerraformStack {
  constructor(scope: Construct, { environment, agents, clouds }: EnvironmentStackProps) {
    super(scope, environment.name);
    const planned = resolveFleet(agents, environment);
    refuse(`environment '${environment.name}'`, planned.problems);
    const guard = new PlaceholderGuard(this, environment.name, environment);
    if (!guard.closed) keepState(this, environment.name, environment.state);

    timeProvider(this);
    const azure = this.createAzure(environment, planned.workloads, guard, clouds);
    const google = this.createGoogle(environment, planned.workloads, guard, clouds, azure);
    // The same fleet again, now with what only the shared infrastructure knows.
    const { workloads } = resolveFleet(agents, environment, {
      containerAppsDomain: azure?.containerApps?.defaultDomain,
    });
    const hosts = new Map<PlatformKind, AgentHost>();
    if (azure?.containerApps !== undefined) hosts.set("container-apps", azure.containerAppsHost());
    if (google !== undefined) hosts.set("cloud-run", google.cloudRunHost());
    for (const workload of workloads) {
      const host = hosts.get(workload.platform);
      if (host !== undefined) new AgentService(this, workload.name, { workload, host });
    }
    azure?.createGateway(workloads);
    this.tell(environment, workloads, azure);
  }

  private createAzure(
    environment: Environment,
    workloads: readonly AgentWorkload[],
    guard: PlaceholderGuard,
    clouds: Clouds,
  ): AzureFoundations | undefined {
    if (environment.azure === undefined) return undefined;
    const Foundations = loaded(clouds, "AzureFoundations", environment);
    return new Foundations(this, "shared", { environment, workloads, guard, clouds });
  }

  private createGoogle(
    environment: Environment,
    workloads: readonly AgentWorkload[],
    guard: PlaceholderGuard,
    clouds: Clouds,
    azure: AzureFoundations | undefined,
  ): GoogleFoundations | undefined {
    const onGoogle = workloads.filter(({ platform }) => platform === "cloud-run");
    if (environment.google === undefined || onGoogle.length === 0) return undefined;
    const Foundations = loaded(clouds, "GoogleFoundations", environment);
    const existing = environment.identityProvider?.kind === "existing" ? existingIdentityProvider : undefined;
    const identityProvider = azure?.identityProvider ?? existing;
    return new Foundations(this, "google", { environment, workloads: onGoogle, guard, identityProvider });
  }

  private tell(
    environment: Environment,
    workloads: readonly AgentWorkload[],
    azure: AzureFoundations | undefined,
  ): void {
    const outputs = new Construct(this, "outputs");
    new TerraformOutput(outputs, "agents", {
      staticId: true,
      description: "Agents and the URLs on their cards",
      value: Object.fromEntries(workloads.map(({ name, route }) => [name, route.publicUrl])),
    });
    const onAzure = workloads.filter(({ platform }) => platform !== "cloud-run");
    const secrets = secretsOf(onAzure, environment);
    if (azure === undefined || environment.vault.kind !== "key-vault" || secrets.length === 0) return;
    new TerraformOutput(outputs, "secrets_to_set", {
      staticId: true,
      description: "Secrets that hold a placeholder until somebody sets them, and how",
      value: Object.fromEntries(
        secrets.map((name) => [
          name,
          `az keyvault secret set --vault-name ${azure.secrets.name} --name ${name} --file <file with the value>`,
        ]),
      ),
    });
  }
}
