import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import type { AzureIdentity } from "../../../src/azure/azure-identity";
import { ContainerAppsEnvironment } from "../../../src/azure/container-apps/container-apps-environment";
import { containerAppsPlatform } from "../../../src/azure/container-apps/container-apps-platform";
import { ContainerRegistry } from "../../../src/azure/container-registry";
import type { Environment } from "../../../src/environment/environment";
import { resolveFleet } from "../../../src/fleet/resolve-fleet";
import type { AgentBinding, IAgentDependency } from "../../../src/parts/agent-dependency";
import { agentHost } from "../../../src/parts/agent-host";
import { AgentService } from "../../../src/parts/agent-service";
import { azureStack, imagesStack, madeBefore, referenced, variablesOf } from "../../support/azure-parts";
import { usePlanning } from "../../support/plan-stack";
import { billing, definitions, desk, environment, workloadOf } from "../../support/sample-fleet";
import { environmentStack, FinishedStack, synthEnvironment } from "../../support/synth";

/** The finished app of `billing`, changed. */
function billingApp(change: Partial<AgentDefinition> = {}, settings: Partial<Environment> = {}) {
  const stack = synthEnvironment({ ...environment, ...settings }, [desk, { ...billing, ...change }]);
  return { stack, app: stack.at("billing/resource"), arguments: stack.at("billing/resource").arguments };
}

const problems = (change: Partial<AgentDefinition>) =>
  resolveFleet([desk, { ...billing, ...change }], environment).problems.map(({ rule }) => rule);

