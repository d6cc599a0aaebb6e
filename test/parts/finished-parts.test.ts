import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TimeProvider } from "@cdktf/provider-time/lib/provider";
import { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { collectorConfiguration } from "../../src/parts/collector-configuration";
import { deploymentTime } from "../../src/parts/deployment-time";
import { existingCollector } from "../../src/parts/existing-collector";
import { keepState } from "../../src/parts/keep-state";
import { PlaceholderGuard } from "../../src/parts/placeholder-guard";
import { provideRandom } from "../../src/parts/provide-random";
import { waitForGrants } from "../../src/parts/role-grants";
import { traceSampling } from "../../src/parts/trace-sampling";
import { workflowIdentities } from "../../src/parts/workflow-identities";
import { environment, workloadOf } from "../support/sample-fleet";
import { FinishedStack, synth, testApp } from "../support/synth";

// What the parts that every platform shares come to in finished JSON, where no platform's own figures show it whole.

describe("a collector's configuration", () => {
  const agents = [
    { objectives: { successShare: 0.99, latencySeconds: 30 }, taskDeadlineSeconds: 300 },
    { objectives: { successShare: 0.99, latencySeconds: 20 }, taskDeadlineSeconds: 400 },
  ];
  const exporter = { otlphttp: { endpoint: "https://otlp.acme.example" } };
  const pipeline = (...judges: string[]) => ({
    receivers: ["otlp"],
    processors: ["memory_limiter", ...judges, "batch"],
    exporters: ["otlphttp"],
  });

  test("takes all that agents send, within its memory, and hands it on", () => {
    expect(collectorConfiguration({ exporter })).toEqual({
      extensions: { health_check: { endpoint: "0.0.0.0:13133" } },
      receivers: { otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } } },
      processors: {
        memory_limiter: { check_interval: "1s", limit_percentage: 75, spike_limit_percentage: 20 },
        batch: {},
      },
      exporters: exporter,
      service: {
        extensions: ["health_check"],
        pipelines: { traces: pipeline(), metrics: pipeline(), logs: pipeline() },
      },
    });
  });

  test("judges traces by the quickest promise, once the longest task is over", () => {
    const sampling = traceSampling(agents, 0.123456);
    const { processors, service } = collectorConfiguration({ exporter, sampling });
    expect(processors).toHaveProperty("tail_sampling", {
      decision_wait: "410s",
      policies: [
        { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
        { name: "slow", type: "latency", latency: { threshold_ms: 20_000 } },
        { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: 12.3456 } },
      ],
    });
    expect(service.pipelines).toEqual({
      traces: pipeline("tail_sampling"),
      metrics: pipeline(),
      logs: pipeline(),
    });
  });

  test("judges nothing where all is kept, nobody sends, or no trace is handed on", () => {
    expect([traceSampling(agents), traceSampling(agents, 1), traceSampling([], 0.5)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const sampling = traceSampling(agents, 0.1);
    const { processors, service } = collectorConfiguration({ exporter, signals: ["logs"], sampling });
    expect(Object.keys(processors)).toEqual(["memory_limiter", "batch"]);
    expect(service.pipelines).toEqual({ logs: pipeline() });
  });
});

test.each([
  [{}, "1"],
  [{ sampleRatio: 0.2, cidr: "10.9.0.0/16" }, "0.2"],
])(
  "a collector that exists gets the share that is asked for (%o), along a way of its own",
  (given, share) => {
    const endpoint = "https://otel.acme.example:4318";
    const { dependencyName, bind } = existingCollector({ endpoint, ...given });
    const { variables, egress } = bind(new TerraformStack(testApp(), "test"), workloadOf("billing"), null);
    expect(dependencyName).toBe(`collector ${endpoint}`);
    expect(variables).toMatchObject({
      TRACE_ENABLED: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_TRACES_SAMPLER_ARG: share,
    });
    expect(egress).toEqual([
      "cidr" in given ? { cidr: given.cidr, port: 4318 } : { host: "otel.acme.example", port: 4318 },
    ]);
  },
);

describe("the state of a stack", () => {
  test.each<[Environment["state"], object]>([
    [{ kind: "local" }, { local: { path: "staging.tfstate" } }],
    [
      { kind: "azure-storage", resourceGroup: "rg-state", storageAccount: "acmestate" },
      {
        azurerm: {
          resource_group_name: "rg-state",
          storage_account_name: "acmestate",
          container_name: "tfstate",
          key: "staging.tfstate",
          use_azuread_auth: true,
        },
      },
    ],
    [{ kind: "google-storage", bucket: "acme-state" }, { gcs: { bucket: "acme-state", prefix: "staging" } }],
  ])("is where %o says, in a file of its own", (state, backend) => {
    const { json } = synth((scope) => keepState(scope, "staging", state));
    expect(json.terraform.backend).toEqual(backend);
  });

  test("is in the container that its environment names", () => {
    const state = {
      kind: "azure-storage",
      resourceGroup: "rg",
      storageAccount: "acme",
      container: "live",
    } as const;
    const { json } = synth((scope) => keepState(scope, "staging", state));
    expect(json.terraform.backend.azurerm.container_name).toBe("live");
  });
});

describe("placeholders", () => {
  function guarded(settings: unknown, context = {}) {
    const stack = new TerraformStack(testApp(context), "test");
    const guard = new PlaceholderGuard(stack, "staging", settings);
    new AzurermProvider(stack, "azurerm", { features: [{}], tenantId: guard.pass("tenant") });
    return { closed: guard.closed, json: new FinishedStack(stack).json };
  }
  const settings = { prefix: "a2a", tenant: "22222222-2222-4222-8222-222222222222" };

  test("stop the plan by a condition that cannot hold, before a provider is configured", () => {
    const { closed, json } = guarded(settings);
    expect(closed).toBe(true);
    expect(json.locals).toEqual({ "placeholder-values": ["a2a"] });
    expect(json.resource.terraform_data.placeholders.lifecycle.precondition).toEqual([
      {
        condition: "${length(local.placeholder-values) == 0}",
        error_message: expect.stringMatching(
          /^staging still holds placeholders: a2a \(.+\)\. Replace them by your own values; the rehearsal works without\.$/,
        ),
      },
    ]);
    expect(json.provider.azurerm[0].tenant_id).toBe(
      '${element(["tenant", terraform_data.placeholders.id], 0)}',
    );
  });

  test.each([
    ["there are none", { ...settings, prefix: "acme" }, {}],
    ["nothing goes to a cloud", settings, { rehearsal: true }],
  ])("stop nothing where %s", (_, given, context) => {
    const { closed, json } = guarded(given, context);
    expect(closed).toBe(false);
    expect(json).not.toHaveProperty("resource");
    expect(json.provider.azurerm[0].tenant_id).toBe("tenant");
  });
});

test("a time of deployment stays as long as what is deployed", () => {
  const triggers = (contents: string) =>
    synth((scope) => {
      new TimeProvider(scope, "time");
      deploymentTime(scope, "generation", contents);
    }).at("generation").arguments.triggers;
  expect(triggers("one")).toEqual({ contents: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(triggers("one")).toEqual(triggers("one"));
  expect(triggers("two")).not.toEqual(triggers("one"));
});

test("grants are waited for, and waited for anew when there is another; where there are none nothing waits", () => {
  const waits = (...ids: string[]) =>
    synth((scope) => {
      new TimeProvider(scope, "time");
      const grants = ids.map((id) => ({ id, node: new TerraformStack(testApp(), id).node }));
      expect(waitForGrants(scope, grants as never)).toHaveLength(Math.min(1, ids.length));
    }).resources("time_sleep");
  expect(waits()).toEqual([]);
  expect(waits("one", "two").map(({ arguments: wait }) => wait)).toEqual([
    { create_duration: "60s", triggers: { one: "one", two: "two" } },
  ]);
});

test("the provider of made-up values is there once, whoever else asks for it", () => {
  const asked = (build: (scope: TerraformStack) => void) => {
    const stack = new TerraformStack(testApp(), "test");
    build(stack);
    provideRandom(stack);
    return new FinishedStack(stack).json.provider.random;
  };
  expect(asked(() => {})).toHaveLength(1);
  expect(asked((stack) => new RandomProvider(stack, "own"))).toHaveLength(1);
});

test("workflows plan as one and deploy as another, by the environments of their repository; nobody does in development", () => {
  const subject = (name: string) => `repo:acme/fleet:environment:${name}`;
  expect(workflowIdentities(environment, "acme/fleet")).toEqual([
    { name: "test-plan", environment: "test", may: "plan", subject: subject("test-plan") },
    { name: "test", environment: "test", may: "deploy", subject: subject("test") },
  ]);
  expect(workflowIdentities({ ...environment, stage: "development" }, "acme/fleet")).toEqual([]);
});
