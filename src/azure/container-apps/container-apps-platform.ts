import {
  ContainerApp,
  type ContainerAppConfig,
  type ContainerAppTemplate,
} from "@cdktf/provider-azurerm/lib/container-app";
import type { AgentProbe, AgentWorkload } from "../../agent/agent-workload";
import type { AgentSidecar, CompleteBinding } from "../../parts/agent-dependency";
import type { IAgentPlatform } from "../../parts/agent-host";
import { waitForGrants } from "../../parts/role-grants";
import { terraformText, terraformTexts } from "../../terraform-text";
import { type AzureIdentity, createAzureIdentity } from "../azure-identity";
import type { IContainerRegistry, RegistryPull } from "../container-registry";
import type { IResourceGroup } from "../resource-group";
import type { IContainerAppsEnvironment } from "./container-apps-environment";

export interface ContainerAppsPlatformProps {
  readonly resourceGroup: IResourceGroup;
  readonly environment: IContainerAppsEnvironment;
  readonly registry: IContainerRegistry;
  /** Name of the identity of one agent. */
  readonly identityName: (agent: string) => string;
  /** Whether apps have a Dapr sidecar. @default false */
  readonly dapr?: boolean;
}

/**
 * Azure Container Apps: one app an agent, in one environment.
 *
 * @throws Error, when an agent is run, where something that it leans on gives it plain files: apps have none
 */
export function containerAppsPlatform(props: ContainerAppsPlatformProps): IAgentPlatform<AzureIdentity> {
  return {
    kind: "container-apps",
    createIdentity: (scope, { name }) =>
      createAzureIdentity(scope, "identity", { ...props, name: props.identityName(name) }),
    run: (scope, workload, identity, binding) => {
      if (binding.files.length > 0) {
        throw new Error(
          `agent '${workload.name}': Container Apps has no plain files, and something it leans on wants to give it ` +
            `${binding.files.map(({ path }) => path).join(", ")}; give it a variable instead`,
        );
      }
      const pull = props.registry.pull(scope, identity);
      const ready = waitForGrants(scope, [...pull.grants, ...binding.grants]);
      scope.node.defaultChild = new ContainerApp(scope, "resource", {
        ...app(workload, identity, binding, pull, props),
        dependsOn: [...new Set([...ready, ...binding.readyAfter])],
      });
    },
  };
}

function app(
  workload: AgentWorkload,
  identity: AzureIdentity,
  binding: CompleteBinding,
  pull: RegistryPull,
  { resourceGroup, environment, registry, dapr = false }: ContainerAppsPlatformProps,
): ContainerAppConfig {
  const pullSecrets = pull.kind === "password" ? [pull.password] : [];
  const secrets = new Map([...binding.secrets, ...pullSecrets].map(({ name, id }) => [name, id]));
  // Labels, too, are for apps with several revisions.
  const split = workload.traffic.some(({ revision, tag }) => revision !== "latest" || tag !== undefined);
  return {
    name: workload.name,
    resourceGroupName: resourceGroup.name,
    containerAppEnvironmentId: environment.id,
    // Neither computed nor defaulted by the provider: left out, every plan would take it away again.
    workloadProfileName: "Consumption",
    revisionMode: split ? "Multiple" : "Single",
    identity: { type: "UserAssigned", identityIds: [identity.id] },
    registry: [
      pull.kind === "identity"
        ? { server: registry.server, identity: identity.id }
        : {
            server: registry.server,
            username: terraformText(pull.username),
            passwordSecretName: pull.password.name,
          },
    ],
    secret: [...secrets].map(([name, keyVaultSecretId]) => ({
      name,
      keyVaultSecretId,
      identity: identity.id,
    })),
    ingress: {
      externalEnabled: workload.reach !== "environment",
      targetPort: workload.port,
      transport: "http",
      allowInsecureConnections: false,
      trafficWeight: workload.traffic.map(({ revision, percent, tag }) => ({
        percentage: percent,
        label: tag,
        ...(revision === "latest" ? { latestRevision: true } : { revisionSuffix: revision }),
      })),
    },
    ...(dapr ? { dapr: { appId: workload.name, appPort: workload.port, appProtocol: "http" } } : {}),
    template: {
      minReplicas: workload.minReplicas,
      maxReplicas: workload.maxReplicas,
      terminationGracePeriodSeconds: workload.terminationGraceSeconds,
      container: [
        {
          name: workload.name,
          image: workload.image,
          cpu: workload.cpu,
          memory: `${workload.memoryMiB / 1024}Gi`,
          env: variables(binding),
          startupProbe: [probe(workload.probes.startup, workload.port)],
          livenessProbe: [probe(workload.probes.liveness, workload.port)],
          // The provider waits for three successes by default.
          readinessProbe: [{ ...probe(workload.probes.readiness, workload.port), successCountThreshold: 1 }],
        },
        ...binding.sidecars.map(sidecar),
      ],
      ...scaleRule(workload),
    },
    tags: { ...resourceGroup.tags },
  };
}

/** Sorted, so that a change of order in a definition is no change of the app. */
function variables(binding: CompleteBinding) {
  const plain = Object.entries(binding.variables).map(([name, value]) => ({
    name,
    value: terraformText(value),
  }));
  const secret = binding.secrets.map(({ variable, name }) => ({ name: variable, secretName: name }));
  return [...plain, ...secret].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function sidecar({ name, image, cpu, memoryMiB, args, variables, healthPath, healthPort }: AgentSidecar) {
  return {
    name,
    image,
    cpu,
    memory: `${memoryMiB / 1024}Gi`,
    args: args.map(terraformText),
    env: Object.entries(variables).map(([variable, value]) => ({
      name: variable,
      value: terraformText(value),
    })),
    livenessProbe: [{ transport: "HTTP", path: healthPath, port: healthPort }],
  };
}

function probe(probe: AgentProbe, port: number) {
  return {
    transport: "HTTP",
    path: probe.path,
    port,
    initialDelay: probe.initialDelaySeconds,
    intervalSeconds: probe.periodSeconds,
    timeout: probe.timeoutSeconds,
    failureCountThreshold: probe.failureThreshold,
  };
}

function scaleRule({ scaling }: AgentWorkload): Partial<ContainerAppTemplate> {
  switch (scaling.kind) {
    case "http":
      return {
        httpScaleRule: [{ name: "requests", concurrentRequests: String(scaling.concurrentRequests) }],
      };
    case "active-tasks":
      // The platform reads no metric of the agent's; a task keeps about one request open.
      return { httpScaleRule: [{ name: "requests", concurrentRequests: String(scaling.tasksPerReplica) }] };
    case "resources":
      return {
        customScaleRule: [
          utilization("cpu", scaling.cpuPercent),
          ...(scaling.memoryPercent === undefined ? [] : [utilization("memory", scaling.memoryPercent)]),
        ],
      };
    case "event":
      return {
        customScaleRule: [
          {
            name: "events",
            customRuleType: scaling.scaler,
            metadata: terraformTexts(scaling.metadata),
            authentication: Object.entries(scaling.authentication ?? {}).map(
              ([triggerParameter, secretName]) => ({
                triggerParameter,
                secretName,
              }),
            ),
          },
        ],
      };
  }
}

function utilization(resource: "cpu" | "memory", percent: number) {
  return {
    name: resource,
    customRuleType: resource,
    metadata: { type: "Utilization", value: String(percent) },
  };
}
