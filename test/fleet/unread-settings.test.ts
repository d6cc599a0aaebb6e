import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { findUnreadSettings } from "../../src/fleet/find-unread-settings";
import { onGoogle } from "../support/fleet-on-google";
import { aksEnvironment } from "../support/kubernetes-fleet";
import { environment as apps } from "../support/sample-fleet";

/** Parts of environments, laid over a whole one: what is judged is which of them somebody reads. */
type Part = Readonly<Record<string, unknown>>;
const over = (whole: Environment, part: Part) => ({ ...whole, ...part }) as Environment;

const { azure: _, alerts: __, ...cloudless } = apps;
const { alerts: ___, ...google } = onGoogle;
const plain = over(cloudless as Environment, {
  platform: "kubernetes",
  kubernetes: { cluster: { kind: "existing", context: "there" } },
});
const withOperator = {
  cluster: { kind: "existing", context: "there" },
  autoscaling: "keda",
  prometheusOperator: true,
};
const machine = over(cloudless as Environment, { platform: "local" });
const range = { cidr: "10.9.0.0/16" };
const existingNetwork = { ...apps.azure, network: { kind: "existing", ...range } };
const withZone = { kind: "gateway-api", certificates: { dnsZone: { name: "acme.example" } } };
const forwardTo = { endpoint: "https://otlp.acme.example" };
const existingEndpoint = "http://otel.watch:4318";

/** A setting with its part of an environment, where nobody reads it, what is said then, and where somebody does. */
const settings: [setting: string, part: Part, nowhere: Environment, says: string, read: Environment][] = [
  ...inEach(["containerApps"], { containerApps: { internal: false } }, aksEnvironment, [
    "nothing runs on Container Apps",
    "run an agent there",
    apps,
  ]),
  ...inEach(["kubernetes"], { kubernetes: { runAsUser: 2000 } }, apps, [
    "no agent runs on Kubernetes",
    "run one there",
    aksEnvironment,
  ]),
  ...inEach(
    ["mesh.controlPlane", "mesh.trustDomain", "mesh.sidecar"],
    { mesh: { kind: "dapr", controlPlane: { kind: "release" }, trustDomain: "acme", sidecar: { port: 1 } } },
    apps,
    ["no agent runs on Kubernetes", "run one there", aksEnvironment],
  ),
  ...inEach(["mesh"], { mesh: { kind: "dapr" } }, google, [
    "no agent runs on Kubernetes or Container Apps, where Dapr is",
    "run one there",
    apps,
  ]),
  ...inEach(
    ["taskStore.cidr", "modelGateway.cidr", "telemetry.endpointCidr"],
    { taskStore: range, modelGateway: range, telemetry: { endpointCidr: range.cidr } },
    apps,
    [
      "no agent runs on Kubernetes, whose network policies alone know ranges",
      "run one there",
      aksEnvironment,
    ],
  ),
  ...inEach(["azure.network.cidr"], { azure: existingNetwork }, apps, [
    "no agent runs on Kubernetes, whose network policies alone ask for the range of a network that exists",
    "run one there",
    aksEnvironment,
  ]),
  ...inEach(
    ["google", "cloudRun", "alerts.notificationChannels", "budget.billingAccount"],
    {
      google: onGoogle.google,
      cloudRun: { timeoutSeconds: 400 },
      alerts: { notificationChannels: ["a"] },
      budget: { billingAccount: "a" },
    },
    apps,
    ["no agent runs on Cloud Run", "run one there", google],
  ),
  ...inEach(["scaleToZero"], { scaleToZero: true }, aksEnvironment, [
    "none of its platforms leaves an idle agent without a replica",
    "set minReplicas of agents that scale on events",
    apps,
  ]),
  ...inEach(
    [
      "alerts.actionGroup",
      "telemetry.existingWorkspace",
      "retentionDays",
      "kubernetes.edge.certificates.dnsZone",
    ],
    {
      alerts: { actionGroup: { name: "ag" } },
      telemetry: { existingWorkspace: { name: "log" } },
      retentionDays: 30,
      kubernetes: { ...plain.kubernetes, edge: withZone },
    },
    plain,
    [
      "the environment has no Azure side",
      "set 'azure'",
      over(aksEnvironment, { kubernetes: { edge: withZone } }),
    ],
  ),
  ...inEach(["alerts.email", "budget"], { alerts: { email: ["a"] }, budget: { monthly: 1 } }, plain, [
    "nothing of it is in a cloud that the fleet knows",
    "see to that where your cluster's owner does",
    apps,
  ]),
  ...inEach(["budget"], { budget: { monthly: 1 } }, google, [
    "Google makes a budget for a billing account alone",
    "set budget.billingAccount",
    apps,
  ]),
  ...inEach(["telemetry.forwardTo"], { telemetry: { forwardTo } }, apps, [
    "no agent runs in a cluster without a cloud, which alone keeps nothing itself",
    "leave what agents tell to their cloud, or set telemetry.existingEndpoint",
    plain,
  ]),
  ...inEach(["telemetry.collectorImage"], { telemetry: { collectorImage: "a", existingEndpoint } }, apps, [
    "the environment has no collector of its own",
    "leave telemetry.existingEndpoint to a cloud's, or to telemetry.forwardTo where there is none",
    over(plain, { telemetry: { forwardTo, collectorImage: "a" } }),
  ]),
  ...inEach(["telemetry.sampleRatio"], { telemetry: { sampleRatio: 0.5 } }, plain, [
    "its agents send their traces nowhere",
    "set telemetry.existingEndpoint, or telemetry.forwardTo",
    apps,
  ]),
  ...inEach(["alerts.runbookUrl"], { alerts: { runbookUrl: "https://acme.example" } }, plain, [
    "nobody makes alerts there that could link to it",
    "set kubernetes.prometheusOperator to true where the cluster has that",
    over(plain, { kubernetes: withOperator }),
  ]),
  ...inEach(["local"], { local: { port: 1 } }, apps, [
    "nothing runs on one machine",
    "set platform to 'local'",
    machine,
  ]),
  ...inEach(
    [
      "deletionProtection",
      "highAvailability",
      "tags",
      "state.resourceGroup",
      "state.storageAccount",
      "state.container",
      "state.bucket",
      "identityProvider.keyLifetimeDays",
      "identityProvider.optimizedImage",
    ],
    {
      deletionProtection: true,
      highAvailability: true,
      tags: { team: "fleet" },
      state: { resourceGroup: "a", storageAccount: "a", container: "a", bucket: "a" },
      identityProvider: { keyLifetimeDays: 1, optimizedImage: "a" },
    },
    machine,
    [
      "everything runs on one machine, where nothing is made that would have it",
      "deploy the environment to a platform",
      apps,
    ],
  ),
];

