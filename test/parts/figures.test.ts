import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { helper, onGoogle } from "../support/fleet-on-google";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { type Manifest, readManifests } from "../support/kubernetes-manifests";
import { billing, desk, environment } from "../support/sample-fleet";
import { synthEnvironment } from "../support/synth";

/**
 * Everything that each platform is told of one agent besides its variables, whole: no figure of it is anybody's default,
 * so that a number that goes to another place shows.
 */
const odd: Partial<AgentDefinition> = {
  cpu: 1.25,
  memoryMiB: 2560,
  minReplicas: 2,
  maxReplicas: 7,
  port: 8123,
  metricsPort: 9191,
  startupSeconds: 90,
  healthPath: "/alive",
  readyPath: "/able",
  taskDeadlineSeconds: 400,
  heartbeatSeconds: 30,
  resubscribe: true,
  scaling: { kind: "resources", cpuPercent: 55, memoryPercent: 75 },
};

describe("Container Apps", () => {
  const apps = (change: Partial<AgentDefinition> = {}) => {
    const stack = synthEnvironment(environment, [desk, { ...billing, ...odd, ...change }]);
    const found = stack.resources("azurerm_container_app").find(({ path }) => path === "billing/resource");
    if (found === undefined) throw new Error("no app 'billing'");
    return found.arguments;
  };
  const probe = { transport: "HTTP", port: 8123, timeout: 5 };

  test("runs one revision of one size, between its fewest and its most", () => {
    const { template, ...app } = apps();
    const { container, ...around } = template;
    expect(app).toMatchObject({ revision_mode: "Single", workload_profile_name: "Consumption" });
    expect(app.ingress).toEqual({
      allow_insecure_connections: false,
      external_enabled: false,
      target_port: 8123,
      transport: "http",
      traffic_weight: [{ latest_revision: true, percentage: 100 }],
    });
    expect(around).toEqual({
      min_replicas: 2,
      max_replicas: 7,
      termination_grace_period_seconds: 410,
      custom_scale_rule: [
        { name: "cpu", custom_rule_type: "cpu", metadata: { type: "Utilization", value: "55" } },
        { name: "memory", custom_rule_type: "memory", metadata: { type: "Utilization", value: "75" } },
      ],
    });
    const [{ env: _, ...agent }, ...others] = container;
    expect(others).toEqual([]);
    expect(agent).toEqual({
      name: "billing",
      image: "acmeimages.azurecr.io/agents/billing:1.0.0",
      cpu: 1.25,
      memory: "2.5Gi",
      startup_probe: [
        {
          ...probe,
          path: "/alive",
          initial_delay: 0,
          interval_seconds: 3,
          failure_count_threshold: 30,
          timeout: 3,
        },
      ],
      liveness_probe: [
        { ...probe, path: "/alive", initial_delay: 10, interval_seconds: 30, failure_count_threshold: 3 },
      ],
      readiness_probe: [
        {
          ...probe,
          path: "/able",
          initial_delay: 5,
          interval_seconds: 10,
          failure_count_threshold: 3,
          success_count_threshold: 1,
        },
      ],
    });
  });

  test.each<[AgentDefinition["scaling"], object]>([
    [
      { kind: "http", concurrentRequests: 7 },
      { http_scale_rule: [{ name: "requests", concurrent_requests: "7" }] },
    ],
    [
      { kind: "active-tasks", tasksPerReplica: 3 },
      { http_scale_rule: [{ name: "requests", concurrent_requests: "3" }] },
    ],
    [
      { kind: "resources", cpuPercent: 55 },
      {
        custom_scale_rule: [
          { name: "cpu", custom_rule_type: "cpu", metadata: { type: "Utilization", value: "55" } },
        ],
      },
    ],
    [
      {
        kind: "event",
        scaler: "azure-servicebus",
        metadata: { queueName: "orders", messageCount: "5" },
        authentication: { connection: "billing-erp-token" },
      },
      {
        custom_scale_rule: [
          {
            name: "events",
            custom_rule_type: "azure-servicebus",
            metadata: { queueName: "orders", messageCount: "5" },
            authentication: [{ trigger_parameter: "connection", secret_name: "billing-erp-token" }],
          },
        ],
      },
    ],
  ])("scales by %o", (scaling, rule) => {
    const { container: _, ...around } = apps({ scaling }).template;
    expect(around).toEqual({
      min_replicas: 2,
      max_replicas: 7,
      termination_grace_period_seconds: 410,
      ...rule,
    });
  });

  test("splits traffic between revisions, and keeps several of them then alone", () => {
    const split = synthEnvironment(
      {
        ...environment,
        agents: {
          billing: {
            traffic: [
              { revision: "latest", percent: 10 },
              { revision: "blue", percent: 90 },
            ],
          },
        },
      },
      [desk, billing],
    );
    const app = split.at("billing/resource").arguments;
    expect(app.revision_mode).toBe("Multiple");
    expect(app.ingress.traffic_weight).toEqual([
      { latest_revision: true, percentage: 10 },
      { revision_suffix: "blue", percentage: 90 },
    ]);
    expect(split.at("desk-globex/resource").arguments.ingress.external_enabled).toBe(true);
  });
});

