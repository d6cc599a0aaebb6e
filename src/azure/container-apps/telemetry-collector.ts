import { ContainerApp } from "@cdktf/provider-azurerm/lib/container-app";
import { Construct } from "constructs";
import { telemetryVariables } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import { ownSecrets } from "../../environment/own-secrets";
import type { AgentBinding, IAgentDependency } from "../../parts/agent-dependency";
import { collectorConfiguration, HEALTH_PORT, OTLP_PORT } from "../../parts/collector-configuration";
import { COLLECTOR_IMAGE } from "../../parts/collector-image";
import { existingCollector } from "../../parts/existing-collector";
import { waitForGrants } from "../../parts/role-grants";
import { type TraceSampling, traceSampling } from "../../parts/trace-sampling";
import { terraformText } from "../../terraform-text";
import { azureMonitorExporter } from "../azure-monitor-exporter";
import type { AzurePlan } from "../azure-plan";
import { type IKeyVaultSecrets, type VaultSecret, writeSecret } from "../key-vault-secrets";
import type { Observability } from "../observability";
import type { IResourceGroup } from "../resource-group";
import type { IContainerAppsEnvironment } from "./container-apps-environment";
import { partApp } from "./part-app";

export interface TelemetryCollectorProps {
  readonly resourceGroup: IResourceGroup;
  readonly environment: IContainerAppsEnvironment;
  readonly observability: Observability;
  readonly secrets: IKeyVaultSecrets;
  readonly identityName: string;
  /** Secret with the connection string of Application Insights, where there is one. @default - it is written */
  readonly connection?: VaultSecret;
  /** @default - the pinned release */
  readonly image?: string;
  /** What it keeps of traces. @default - everything */
  readonly sampling?: TraceSampling;
}

/**
 * An OpenTelemetry collector as an internal app: agents send it OTLP over HTTP, it forwards to Application Insights.
 * It is a dependency of every agent, whatever the identity of that.
 */
export class TelemetryCollector extends Construct implements IAgentDependency<unknown> {
  /** A collector that exists. */
  static readonly fromExisting = existingCollector;

  readonly dependencyName = "telemetry collector";
  /** Base URL for apps of the same environment: HTTPS on 443, whatever port the collector listens on. */
  readonly endpoint: string;
  private readonly app: ContainerApp;

  constructor(scope: Construct, id: string, props: TelemetryCollectorProps) {
    super(scope, id);
    const { environment, observability, secrets, sampling } = props;
    const name = "otel-collector";
    const connection = props.connection ?? writeConnection(this, "connection-string", secrets, observability);
    const { config, grants } = partApp(this, { ...props, name, reads: [connection] });
    this.app = new ContainerApp(this, "resource", {
      ...config,
      ingress: {
        externalEnabled: false,
        targetPort: OTLP_PORT,
        transport: "http",
        trafficWeight: [{ latestRevision: true, percentage: 100 }],
      },
      template: {
        minReplicas: 1,
        maxReplicas: 3,
        httpScaleRule: [{ name: "requests", concurrentRequests: "100" }],
        container: [
          {
            name,
            image: props.image ?? COLLECTOR_IMAGE,
            cpu: 0.5,
            memory: "1Gi",
            args: ["--config=env:COLLECTOR_CONFIG"],
            env: [
              { name: "APPLICATIONINSIGHTS_CONNECTION_STRING", secretName: connection.name },
              // JSON is YAML, and needs no library at start-up.
              {
                name: "COLLECTOR_CONFIG",
                value: terraformText(
                  JSON.stringify(collectorConfiguration({ exporter: azureMonitorExporter, sampling })),
                ),
              },
            ],
            livenessProbe: [{ transport: "HTTP", path: "/", port: HEALTH_PORT }],
            readinessProbe: [{ transport: "HTTP", path: "/", port: HEALTH_PORT, successCountThreshold: 1 }],
          },
        ],
      },
      dependsOn: [...waitForGrants(this, grants), ...secrets.readyAfter],
    });
    this.node.defaultChild = this.app;
    this.endpoint = `https://${name}.internal.${environment.defaultDomain}`;
  }

  bind(_scope: Construct, workload: AgentWorkload): AgentBinding {
    const { endpoint } = this;
    return {
      variables: telemetryVariables(workload, { endpoint, sampleRatio: 1, temporality: "delta" }),
      readyAfter: [this.app],
    };
  }
}

/** Puts the connection string of Application Insights into the vault, for a collector. */
export function writeConnection(
  scope: Construct,
  id: string,
  vault: IKeyVaultSecrets,
  { connectionString }: Observability,
): VaultSecret {
  return writeSecret(scope, id, {
    vault,
    name: ownSecrets.applicationInsights,
    value: connectionString,
    contentType: "text/plain",
  });
}

/** Where agents send what they measure: a collector that exists, or one beside the apps where there are any. */
export function provideTelemetry(
  scope: Construct,
  id: string,
  plan: AzurePlan["telemetry"],
  parts: Omit<TelemetryCollectorProps, "environment" | "image" | "sampling"> & {
    readonly apps: IContainerAppsEnvironment | undefined;
    /** Agents that send it something. */
    readonly workloads: readonly AgentWorkload[];
  },
): IAgentDependency<unknown>[] {
  const { existingEndpoint, collectorImage: image, sampleRatio } = plan;
  const { apps, workloads } = parts;
  if (existingEndpoint !== undefined) {
    return [TelemetryCollector.fromExisting({ endpoint: existingEndpoint, sampleRatio })];
  }
  if (apps === undefined) return [];
  const sampling = traceSampling(workloads, sampleRatio);
  return [new TelemetryCollector(scope, id, { ...parts, environment: apps, image, sampling })];
}
