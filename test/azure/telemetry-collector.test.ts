import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { Observability } from "../../src/azure/observability";
import { azureStack, imagesStack, referenced, variablesOf } from "../support/azure-parts";
import { usePlanning } from "../support/plan-stack";
import { billing, definitions, desk, environment } from "../support/sample-fleet";
import { environmentStack, FinishedStack, synthEnvironment } from "../support/synth";

const stack = synthEnvironment(environment, definitions);
const collector = stack.at("shared/telemetry/resource");
const [container] = collector.arguments.template.container;
const configuration = parse(variablesOf(collector).COLLECTOR_CONFIG?.replaceAll("$${", "${") ?? "") as Record<
  string,
  Record<string, never>
> & {
  service: { extensions: string[]; pipelines: Record<string, Record<string, string[]>> };
};

describe("the collector", () => {
  test("takes its configuration from the variable that holds it", () => {
    expect(container.args).toEqual(["--config=env:COLLECTOR_CONFIG"]);
    expect(Object.keys(variablesOf(collector))).toContain("COLLECTOR_CONFIG");
  });

  test("is a release and not whatever is newest", () => {
    expect(container.image).toMatch(/:\d+\.\d+\.\d+$/);
  });

  test("has every part that a pipeline names", () => {
    const { service } = configuration;
    expect(Object.keys(service.pipelines).toSorted()).toEqual(["logs", "metrics", "traces"]);
    for (const pipeline of Object.values(service.pipelines)) {
      for (const [kind, names] of Object.entries(pipeline)) {
        expect(Object.keys(configuration[kind] ?? {})).toEqual(expect.arrayContaining(names));
      }
      // The limiter only protects what comes after it.
      expect(pipeline.processors?.[0]).toBe("memory_limiter");
    }
    expect(Object.keys(configuration.extensions ?? {})).toEqual(service.extensions);
  });

  test("listens where its ingress leads, and is asked for its health where it answers", () => {
    const { receivers, extensions } = configuration as never as {
      receivers: { otlp: { protocols: { http: { endpoint: string } } } };
      extensions: { health_check: { endpoint: string } };
    };
    const port = (endpoint: string) => {
      expect(endpoint).toMatch(/^0\.0\.0\.0:/);
      return Number(endpoint.split(":")[1]);
    };
    expect(port(receivers.otlp.protocols.http.endpoint)).toBe(collector.arguments.ingress.target_port);
    const health = port(extensions.health_check.endpoint);
    expect(container.liveness_probe[0]).toMatchObject({ port: health, path: "/" });
    expect(container.readiness_probe[0]).toMatchObject({ port: health, path: "/" });
  });

  test("is reached within its environment only, and never sleeps", () => {
    expect(collector.arguments.ingress.external_enabled).toBe(false);
    expect(collector.arguments.template.min_replicas).toBe(1);
  });

  test("knows Application Insights by a secret, which no configuration shows", () => {
    expect(variablesOf(collector).APPLICATIONINSIGHTS_CONNECTION_STRING).toBe(
      "secret application-insights-connection-string",
    );
    expect(configuration.exporters).toEqual({
      azuremonitor: { connection_string: "${env:APPLICATIONINSIGHTS_CONNECTION_STRING}" },
    });
  });
});