describe("Cloud Run", () => {
  const serviceOf = (change: Partial<AgentDefinition> = {}) =>
    synthEnvironment(onGoogle, [{ ...helper, ...odd, cpu: 2, memoryMiB: 3072, ...change }]).at(
      "helper/service/resource",
    ).arguments;
  const collector = { path: "/", port: 13133 };

  test("runs one size, between its fewest and its most, for longer than the deadline", () => {
    const { template, ...service } = serviceOf();
    expect(service).toMatchObject({
      scaling: { min_instance_count: 2 },
      ingress: "INGRESS_TRAFFIC_INTERNAL_ONLY",
      invoker_iam_disabled: true,
      traffic: [{ percent: 100, type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" }],
    });
    expect(template).toMatchObject({
      execution_environment: "EXECUTION_ENVIRONMENT_GEN2",
      max_instance_request_concurrency: 80,
      scaling: { max_instance_count: 7 },
      timeout: "410s",
      vpc_access: { egress: "PRIVATE_RANGES_ONLY" },
    });
    expect(template.volumes[0].secret.items).toEqual([expect.objectContaining({ mode: 0o444 })]);
    const [agent, beside] = template.containers.map(
      ({ env: _, ...container }: { env: unknown }) => container,
    );
    expect(agent).toEqual({
      name: "agent",
      image: "europe-west4-docker.pkg.dev/acme-agents/agents/agents/helper:1.2.0",
      ports: { container_port: 8123 },
      depends_on: ["collector"],
      resources: { cpu_idle: false, startup_cpu_boost: true, limits: { cpu: "2", memory: "3Gi" } },
      startup_probe: {
        http_get: { path: "/alive", port: 8123 },
        initial_delay_seconds: 0,
        period_seconds: 3,
        timeout_seconds: 3,
        failure_threshold: 30,
      },
      liveness_probe: {
        http_get: { path: "/alive", port: 8123 },
        initial_delay_seconds: 10,
        period_seconds: 30,
        timeout_seconds: 5,
        failure_threshold: 3,
      },
      volume_mounts: [expect.objectContaining({ mount_path: "/etc/a2a/task-store" })],
    });
    expect(beside).toEqual({
      name: "collector",
      image: "docker.io/otel/opentelemetry-collector-contrib:0.139.0",
      args: ["--config=env:COLLECTOR_CONFIG"],
      resources: { cpu_idle: false, limits: { cpu: "250m", memory: "512Mi" } },
      startup_probe: { http_get: collector, period_seconds: 5, timeout_seconds: 3, failure_threshold: 12 },
      liveness_probe: { http_get: collector, period_seconds: 30, timeout_seconds: 5, failure_threshold: 3 },
    });
  });

  test.each([
    [100, "300s"],
    [290, "300s"],
    [291, "301s"],
    [3590, "3600s"],
    [3591, "3600s"],
  ])("gives a request of a task of %i s %s", (taskDeadlineSeconds, timeout) => {
    expect(serviceOf({ taskDeadlineSeconds }).template.timeout).toBe(timeout);
  });

  test.each<[Partial<AgentDefinition>, object, object]>([
    [
      { cpu: 0.5, memoryMiB: 512, scaling: { kind: "http", concurrentRequests: 1 } },
      { cpu_idle: true, limits: { cpu: "500m", memory: "512Mi" } },
      { execution_environment: "EXECUTION_ENVIRONMENT_GEN1", max_instance_request_concurrency: 1 },
    ],
    [
      { cpu: 1, memoryMiB: 1536, scaling: { kind: "active-tasks", tasksPerReplica: 6 } },
      { cpu_idle: false, limits: { cpu: "1", memory: "1536Mi" } },
      { execution_environment: "EXECUTION_ENVIRONMENT_GEN2", max_instance_request_concurrency: 6 },
    ],
    [
      { cpu: 4, memoryMiB: 4096, scaling: { kind: "http", concurrentRequests: 9 } },
      { cpu_idle: false, limits: { cpu: "4", memory: "4Gi" } },
      { execution_environment: "EXECUTION_ENVIRONMENT_GEN2", max_instance_request_concurrency: 9 },
    ],
  ])("gives %o its size, and as many requests as it takes", (change, resources, around) => {
    const { template } = serviceOf(change);
    expect(template.containers[0].resources).toMatchObject(resources);
    expect(template.containers[1].resources.cpu_idle).toBe((resources as { cpu_idle: boolean }).cpu_idle);
    expect(template).toMatchObject(around);
  });

  test("keeps no instance where none is asked for", () => {
    expect(serviceOf({ minReplicas: 0 })).not.toHaveProperty("scaling");
  });
});

describe("Kubernetes", () => {
  const manifests = readManifests(synthCluster(aksEnvironment, [desk, { ...billing, ...odd }]).json);
  const specOf = (kind: string, name = "billing"): Manifest["spec"] =>
    manifests.find((each) => each.kind === kind && each.metadata.name === name)?.spec;
  const http = (path: string) => ({ path, port: "a2a", scheme: "HTTP" });

  test("runs pods of one size, which are nobody and spread", () => {
    const { template, ...deployment } = specOf("Deployment");
    expect(deployment).toEqual({
      progressDeadlineSeconds: 800,
      selector: { matchLabels: { app: "billing" } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
    });
    const { containers, ...pod } = template.spec;
    expect(pod).toEqual({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      serviceAccountName: "billing",
      terminationGracePeriodSeconds: 410,
      securityContext: {
        fsGroup: 1000,
        fsGroupChangePolicy: "OnRootMismatch",
        runAsGroup: 1000,
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
        (topologyKey) => ({
          topologyKey,
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway",
          matchLabelKeys: ["pod-template-hash"],
          labelSelector: { matchLabels: { app: "billing" } },
        }),
      ),
      volumes: [
        { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
        {
          name: "secrets-billing",
          csi: {
            driver: "secrets-store.csi.k8s.io",
            readOnly: true,
            volumeAttributes: { secretProviderClass: "billing" },
          },
        },
      ],
    });
    const [{ env: _, ...agent }, ...others] = containers;
    expect(others).toEqual([]);
    expect(agent).toEqual({
      name: "agent",
      image: "acmeimages.azurecr.io/agents/billing:1.0.0",
      imagePullPolicy: "IfNotPresent",
      envFrom: [{ configMapRef: { name: "billing" } }],
      ports: [
        { name: "a2a", containerPort: 8123, protocol: "TCP" },
        { name: "metrics", containerPort: 9191, protocol: "TCP" },
      ],
      // Twice and half of what it was sized with: what it may have, and what is kept for it.
      resources: {
        limits: { cpu: "2500m", memory: "2560Mi" },
        requests: { cpu: "625m", memory: "1280Mi" },
      },
      lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } },
      startupProbe: {
        httpGet: http("/alive"),
        initialDelaySeconds: 0,
        periodSeconds: 3,
        timeoutSeconds: 3,
        failureThreshold: 30,
        successThreshold: 1,
      },
      livenessProbe: {
        httpGet: http("/alive"),
        initialDelaySeconds: 10,
        periodSeconds: 30,
        timeoutSeconds: 5,
        failureThreshold: 3,
        successThreshold: 1,
      },
      readinessProbe: {
        httpGet: http("/able"),
        initialDelaySeconds: 5,
        periodSeconds: 10,
        timeoutSeconds: 5,
        failureThreshold: 3,
        successThreshold: 1,
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      },
      volumeMounts: [
        { name: "tmp", mountPath: "/tmp" },
        { name: "secrets-billing", mountPath: "/mnt/secrets/billing", readOnly: true },
      ],
    });
  });

  test("has one address for its callers, and one port for who scrapes", () => {
    expect(specOf("Service")).toEqual({
      type: "ClusterIP",
      selector: { app: "billing" },
      ports: [
        { name: "a2a", appProtocol: "http", port: 80, protocol: "TCP", targetPort: "a2a" },
        { name: "metrics", port: 9090, protocol: "TCP", targetPort: "metrics" },
      ],
    });
  });

  test.each([
    [60, 120, 600],
    [280, 290, 650],
  ])("a deadline of %i s is %i s of grace and %i s for a rollout", (taskDeadlineSeconds, grace, progress) => {
    const { json } = synthCluster(aksEnvironment, [
      desk,
      { ...billing, taskDeadlineSeconds, heartbeatSeconds: 30, resubscribe: true },
    ]);
    const deployment = readManifests(json).find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === "billing",
    );
    expect(deployment?.spec.template.spec.terminationGracePeriodSeconds).toBe(grace);
    expect(deployment?.spec.progressDeadlineSeconds).toBe(progress);
    const [resource] = Object.values<{ timeouts: object; metadata: { name: string } }>(
      json.resource.kubernetes_deployment_v1,
    ).filter(({ metadata }) => metadata.name === "billing");
    // Longer than the cluster waits, so that it says what went wrong.
    const whole = `${2 * progress}s`;
    expect(resource?.timeouts).toEqual({ create: whole, update: whole, delete: whole });
  });
});