function inEach(
  names: readonly string[],
  part: Part,
  nowhere: Environment,
  [lacks, remedy, read]: readonly [lacks: string, remedy: string, read: Environment],
): typeof settings {
  return names.map((setting) => [
    setting,
    part,
    nowhere,
    `test: '${setting}' is set, and ${lacks}: it would change nothing; remove it, or ${remedy}`,
    read,
  ]);
}

describe("a setting that nobody reads", () => {
  const said = (environment: Environment) =>
    findUnreadSettings(environment, "test").map(({ message }) => message);

  test.each(settings)("%s: it is said, and not where somebody does", (setting, part, nowhere, says, read) => {
    expect(said(over(nowhere, part)).filter((message) => message === says)).toEqual([says]);
    expect(said(nowhere)).not.toContain(says);
    expect(said(over(read, { ...part, ...kept(read, part) })).join("\n")).not.toContain(`'${setting}'`);
  });

  test.each<[string, Part]>([
    ["an empty one", { containerApps: {} }],
    ["one without a value", { containerApps: { internal: undefined } }],
    ["one that isn't there", { containerApps: undefined }],
  ])("is nothing to speak of as %s", (_what, part) => {
    expect(said(over(aksEnvironment, part))).toEqual([]);
    expect(said(over(aksEnvironment, { containerApps: { internal: false } }))).toHaveLength(1);
  });

  test("of a store on Cloud Run has no reader at all", () => {
    const cloudRun = { taskStore: { kind: "existing", ...range } };
    expect(said(over(google, { cloudRun }))).toEqual([
      "test: 'cloudRun.taskStore.cidr' is set, and agents on Cloud Run have no network policies, which alone know " +
        "ranges: it would change nothing; remove it, or leave the way to the store to the network",
    ]);
  });
});

/** Where somebody reads a setting, what decides about that stays as it is there. */
function kept(read: Environment, part: Part): Part {
  return Object.fromEntries(
    Object.entries(read).filter(([name]) => ["kubernetes", "telemetry"].includes(name) && name in part),
  );
}