describe("of a share of traces", () => {
  const shareOf = (sampleRatio: number, change: Partial<AgentDefinition> = {}) => {
    const sampled = synthEnvironment({ ...environment, telemetry: { sampleRatio } }, [
      desk,
      { ...billing, ...change },
    ]);
    const { processors, service } = parse(
      variablesOf(sampled.at("shared/telemetry/resource")).COLLECTOR_CONFIG?.replaceAll("$${", "${") ?? "",
    );
    return { sampled, processors, pipelines: service.pipelines };
  };

  test("errors and slow tasks are kept, and agents send everything to be judged", () => {
    const { sampled, processors, pipelines } = shareOf(0.1);
    expect(pipelines.traces.processors).toEqual(["memory_limiter", "tail_sampling", "batch"]);
    expect(pipelines.metrics.processors).toEqual(["memory_limiter", "batch"]);
    expect(processors.tail_sampling.policies).toEqual([
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      { name: "slow", type: "latency", latency: { threshold_ms: 144_000 } },
      { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: 10 } },
    ]);
    expect(variablesOf(sampled.at("billing/resource")).OTEL_TRACES_SAMPLER_ARG).toBe("1");
  });

  test("what is slow follows the quickest agent, and the wait the longest task", () => {
    const { tail_sampling } = shareOf(0.1, {
      taskDeadlineSeconds: 100,
      objectives: { latencySeconds: 20 },
    }).processors;
    expect(tail_sampling.policies[1].latency.threshold_ms).toBe(20_000);
    // The desk's tasks may take 180 s.
    expect(tail_sampling.decision_wait).toBe("190s");
  });

  test("all of them is no question, and keeps nobody waiting", () => {
    const { processors, pipelines } = shareOf(1);
    expect(pipelines.traces.processors).toEqual(["memory_limiter", "batch"]);
    expect(processors.tail_sampling).toBeUndefined();
  });
});

describe("agents", () => {
  test("send to a collector that exists where an environment has one, and none is made", () => {
    const other = synthEnvironment(
      { ...environment, telemetry: { existingEndpoint: "https://otlp.acme.example", sampleRatio: 0.25 } },
      definitions,
    );
    expect(variablesOf(other.at("billing/resource"))).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.acme.example",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    });
    expect(other.resources().filter(({ path }) => path.startsWith("shared/telemetry"))).toEqual([]);
  });
});

describe("deployed", () => {
  const { deployStack } = usePlanning();

  test("agents are given the address that the collector answers at", async () => {
    const cloud = await deployStack(imagesStack());
    const { ledger } = await deployStack(environmentStack(environment, definitions), { cloud });
    const apps = Object.values(ledger.entries).filter(({ type }) => type === "azurerm_container_app");
    const answering = apps.find(({ attributes }) => attributes.name === "otel-collector");
    const ingress = answering?.attributes.ingress as unknown as { fqdn: string }[] | undefined;
    const agents = apps.filter((app) => app !== answering);
    expect(agents.length).toBe(2);
    for (const { attributes } of agents) {
      const [{ container: containers }] = attributes.template as unknown as [
        { container: [{ env: { name: string; value: string }[] }] },
      ];
      const endpoint = containers[0].env.find(({ name }) => name === "OTEL_EXPORTER_OTLP_ENDPOINT")?.value;
      expect(endpoint).toBe(`https://${ingress?.[0]?.fqdn}`);
    }
  });
});

describe("logs", () => {
  const observability = (props: object) =>
    new FinishedStack(
      azureStack((scope, resourceGroup) => {
        new Observability(scope, "logs", {
          resourceGroup,
          workspaceName: "log-parts",
          applicationInsightsName: "appi-parts",
          ...props,
        });
      }),
    );

  test.each([true, false])("are kept, with deletion protection %s", (deletionProtection) => {
    const parts = observability({ retentionDays: 90, deletionProtection });
    const lifecycle = { prevent_destroy: deletionProtection };
    expect(parts.at("logs/workspace").arguments).toMatchObject({ retention_in_days: 90, lifecycle });
    expect(parts.at("logs/application-insights").arguments).toMatchObject({ lifecycle });
  });

  test("go to the workspace that exists", () => {
    const parts = observability({ existingWorkspace: { name: "log-corporate", resourceGroup: "rg-logs" } });
    expect(parts.resources("azurerm_log_analytics_workspace")).toEqual([]);
    expect(referenced(parts.at("logs/application-insights").arguments.workspace_id)).toMatch(
      /^data\.azurerm_log_analytics_workspace\./,
    );
  });
});
