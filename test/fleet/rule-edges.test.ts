import { describe, expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { AgentWorkload } from "../../src/agent/agent-workload";
import { findEnvironmentShapeProblems } from "../../src/choices/environment-schema";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { deadlineWithinHops } from "../../src/fleet/rules/deadline-within-hops";
import { pinnedImages } from "../../src/fleet/rules/pinned-images";
import { helper, onGoogle } from "../support/fleet-on-google";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { billing, desk, environment } from "../support/sample-fleet";

/** Rules that refuse the sample fleet with a change. Both sides of every edge: what is just refused, what just passes. */
function refused(
  change: { readonly environment?: Partial<Environment>; readonly billing?: Partial<AgentDefinition> } = {},
): string[] {
  const definitions = [desk, { ...billing, ...change.billing }];
  return resolveFleet(definitions, { ...environment, ...change.environment }).problems.map(
    ({ rule }) => rule,
  );
}

test("the sample fleet passes, so that what is refused below is the change", () => {
  expect(refused()).toEqual([]);
});

describe("secrets-are-not-the-fleets", () => {
  const reading = (name: string) => refused({ billing: { secrets: { MINE: name } } });

  test.each([
    "task-store-url",
    "task-store-key",
    "application-insights-connection-string",
    "postgres-password",
    "keycloak-administrator-password",
    "keycloak-administrator-client",
    "keycloak-client-desk",
    "task-store-login-desk",
  ])("lets no agent read %s, and takes what is only named like it", (name) => {
    expect(reading(name)).toEqual(["secrets-are-not-the-fleets"]);
    expect(reading(`my-${name}`)).toEqual([]);
  });
});

describe("secrets-are-references", () => {
  // Put together here, so that nobody's scanner takes them for keys. As long as their vendors make them, and no longer.
  const lead = (...parts: readonly string[]) =>
    `${parts.join("")}${"0123456789abcdef".repeat(3).slice(0, 35)}`;
  const upper = (...parts: readonly string[]) => `${parts.join("")}0123456789ABCDEF`;
  test("names all that look like one, in one problem", () => {
    const two = { ERP_PASSWORD: "hunter2", CRM_PASSWORD: "hunter3" };
    const scaling = { kind: "event", scaler: "azure-servicebus", metadata: two } as const;
    const definitions = [desk, { ...billing, variables: two, scaling }];
    const said = resolveFleet(definitions, environment).problems.map(({ message }) => message);
    expect(said).toEqual([
      expect.stringMatching(/^agent 'billing': ERP_PASSWORD, CRM_PASSWORD in 'variables' looks like/),
      expect.stringMatching(/^agent 'billing': ERP_PASSWORD, CRM_PASSWORD in 'scaling\.metadata' looks like/),
    ]);
  });

  test.each([
    lead("sk", "-"),
    lead("sk_", "live_"),
    lead("rk_", "live_"),
    lead("gh", "p_"),
    lead("gh", "o_"),
    lead("github", "_pat_"),
    lead("gl", "pat-"),
    lead("xox", "a-"),
    lead("xox", "b-"),
    lead("xox", "p-"),
    lead("xox", "r-"),
    lead("xox", "s-"),
    upper("AK", "IA"),
    upper("AS", "IA"),
    lead("AI", "za"),
    lead("eyJ", "hbGciOiJI.e30."),
    lead("h", "f_"),
    lead("ya", "29."),
    ["-----BEGIN", "RSA PRIVATE", "KEY-----"].join(" "),
    `Endpoint=sb://x;${"Account"}Key=abc`,
    `Endpoint=sb://x;${"SharedAccess"}Key=abc`,
    "https://user:word@example.com/",
  ])("takes %s for a secret, as a variable and as a scaler's parameter", (value) => {
    expect(refused({ billing: { variables: { PLAIN: value } } })).toContain("secrets-are-references");
    const scaling = { kind: "event", scaler: "azure-servicebus", metadata: { queueName: value } } as const;
    expect(refused({ billing: { scaling } })).toContain("secrets-are-references");
  });

  test.each([
    "KEY",
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PWD",
    "CREDENTIAL",
    "CREDENTIALS",
    "CONNECTION_STRING",
  ])("takes a variable whose name ends in %s for one", (name) => {
    const value = ["ab", "cd", "12", "34", "ef", "56"].join("");
    expect(refused({ billing: { variables: { [`ERP_${name}`]: value } } })).toContain(
      "secrets-are-references",
    );
    expect(refused({ billing: { variables: { [`${name}_MAKER`]: value } } })).toEqual([]);
  });

  test.each(["https://example.com/task-1", "a task-like text", "https://example.com:8443/@scope"])(
    "lets %s pass",
    (value) => {
      expect(refused({ billing: { variables: { PLAIN: value } } })).toEqual([]);
    },
  );
});

describe("secrets-exist", () => {
  const holding = (...secrets: readonly string[]) =>
    ({ kind: "existing-key-vault", name: "kv-acme", resourceGroup: "rg-acme", secrets }) as const;
  const told = (change: Partial<Environment>) =>
    resolveFleet([desk, billing], { ...environment, ...change })
      .problems.filter(({ rule }) => rule === "secrets-exist")
      .map(({ message }) => message);

  test.each<[string, string, Partial<Environment>]>([
    ["agent 'billing': ERP_TOKEN", "billing-erp-token", {}],
    [
      "environment 'test': registry.passwordSecret",
      "pull-word",
      {
        registry: { kind: "other", server: "ghcr.io/acme", username: "fleet", passwordSecret: "pull-word" },
      },
    ],
    [
      "environment 'test': modelGateway.keySecret",
      "litellm-api-key",
      { modelGateway: { url: "http://litellm.acme.example:4000" } },
    ],
    [
      "environment 'test': modelGateway.keySecret",
      "model-key",
      { modelGateway: { url: "http://litellm.acme.example:4000", keySecret: "model-key" } },
    ],
    [
      "environment 'test': taskStore.urlSecret",
      "redis-url",
      { taskStore: { kind: "existing", host: "redis.acme.example", port: 6380, urlSecret: "redis-url" } },
    ],
  ])(
    "of %s means '%s' in a vault that exists, and is content with one that holds it",
    (who, secret, change) => {
      const all = ["billing-erp-token", secret];
      expect(told({ ...change, vault: holding(...all) })).toEqual([]);
      const others = ["something-else", ...all.filter((each) => each !== secret)];
      expect(told({ ...change, vault: holding(...others) })).toEqual([
        expect.stringContaining(`${who} reads the secret '${secret}', which the vault`),
      ]);
      // A vault of the fleet's own gets whatever it is asked for.
      expect(told(change)).toEqual([]);
    },
  );

  test("asks no vault for the secrets of an agent on a platform that reads none", () => {
    const { problems } = resolveFleet([{ ...helper, secrets: { API_KEY: "helper-key" } }], onGoogle);
    expect(problems).toEqual([]);
  });
});

describe("callers-exist", () => {
  const registering = (identityProvider: object, definitions = [desk, billing]) =>
    resolveFleet(definitions, {
      ...environment,
      azure: { ...environment.azure, network: { kind: "created" } } as Environment["azure"],
      gateway: {},
      identityProvider: { kind: "entra", ...identityProvider } as Environment["identityProvider"],
    })
      .problems.filter(({ rule }) => rule === "callers-exist")
      .map(({ message }) => message);
  const [skill] = billing.skills;
  const payable = {
    ...billing,
    skills: [{ ...(skill as (typeof billing.skills)[number]), requiredRole: "pay" }],
  };
  const apart = { ...payable, name: "ledger" };

  test("takes applications that call agents of the fleet, and one that calls none", () => {
    expect(registering({ applications: { crm: ["billing", "desk-globex"], erp: [] } })).toEqual([]);
  });

  test("tells each agent that nobody runs, of each application", () => {
    const told = registering({ applications: { crm: ["billing", "bill"], erp: ["desk"] } });
    expect(told).toEqual([
      expect.stringContaining("'crm' calls 'bill', which is not in this environment"),
      expect.stringContaining("'erp' calls 'desk', which is not in this environment"),
    ]);
  });

  test.each(["customer-globex", "desk-globex", "billing"])("lets no application be called %s", (name) => {
    expect(registering({ applications: { [name]: ["billing"] } })).toEqual([
      expect.stringContaining(`two callers are called '${name}'`),
    ]);
    expect(registering({ applications: { [`${name}-2`]: ["billing"] } })).toEqual([]);
  });

  test("grants roles of skills that the caller can reach, and of no others", () => {
    const granted = (name: string, ...roles: readonly string[]) => ({
      applications: { crm: ["billing"] },
      skillRoles: { [name]: roles },
    });
    for (const caller of ["crm", "desk-globex"]) {
      expect(registering(granted(caller, "pay"), [desk, payable])).toEqual([]);
      expect(registering(granted(caller, "pay", "play"), [desk, payable])).toEqual([
        expect.stringContaining(`'${caller}' calls asks for the role 'play'`),
      ]);
      // Another agent has the skill, which this caller doesn't call.
      expect(registering(granted(caller, "pay"), [desk, billing, apart])).toHaveLength(1);
    }
    expect(registering(granted("billing", "pay"), [desk, payable])).toEqual([
      expect.stringContaining("'billing' calls nobody"),
    ]);
  });
});

describe("pinned-images", () => {
  const hex = "a1".repeat(32);
  const inProduction = (image: string) =>
    refused({
      environment: { stage: "production", agents: { billing: { image }, desk: { image: `sha256:${hex}` } } },
    });
  test.each([`sha256:${hex}0`, `sha256:${hex.slice(1)}`, `sha256:${hex.toUpperCase()}`, "1.0.0", "latest"])(
    "refuses %s in production",
    (image) => {
      expect(inProduction(image)).toContain("pinned-images");
    },
  );
  test("takes a digest of 64 digits", () => {
    expect(inProduction(`sha256:${hex}`)).not.toContain("pinned-images");
  });
  test("looks at the images of parts, too", () => {
    const parts = (tag: string): Environment => ({
      ...environment,
      telemetry: { collectorImage: `collector${tag}` },
      identityProvider: { kind: "keycloak", optimizedImage: `keycloak${tag}` },
      kubernetes: {
        backups: {
          storage: { kind: "s3", bucket: "b", region: "r" },
          credentialsSecret: "s",
          transferImage: `rclone${tag}`,
        },
      },
    });
    expect(pinnedImages.find([], parts(":1.2.3"))).toEqual([]);
    const without = "is unpinned: without a tag it is 'latest', a different image tomorrow";
    expect(pinnedImages.find([], parts(""))).toEqual([
      `environment 'test': 'collector' ${without}; set telemetry.collectorImage to a version or digest`,
      `environment 'test': 'keycloak' ${without}; set identityProvider.optimizedImage to a version or digest`,
      `environment 'test': 'rclone' ${without}; set kubernetes.backups.transferImage to a version or digest`,
    ]);
  });
});

describe("private addresses", () => {
  const vault = (range: string) =>
    refused({
      environment: {
        azure: { ...environment.azure, network: { kind: "created" } } as Environment["azure"],
        vault: { kind: "key-vault", allowedRanges: [range] },
      },
    });
  test.each([
    "10.0.0.0/24",
    "192.168.4.0/24",
    "172.16.0.0/24",
    "172.20.0.0/24",
    "172.31.0.0/24",
    "100.64.0.0/24",
    "100.127.0.0/24",
  ])("such as %s are none that a vault ever sees", (range) => {
    expect(vault(range)).toContain("vault-ranges-are-public");
  });
  test.each([
    "11.0.0.0/24",
    "192.169.0.0/24",
    "172.15.0.0/24",
    "172.32.0.0/24",
    "100.63.0.0/24",
    "100.128.0.0/24",
    "203.0.113.0/24",
  ])("are not what %s is", (range) => {
    expect(vault(range)).toEqual([]);
  });

  const network = (cidr: string) =>
    refused({
      environment: {
        azure: { ...environment.azure, network: { kind: "created", cidr } } as Environment["azure"],
      },
    });
  test.each([
    "172.15.0.0/16",
    "172.32.0.0/16",
    "11.0.0.0/16",
    "192.169.0.0/16",
    "172.30.0.0/16",
    "172.31.0.0/16",
  ])("are what a network is made of, and %s is not", (cidr) => {
    expect(network(cidr)).toEqual(["network-fits"]);
  });
  test.each(["10.40.0.0/16", "172.16.0.0/16", "172.29.0.0/16", "192.168.0.0/16"])(
    "a network of %s passes",
    (cidr) => {
      expect(network(cidr)).toEqual([]);
    },
  );
});

describe("cors-origins-are-origins", () => {
  const origin = (one: string, stage: Environment["stage"]) => {
    const image = `sha256:${"a1".repeat(32)}`;
    return refused({
      environment: { stage, corsOrigins: [one], agents: { billing: { image }, desk: { image } } },
    });
  };
  test("in production takes neither everybody nor a page that can be forged", () => {
    expect(origin("*", "production")).toContain("cors-origins-are-origins");
    expect(origin("http://app.acme.example", "production")).toContain("cors-origins-are-origins");
    expect(origin("https://app.acme.example", "production")).not.toContain("cors-origins-are-origins");
  });
  test("elsewhere takes both", () => {
    expect(origin("*", "staging")).toEqual([]);
    expect(origin("http://localhost:3000", "staging")).toEqual([]);
    expect(origin("https://app.acme.example/", "staging")).toEqual(["cors-origins-are-origins"]);
  });
});

describe("deadline-within-hops", () => {
  const quiet = { taskDeadlineSeconds: 200, terminationGraceSeconds: 260, gracefulTimeoutSeconds: 245 };
  const [workload] = resolveFleet([{ ...billing, ...quiet }], environment).workloads;
  const hop = (limitSeconds: number) => ({
    name: "proxy",
    limitSeconds,
    timeoutSeconds: null,
    buffers: false,
    source: "it",
  });
  const problems = (hops: readonly number[], peerHops: readonly number[]) => {
    const route = { ...(workload as AgentWorkload).route, hops: hops.map(hop), peerHops: peerHops.map(hop) };
    return deadlineWithinHops.find([{ ...(workload as AgentWorkload), route }], environment);
  };
  test.each([
    [[199], []],
    [[], [199]],
    [[300], [199]],
    [[199, 300], [300]],
  ])("counts what is before people (%o) and what is before peers (%o)", (hops, peerHops) => {
    expect(problems(hops, peerHops)).toHaveLength(1);
  });
  test("takes a limit of the deadline itself", () => {
    expect(problems([200], [200])).toEqual([]);
  });
});

test("a registry that no app can pull from is refused for that alone, beside another part that none can use", () => {
  const googles = { registry: { kind: "google" }, vault: { kind: "secret-manager" } } as const;
  const rules = refused({ environment: googles });
  expect(rules).toContain("parts-fit-platform");
  expect(rules).not.toContain("missing-cloud");
});

test("a publisher's name is as long as API Management takes, and no longer", () => {
  const problems = (length: number) =>
    findEnvironmentShapeProblems({ ...environment, gateway: { publisherName: "a".repeat(length) } });
  expect(problems(100)).toEqual([]);
  expect(problems(101)).toHaveLength(1);
});

describe("regions of Azure", () => {
  const messages = (location: string) => {
    const { azure } = environment;
    return findEnvironmentShapeProblems({ ...environment, azure: { ...azure, location } } as Environment).map(
      ({ message }) => message,
    );
  };

  test.each([
    "usgovvirginia",
    "USGov Virginia",
    "US Gov Virginia",
    "usdodeast",
    "chinanorth3",
    "China East 2",
  ])("refuses %s, which is in another cloud", (location) => {
    expect(messages(location)).toEqual([expect.stringContaining("is in a cloud of its own")]);
  });

  test.each(["westeurope", "West US 2", "usgulf", "uaenorth"])("takes %s", (location) => {
    expect(messages(location)).toEqual([]);
  });
});

describe("the last number that passes, and the first that doesn't", () => {
  type Change = Parameters<typeof refused>[0];
  const waits = (taskDeadlineSeconds: number, rest: Partial<AgentDefinition> = {}): Change => ({
    billing: { taskDeadlineSeconds, ...rest },
  });
  const percent = (...shares: number[]): Change => ({
    environment: {
      agents: {
        billing: { traffic: shares.map((share, index) => ({ revision: `r${index}`, percent: share })) },
      },
    },
  });
  test.each<[rule: string, passes: Change, breaks: Change]>([
    ["deadline-within-hops", waits(240), waits(241)],
    [
      "deadline-within-hops",
      waits(300, { resubscribe: true, heartbeatSeconds: 239 }),
      waits(300, { resubscribe: true, heartbeatSeconds: 240 }),
    ],
    [
      "deadline-within-grace",
      waits(200, { terminationGraceSeconds: 210 }),
      waits(200, { terminationGraceSeconds: 209 }),
    ],
    [
      "deadline-within-grace",
      waits(200, { gracefulTimeoutSeconds: 200 }),
      waits(200, { gracefulTimeoutSeconds: 199 }),
    ],
    [
      "deadline-within-request-timeout",
      waits(200, { requestTimeoutSeconds: 210 }),
      waits(200, { requestTimeoutSeconds: 209 }),
    ],
    [
      "deadline-within-request-timeout",
      waits(200, { requestTimeoutSeconds: 30, heartbeatSeconds: 29 }),
      waits(200, { requestTimeoutSeconds: 30, heartbeatSeconds: 30 }),
    ],
    ["replicas-in-order", { billing: { minReplicas: 5 } }, { billing: { minReplicas: 6 } }],
    [
      "shared-store-for-replicas",
      { billing: { taskStore: "memory", maxReplicas: 1 } },
      { billing: { taskStore: "memory", maxReplicas: 2 } },
    ],
    [
      "shared-store-for-replicas",
      { billing: { taskStore: "memory", maxReplicas: 1, workers: 1 } },
      { billing: { taskStore: "memory", maxReplicas: 1, workers: 2 } },
    ],
    ["traffic-adds-up", percent(60, 40), percent(60, 39)],
    ["traffic-adds-up", percent(60, 40), percent(60, 41)],
    ["retention", { environment: { retentionDays: 30 } }, { environment: { retentionDays: 29 } }],
    ["retention", { environment: { retentionDays: 730 } }, { environment: { retentionDays: 731 } }],
    [
      "orphans-are-found",
      { billing: { pushNotifications: true, minReplicas: 1 } },
      { billing: { pushNotifications: true, minReplicas: 0 } },
    ],
  ])("%s", (rule, passes, breaks) => {
    expect(refused(passes)).toEqual([]);
    expect(refused(breaks)).toEqual([rule]);
  });
});

describe("logs-tell-durations", () => {
  const warned = (change: Partial<Environment>, of = environment) =>
    resolveFleet([desk, billing], { ...of, ...change }).warnings.filter(
      ({ rule }) => rule === "logs-tell-durations",
    ).length;
  const existingEndpoint = "https://otel.acme.example";

  test.each(["warning", "error"] as const)("warns of level %s where alerts read logs", (logLevel) => {
    expect(warned({ logLevel })).toBe(1);
    expect(warned({ logLevel, telemetry: { existingEndpoint } })).toBe(0);
    expect(warned({ logLevel, stage: "development", alerts: undefined })).toBe(0);
    expect(warned({ logLevel }, aksEnvironment)).toBe(0);
  });

  test.each(["info", "debug", undefined] as const)("is content with level %s", (logLevel) => {
    expect(warned({ logLevel })).toBe(0);
  });
});
