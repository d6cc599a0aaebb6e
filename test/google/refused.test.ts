import { CloudRunV2Service } from "@cdktf/provider-google/lib/cloud-run-v2-service";
import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { CloudRunAgent } from "../../src/google/cloud-run/cloud-run-agent";
import { findServiceProblems } from "../../src/google/cloud-run/find-service-problems";
import { brokenRules, helper, onGoogle, workloadOf } from "../support/fleet-on-google";
import { environmentStack, FinishedStack } from "../support/synth";

/** A fleet that passes, and its twin that differs in one place and breaks one rule. */
interface Pair {
  readonly what: string;
  readonly rule: string;
  readonly passing: {
    readonly agent?: Partial<AgentDefinition>;
    readonly environment?: Partial<Environment>;
  };
  readonly refused: {
    readonly agent?: Partial<AgentDefinition>;
    readonly environment?: Partial<Environment>;
  };
}

const project = { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" };
const gateway = {
  gateway: {},
  identityProvider: {
    kind: "existing",
    issuer: "https://login.acme.test",
    jwksUrl: "https://login.acme.test/keys",
  },
  azure: {
    subscriptionId: "0b1c2d3e-0000-4000-8000-000000000001",
    location: "westeurope",
    deployerObjectIds: ["0b1c2d3e-0000-4000-8000-000000000002"],
  },
  // Azure's side has parts of its own, and agents on Cloud Run theirs.
  vault: { kind: "key-vault" },
  taskStore: { kind: "existing", host: "redis.acme.test", port: 6380, urlSecret: "redis-url" },
  registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
  google: { ...project, images: { kind: "google" } },
} as const;
const named = (length: number) => "a".repeat(length);
const tagged = (tag: string) => ({
  agents: {
    helper: {
      traffic: [
        { revision: "latest", percent: 100 },
        { revision: "v1-1-0-0a1b2c3d", percent: 0, tag },
      ],
    },
  },
});

const pairs: Pair[] = [
  {
    what: "less than one CPU with concurrency above one",
    rule: "platform-limit:concurrency",
    passing: { agent: { cpu: 0.5, memoryMiB: 512, scaling: { kind: "http", concurrentRequests: 1 } } },
    refused: { agent: { cpu: 0.5, memoryMiB: 512, scaling: { kind: "http", concurrentRequests: 2 } } },
  },
  {
    what: "concurrency above 1000",
    rule: "platform-limit:concurrency",
    passing: { agent: { scaling: { kind: "http", concurrentRequests: 1000 } } },
    refused: { agent: { scaling: { kind: "http", concurrentRequests: 1001 } } },
  },
  {
    what: "a CPU count that Cloud Run doesn't have",
    rule: "platform-limit:CPU and memory",
    passing: { agent: { cpu: 2 } },
    refused: { agent: { cpu: 3 } },
  },
  {
    what: "memory that doesn't go with the CPU",
    rule: "platform-limit:CPU and memory",
    passing: { agent: { cpu: 1, memoryMiB: 4096 } },
    refused: { agent: { cpu: 1, memoryMiB: 4608 } },
  },
  {
    what: "a timeout over the limit",
    rule: "environment",
    passing: { environment: { cloudRun: { timeoutSeconds: 3600 } } },
    refused: { environment: { cloudRun: { timeoutSeconds: 3601 } } },
  },
  {
    what: "a name too long for its revisions",
    rule: "platform-limit:name",
    passing: { agent: { name: named(32), version: "1.2.0" }, environment: { name: named(12) } },
    refused: { agent: { name: named(32), version: "1.2.0-rc.1" }, environment: { name: named(12) } },
  },
  {
    what: "a name too long for its URL with a traffic tag",
    rule: "platform-limit:traffic tag",
    passing: { environment: tagged(named(34)) },
    refused: { environment: tagged(named(35)) },
  },
  {
    what: "a URL too long with a traffic tag and a long project number",
    rule: "platform-limit:traffic tag",
    passing: {
      environment: { ...tagged(named(32)), google: { ...project, projectNumber: "123456789012345" } },
    },
    refused: {
      environment: { ...tagged(named(33)), google: { ...project, projectNumber: "123456789012345" } },
    },
  },
  {
    what: "a traffic tag that is no part of a host name",
    rule: "platform-limit:traffic tag",
    passing: { environment: tagged("candidate") },
    refused: { environment: tagged("Candidate") },
  },
  {
    what: "a start that takes longer than Cloud Run waits",
    rule: "platform-limit:startup probe",
    passing: { agent: { startupSeconds: 240 } },
    refused: { agent: { startupSeconds: 250 } },
  },
  {
    what: "scaling on events",
    rule: "platform-limit:scaling",
    passing: { agent: { scaling: { kind: "resources", cpuPercent: 60 } } },
    refused: { agent: { scaling: { kind: "event", scaler: "cron", metadata: {} } } },
  },
  {
    what: "domain mapping in a region without it",
    rule: "domain-mapping-region",
    passing: { environment: { cloudRun: { front: { kind: "domain-mapping" } } } },
    refused: {
      environment: {
        cloudRun: { front: { kind: "domain-mapping" } },
        google: { ...project, region: "europe-west3" },
      },
    },
  },
  {
    what: "images outside Google",
    rule: "images-on-google",
    passing: {
      environment: {
        registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
        google: { ...project, images: { kind: "google" } },
      },
    },
    refused: { environment: { registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" } } },
  },
  {
    what: "secrets as plain variables",
    rule: "secrets-are-references",
    passing: { agent: { secrets: { GOOGLE_API_KEY: "google-api-key" } } },
    refused: { agent: { variables: { GOOGLE_API_KEY: "not-a-reference" } } },
  },
  {
    what: "public invokers together with IAM's check of named ones",
    rule: "environment",
    passing: {
      environment: { cloudRun: { invokers: { kind: "callers", members: ["group:ops@acme.test"] } } },
    },
    refused: {
      environment: {
        cloudRun: {
          invokers: { kind: "everyone", members: ["allUsers"] } as unknown as { kind: "everyone" },
        },
      },
    },
  },
  {
    what: "a reach that needs a load balancer, without one",
    rule: "platform-limit:reach",
    passing: {
      environment: { agents: { helper: { reach: "vnet" } }, cloudRun: { front: { kind: "load-balancer" } } },
    },
    refused: { environment: { agents: { helper: { reach: "vnet" } } } },
  },
  {
    what: "a load balancer that admits everybody beside the gateway of somebody else, whose address nobody knows",
    rule: "cloud-run-behind-the-gateway",
    passing: { environment: { ...gateway, cloudRun: { front: { kind: "load-balancer" } } } },
    refused: {
      environment: {
        ...gateway,
        gateway: { existing: { name: "apim-company", resourceGroup: "rg-company" } },
        cloudRun: { front: { kind: "load-balancer" } },
      },
    },
  },
  {
    what: "IAM's check behind a gateway that has no Google identity",
    rule: "cloud-run-behind-the-gateway",
    passing: {
      environment: {
        ...gateway,
        cloudRun: { front: { kind: "load-balancer", admits: ["198.51.100.7/32"] } },
      },
    },
    refused: {
      environment: {
        ...gateway,
        cloudRun: {
          front: { kind: "load-balancer", admits: ["198.51.100.7/32"] },
          invokers: { kind: "callers" },
        },
      },
    },
  },
  {
    what: "a customer-facing agent that no customer may invoke",
    rule: "invokers-can-call",
    passing: {
      agent: { audience: "customer-facing" },
      environment: { cloudRun: { invokers: { kind: "callers", members: ["domain:acme.test"] } } },
    },
    refused: {
      agent: { audience: "customer-facing" },
      environment: { cloudRun: { invokers: { kind: "callers" } } },
    },
  },
  {
    what: "Azure's store",
    rule: "cloud-run-reaches-its-store",
    passing: {
      environment: {
        ...gateway,
        gateway: undefined,
        identityProvider: undefined,
        taskStore: { kind: "managed-redis" },
        cloudRun: { taskStore: { kind: "memorystore" } },
      },
    },
    refused: {
      environment: {
        ...gateway,
        gateway: undefined,
        identityProvider: undefined,
        taskStore: { kind: "managed-redis" },
        cloudRun: {},
      },
    },
  },
];

describe.each(pairs)("$what", ({ rule, passing, refused }) => {
  const broken = ({ agent, environment }: Pair["passing"]) =>
    brokenRules([{ ...helper, ...agent }], { ...onGoogle, ...environment });

  test("passes without", () => {
    expect(broken(passing)).toEqual([]);
  });

  test(`is refused by ${rule}`, () => {
    expect(broken(refused)).toEqual([rule]);
  });
});

describe("an agent in another cloud", () => {
  const azure: Environment = {
    ...onGoogle,
    azure: gateway.azure,
    platform: "container-apps",
    registry: { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" },
    google: undefined,
    cloudRun: undefined,
    vault: { kind: "key-vault" },
    taskStore: { kind: "managed-redis" },
  };

  test.each([
    ["Google's store", "parts-fit-platform", { taskStore: { kind: "memorystore" } }],
    ["Google's vault", "parts-fit-platform", { vault: { kind: "secret-manager" } }],
  ] as const)("is refused %s", (_what, rule, change) => {
    expect(brokenRules([helper], azure)).toEqual([]);
    expect(brokenRules([helper], { ...azure, ...change })).toEqual([rule]);
  });

  test("cannot call one that is closed to the outside, and the message says how it could", () => {
    const caller: AgentDefinition = { ...helper, name: "caller", calls: ["helper"] };
    const mixed: Environment = {
      ...azure,
      google: { ...project, images: { kind: "google" } },
      cloudRun: { taskStore: { kind: "memorystore" } },
      agents: { helper: { platform: "cloud-run", reach: "internet" } },
    };
    expect(brokenRules([helper, caller], mixed)).toEqual([]);
    const closed: Environment = { ...mixed, agents: { helper: { platform: "cloud-run" } } };
    expect(resolveFleet([helper, caller], closed).problems.map(({ message }) => message)).toEqual([
      "agent 'helper': from another platform caller can't call it, as its reach is 'environment'; give the environment a " +
        "gateway, set agents.helper.reach to 'internet', or run them together",
    ]);
    const checked: Environment = { ...mixed, cloudRun: { ...mixed.cloudRun, invokers: { kind: "callers" } } };
    expect(brokenRules([helper, caller], checked)).toEqual(["invokers-can-call"]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: finished JSON, changed in one place
type Change = (json: any) => void;

function finished(change: Change = () => {}) {
  const json = {
    resource: {
      google_cloud_run_v2_service: {
        helper: {
          name: "trial-helper",
          invoker_iam_disabled: true,
          template: {
            timeout: "300s",
            max_instance_request_concurrency: 80,
            containers: [
              {
                name: "agent",
                depends_on: ["collector"],
                resources: { limits: { cpu: "800m" } },
                startup_probe: { period_seconds: 5, timeout_seconds: 5 },
                liveness_probe: { period_seconds: 30, timeout_seconds: 5 },
                env: [
                  {
                    name: "KEY",
                    value_source: { secret_key_ref: { secret: "trial-key", version: "latest" } },
                  },
                ],
              },
              { name: "collector", resources: { limits: { cpu: "200m" } } },
            ],
          },
          traffic: [{ percent: 100, type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" }],
        },
        closed: { name: "trial-closed", invoker_iam_disabled: false, template: { containers: [] } },
      },
      google_cloud_run_v2_service_iam_member: {
        callers: {
          name: "${google_cloud_run_v2_service.closed.name}",
          role: "roles/run.invoker",
          member: "serviceAccount:caller@acme-agents.iam.gserviceaccount.com",
        },
      },
      google_compute_region_network_endpoint_group: { helper: { network_endpoint_type: "SERVERLESS" } },
      google_compute_backend_service: {
        helper: { backend: [{ group: "${google_compute_region_network_endpoint_group.helper.id}" }] },
      },
    },
  };
  change(json);
  return json;
}

describe("a finished stack, however it came about", () => {
  test("passes", () => {
    expect(findServiceProblems(finished())).toEqual([]);
  });

  const service = (json: ReturnType<typeof finished>) => json.resource.google_cloud_run_v2_service.helper;
  const agent = (json: ReturnType<typeof finished>) => service(json).template.containers[0];
  const backend = (json: ReturnType<typeof finished>) => json.resource.google_compute_backend_service.helper;

  test.each<[string, RegExp, Change]>([
    [
      "a startup probe whose timeout is above its period",
      /startup_probe's timeout of 6 s is above its period of 5 s/,
      (json) => Object.assign(agent(json)?.startup_probe ?? {}, { timeout_seconds: 6 }),
    ],
    [
      "a liveness probe whose timeout is above the provider's default period",
      /liveness_probe's timeout of 11 s is above its period of 10 s/,
      (json) => Object.assign(agent(json) ?? {}, { liveness_probe: { timeout_seconds: 11 } }),
    ],
    [
      "less than one CPU with concurrency above one",
      /0\.9 cores serve one request at a time/,
      (json) => Object.assign(agent(json)?.resources.limits ?? {}, { cpu: "700m" }),
    ],
    [
      "a timeout over the limit",
      /3601 s is above/,
      (json) => Object.assign(service(json).template, { timeout: "3601s" }),
    ],
    [
      "a name over the limit",
      /has 50 characters/,
      (json) => Object.assign(service(json), { name: named(50) }),
    ],
    [
      "a name too long with its traffic tag",
      /have 47 characters together/,
      (json) => Object.assign(service(json), { traffic: [{ percent: 100, tag: named(35) }] }),
    ],
    [
      "a container that waits for one that isn't there",
      /waits for 'proxy', which is not one of agent, collector/,
      (json) => Object.assign(agent(json) ?? {}, { depends_on: ["proxy"] }),
    ],
    [
      "a secret without a version",
      /KEY reads secret 'trial-key' without a version/,
      (json) =>
        Object.assign(agent(json)?.env?.[0]?.value_source.secret_key_ref ?? {}, { version: undefined }),
    ],
    [
      "invokers together with the check turned off",
      /lets allUsers through, and invoker_iam_disabled lets everybody/,
      (json) =>
        Object.assign(json.resource.google_cloud_run_v2_service_iam_member.callers, {
          name: "${google_cloud_run_v2_service.helper.name}",
          member: "allUsers",
        }),
    ],
    [
      "health checks on a serverless backend",
      /remove health_checks/,
      (json) => Object.assign(backend(json), { health_checks: ["check"] }),
    ],
    [
      "a timeout on a serverless backend",
      /remove timeout_sec/,
      (json) => Object.assign(backend(json), { timeout_sec: 300 }),
    ],
  ])("is refused %s", (_what, message, change) => {
    expect(findServiceProblems(finished(change))).toEqual([expect.stringMatching(message)]);
  });

  test("is checked on every synthesis: an override is refused like a property", () => {
    const build = () => environmentStack(onGoogle, [helper]);
    expect(() => new FinishedStack(build())).not.toThrow();
    const stack = build();
    const service = stack.node.findAll().find((each) => each instanceof CloudRunV2Service);
    (service as CloudRunV2Service).addOverride("template.timeout", "7200s");
    expect(() => new FinishedStack(stack)).toThrow(/its timeout of 7200 s is above Cloud Run's 3600 s/);
  });
});

test("a construct refuses invokers of an agent that lets everyone through", () => {
  const workload = workloadOf("helper", [helper], onGoogle);
  const stack = environmentStack(onGoogle, []);
  const project = { id: "acme-agents", number: "1", region: "europe-west4", labels: {}, readyAfter: [] };
  const invokers = { all: "allUsers" };
  expect(() => new CloudRunAgent(stack, "open", { workload, project, invokers })).toThrow(
    /whose check is off because everyone is; set 'everyone' to false, or remove 'invokers'/,
  );
  expect(
    () => new CloudRunAgent(stack, "checked", { workload, project, everyone: false, invokers }),
  ).not.toThrow();
});