describe("an app", () => {
  test("has an identity of its own, made before it", () => {
    const { stack, app } = billingApp();
    expect(app.arguments.identity.type).toBe("UserAssigned");
    expect(app.arguments.identity.identity_ids.map(referenced)).toEqual([
      stack.at("billing/identity").address,
    ]);
  });

  test("waits for its roles, and again whenever one of them changes", () => {
    const { stack, app } = billingApp();
    const wait = stack.at("billing/grants-hold");
    expect(madeBefore(stack, app.address)).toContain(wait.address);
    const roles = stack
      .resources("azurerm_role_assignment")
      .filter(({ path }) => path.startsWith("billing/"))
      .map(({ address }) => address);
    expect(roles.length).toBeGreaterThan(2);
    const triggers = Object.values<string>(wait.arguments.triggers).map(referenced);
    expect(triggers.toSorted()).toEqual(roles.toSorted());
  });

  test("is on the Consumption profile, by name", () => {
    expect(billingApp().arguments.workload_profile_name).toBe("Consumption");
  });

  test("is asked on its own port, over HTTPS only", () => {
    expect(billingApp({ port: 3000 }).arguments.ingress).toMatchObject({
      target_port: 3000,
      allow_insecure_connections: false,
      traffic_weight: [{ latest_revision: true, percentage: 100 }],
    });
  });

  test("takes a description as it was written, templates and quotes included", async () => {
    const description = 'Pays ${amount} or %{ if } "cash", 100 $';
    const { stack } = billingApp({ description });
    // As Terraform would read it: `$${` is how a template is written that isn't one.
    const read = variablesOf(stack.at("billing/resource")).AGENT_DESCRIPTION?.replace(/([$%])\1\{/g, "$1{");
    expect(read).toBe(description);
  });

  test("has its variables in an order that doesn't follow the definition's", () => {
    const names = (variables: Record<string, string>) =>
      Object.keys(variablesOf(billingApp({ variables }).app));
    expect(names({ ZULU: "1", ALPHA: "2" })).toEqual(names({ ALPHA: "2", ZULU: "1" }));
  });
});

describe("its reach", () => {
  const network = { azure: { ...environment.azure, network: { kind: "created" } } } as Partial<Environment>;
  const gateway = {
    ...network,
    gateway: {},
    identityProvider: { kind: "entra" },
  } as Partial<Environment>;
  const external = (settings: Partial<Environment>, path: string) =>
    synthEnvironment({ ...environment, ...settings }, definitions).at(`${path}/resource`).arguments.ingress
      .external_enabled;

  test.each([
    ["internal, without a gateway: the environment", {}, "billing", false],
    ["customer-facing, without a gateway: the internet", {}, "desk-globex", true],
    ["internal, behind a gateway: the network", gateway, "billing", true],
    ["set by the environment", { agents: { billing: { reach: "internet" } } }, "billing", true],
  ] as const)("%s", (_which, settings, agent, expected) => {
    expect(external(settings, agent)).toBe(expected);
  });

  test("behind a gateway ends at the network, because the environment's load balancer is internal", () => {
    const stack = synthEnvironment({ ...environment, ...gateway }, definitions);
    expect(stack.at("shared/apps/resource").arguments.internal_load_balancer_enabled).toBe(true);
  });
});

describe("probes", () => {
  const limits: Record<string, readonly [number, number]> = {
    initial_delay: [0, 60],
    interval_seconds: [1, 240],
    timeout: [1, 240],
    failure_count_threshold: [1, 30],
  };

  test.each([1, 30, 60, 61, 120, 300])(
    "of an agent that takes %i s to start are within the provider's limits and cover them",
    (startupSeconds) => {
      const found = problems({ startupSeconds });
      if (found.length > 0) {
        expect(found).toEqual(["platform-limit:startup probe"]);
        expect(startupSeconds).toBeGreaterThan(60);
        return;
      }
      const [container] = billingApp({ startupSeconds }).arguments.template.container;
      for (const kind of ["startup_probe", "liveness_probe", "readiness_probe"]) {
        for (const [name, [low, high]] of Object.entries(limits)) {
          expect(container[kind][0][name], `${kind}.${name}`).toBeGreaterThanOrEqual(low);
          expect(container[kind][0][name], `${kind}.${name}`).toBeLessThanOrEqual(high);
        }
      }
      const [startup] = container.startup_probe;
      expect(
        startup.initial_delay + startup.failure_count_threshold * startup.interval_seconds,
      ).toBeGreaterThanOrEqual(startupSeconds);
    },
  );

  test("need one success, not three, and ask where the agent answers", () => {
    const [container] = billingApp({ healthPath: "/health", readyPath: "/ready", port: 3000 }).arguments
      .template.container;
    expect(container.readiness_probe[0]).toMatchObject({
      success_count_threshold: 1,
      path: "/ready",
      port: 3000,
    });
    expect(container.liveness_probe[0]).toMatchObject({ path: "/health", port: 3000 });
    const [plain] = billingApp().arguments.template.container;
    expect(plain.liveness_probe[0].path).toBe("/.well-known/agent-card.json");
  });
});

describe("scaling", () => {
  const template = (scaling: AgentDefinition["scaling"], change: Partial<AgentDefinition> = {}) =>
    billingApp({ scaling, ...change }).arguments.template;

  test("on requests, by the provider's string", () => {
    expect(template({ kind: "http", concurrentRequests: 20 })).toMatchObject({
      min_replicas: 1,
      max_replicas: 5,
      http_scale_rule: [{ name: "requests", concurrent_requests: "20" }],
    });
  });

  test("on tasks becomes requests, because the platform reads no metric of the agent's", () => {
    const { http_scale_rule } = template({ kind: "active-tasks", tasksPerReplica: 5 });
    expect(http_scale_rule).toEqual([{ name: "requests", concurrent_requests: "5" }]);
  });

  test.each([
    [{ kind: "resources", cpuPercent: 60 }, ["cpu"]],
    [{ kind: "resources", cpuPercent: 60, memoryPercent: 70 }, ["cpu", "memory"]],
  ] as const)("on %o", (scaling, resources) => {
    const { custom_scale_rule } = template(scaling);
    expect(custom_scale_rule.map((rule: { name: string }) => rule.name)).toEqual(resources);
    expect(custom_scale_rule[0]).toMatchObject({
      custom_rule_type: "cpu",
      metadata: { type: "Utilization", value: "60" },
    });
  });

  test("on resources never starts from nothing", () => {
    expect(problems({ scaling: { kind: "resources", cpuPercent: 60 }, minReplicas: 0 })).toEqual([
      "requests-wake-replicas",
    ]);
    expect(problems({ scaling: { kind: "resources", cpuPercent: 60 }, minReplicas: 1 })).toEqual([]);
    expect(problems({ minReplicas: 0 })).toEqual([]);
  });

  test("on events takes the scaler's secrets from the app's", () => {
    const { arguments: app } = billingApp({
      scaling: {
        kind: "event",
        scaler: "redis-streams",
        metadata: { stream: "invoices", pendingEntriesCount: "5", template: "${not} a template" },
        authentication: { password: "billing-erp-token" },
      },
    });
    expect(app.template.custom_scale_rule).toEqual([
      {
        name: "events",
        custom_rule_type: "redis-streams",
        metadata: { stream: "invoices", pendingEntriesCount: "5", template: "$${not} a template" },
        authentication: [{ trigger_parameter: "password", secret_name: "billing-erp-token" }],
      },
    ]);
    expect(app.secret.map(({ name }: { name: string }) => name)).toContain("billing-erp-token");
  });
});

describe("a gradual rollout", () => {
  const traffic = [
    { revision: "v1", percent: 90, tag: "stable" },
    { revision: "latest", percent: 10 },
  ];

  test("splits traffic by weight, with several revisions running", () => {
    const { arguments: app } = billingApp({}, { agents: { billing: { traffic } } });
    expect(app.revision_mode).toBe("Multiple");
    expect(app.ingress.traffic_weight).toEqual([
      { percentage: 90, revision_suffix: "v1", label: "stable" },
      { percentage: 10, latest_revision: true },
    ]);
    expect(billingApp().arguments.revision_mode).toBe("Single");
  });
});

describe("the mesh", () => {
  test("is a sidecar beside each agent, and how they find each other", () => {
    const { stack } = billingApp({}, { mesh: { kind: "dapr" } });
    for (const agent of ["billing", "desk-globex"]) {
      expect(stack.at(`${agent}/resource`).arguments.dapr).toEqual({
        app_id: agent,
        app_port: 8000,
        app_protocol: "http",
      });
    }
    expect(variablesOf(stack.at("desk-globex/resource")).AGENT_REGISTRY).toBe(
      '{"billing":"http://127.0.0.1:3500/v1.0/invoke/billing/method/"}',
    );
    expect(billingApp().arguments).not.toHaveProperty("dapr");
  });
});

describe("what an agent leans on", () => {
  const identities: IAgentDependency<AzureIdentity> = {
    dependencyName: "nothing",
    bind: () => ({}),
  };
  const hosting = (binding: AgentBinding) =>
    new FinishedStack(
      azureStack((stack, resourceGroup) => {
        const host = agentHost({
          platform: containerAppsPlatform({
            resourceGroup,
            environment: ContainerAppsEnvironment.fromExisting(stack, "apps", {
              name: "cae",
              resourceGroupName: "rg",
              internal: false,
            }),
            registry: ContainerRegistry.fromExisting(stack, "registry", {
              name: "acmeimages",
              resourceGroupName: "rg",
            }),
            identityName: (agent) => `id-${agent}`,
          }),
          dependencies: [identities, { dependencyName: "a proxy", bind: () => binding }],
        });
        new AgentService(stack, "billing", { workload: workloadOf("billing"), host });
      }),
    ).at("billing/resource").arguments;

  test("may run beside it", () => {
    const [, sidecar] = hosting({
      sidecars: [
        {
          name: "proxy",
          image: "ghcr.io/acme/proxy:1.0.0",
          cpu: 0.25,
          memoryMiB: 512,
          variables: { MODE: "${strict}" },
          args: ["--listen=127.0.0.1"],
          healthPort: 9000,
          healthPath: "/healthz",
        },
      ],
    }).template.container;
    expect(sidecar).toMatchObject({
      name: "proxy",
      cpu: 0.25,
      memory: "0.5Gi",
      args: ["--listen=127.0.0.1"],
      env: [{ name: "MODE", value: "$${strict}" }],
      liveness_probe: [{ transport: "HTTP", path: "/healthz", port: 9000 }],
    });
  });

  test("gives it no files, which Container Apps has no place for", () => {
    expect(() => hosting({ files: [{ path: "/etc/ca.pem", content: "…" }] })).toThrow(
      "agent 'billing': Container Apps has no plain files, and something it leans on wants to give it /etc/ca.pem; " +
        "give it a variable instead",
    );
  });

  test("sets no variable that somebody else sets", () => {
    expect(() => hosting({ variables: { AGENT_NAME: "other" } })).toThrow(
      "agent 'billing': variable AGENT_NAME is set by the contract with images and by a proxy; leave one of them out",
    );
  });
});

describe("deployed", () => {
  const { deployStack } = usePlanning();

  test("every kind of scaling, probe and text comes up as the provider and Azure take it", async () => {
    const cloud = await deployStack(imagesStack());
    const agents: AgentDefinition[] = [
      desk,
      { ...billing, description: "Pays ${amount}", scaling: { kind: "resources", cpuPercent: 60 } },
      {
        ...billing,
        name: "events",
        scaling: {
          kind: "event",
          scaler: "redis-streams",
          metadata: { stream: "invoices" },
          authentication: { password: "billing-erp-token" },
        },
      },
      { ...billing, name: "tasks", scaling: { kind: "active-tasks", tasksPerReplica: 5 } },
    ];
    const tags = { owner: "team-${x}" };
    const { ledger } = await deployStack(environmentStack({ ...environment, tags }, agents), { cloud });
    const app = Object.values(ledger.entries).find(
      ({ type, attributes }) => type === "azurerm_container_app" && attributes.name === "billing",
    );
    expect(app?.attributes.tags).toMatchObject(tags);
    expect(JSON.stringify(app?.attributes.template)).toContain("Pays ${amount}");
  });
});
