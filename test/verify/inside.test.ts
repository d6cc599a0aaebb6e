import { execFile, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type AgentDeploymentObject, callerJob } from "../../src/cluster/agent/caller-job";
import { judge } from "../../src/rehearsal/provider/kubernetes/judge";
import type { Verified } from "../../src/verify/check";
import { readInsideResults } from "../../src/verify/inside-results";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { type Manifest, readManifests } from "../support/kubernetes-manifests";
import { findViolations } from "../support/kubernetes-pod-security";
import { canReach, podsOf } from "../support/network-policy-evaluator";
import { type Fault, imageFolder, startPeer } from "./inside-peers";

const ROOT = join(__dirname, "..", "..");
const CALLER = "orchestrator-acme";

/** As the API server reads it. */
const sent = <T>(object: T): T => JSON.parse(JSON.stringify(object)) as T;

describe.each([
  ["without a mesh", { ...aksEnvironment, customers: ["acme"] }],
  ["in a mesh", { ...aksEnvironment, customers: ["acme"], mesh: { kind: "dapr" as const } }],
])("the job in a caller's place, %s", (_mesh, environment) => {
  const manifests = readManifests(synthCluster(environment).json);
  const deployment = manifests.find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === CALLER,
  ) as Manifest;
  const job = sent(
    callerJob(deployment as unknown as AgentDeploymentObject, {
      image: "registry.example/inventory:1.0.0",
      command: ["node", "--eval", "console.log('$(A2A_PORT)')"],
      variables: { VERIFY_INSIDE: "{}" },
      now: new Date("2026-11-22T03:00:00Z"),
    }),
  ) as unknown as Manifest;

  test("is taken by Kubernetes, in a namespace where pods are restricted", () => {
    expect(judge(job as never, { isStrict: true })).toEqual({ verdict: "accepted" });
    expect(findViolations(job)).toEqual([]);
    const careless = sent(job);
    delete careless.spec.template.spec.containers[0].securityContext;
    expect(findViolations(careless)).not.toEqual([]);
  });

  test("is called after whose place it takes and when, in as many letters as a name may have", () => {
    expect(job.metadata.name).toBe(`${CALLER}-verify-1795316400`);
    const long = {
      ...deployment,
      metadata: { ...deployment.metadata, name: `${"a".repeat(40)}-${"b".repeat(22)}` },
    };
    const { metadata } = callerJob(long as never, { command: [], variables: {}, now: new Date(0) });
    expect(metadata.name).toBe(`${"a".repeat(40)}-verify-0`);
  });

  test("reaches whom the caller reaches, and nobody else", () => {
    const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
    const pods = podsOf(manifests);
    const [own, itsOwn] = [podsOf([job])[0], pods.find(({ name }) => name === CALLER)];
    if (own === undefined || itsOwn === undefined) throw new Error("there is no pod");
    const reached = (from: typeof own) =>
      pods
        .filter(({ name }) => name !== CALLER)
        .flatMap((to) =>
          [8000, 9090, 50_002, 6379].map((port) => [to.name, port, canReach(policies, from, to, port)]),
        );
    expect(reached(own)).toEqual(reached(itsOwn));
    expect(new Set(reached(own).map(([, , answer]) => answer))).toEqual(new Set([true, false]));
    // Anybody else in the namespace reaches nobody.
    expect(reached({ ...own, labels: { app: "somebody" } }).filter(([, , answer]) => answer)).toEqual([]);
  });

  test("has what the caller has, and is no replica of it", () => {
    const { template } = deployment.spec;
    const [agent] = template.spec.containers;
    const [asks, ...more] = job.spec.template.spec.containers;
    expect(more).toEqual([]);
    expect(job.spec.template.spec).toMatchObject({
      serviceAccountName: template.spec.serviceAccountName,
      securityContext: template.spec.securityContext,
      volumes: template.spec.volumes,
      restartPolicy: "Never",
    });
    expect(asks).toMatchObject({
      name: "verify",
      envFrom: agent.envFrom,
      env: [...(agent.env ?? []), { name: "VERIFY_INSIDE", value: "{}" }],
      volumeMounts: agent.volumeMounts,
      image: "registry.example/inventory:1.0.0",
      // Kubernetes makes $(A2A_PORT) of it again, and nothing else.
      command: ["node", "--eval", "console.log('$$(A2A_PORT)')"],
    });
    // The Service leads to a port by its name, and to pods that are ready.
    const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === CALLER);
    expect(job.spec.template.metadata.labels).toMatchObject(service?.spec.selector);
    expect(service?.spec.ports.map(({ targetPort }: { targetPort: unknown }) => targetPort)).toEqual(
      agent.ports.map(({ name }: { name: string }) => name),
    );
    expect([asks.ports, asks.livenessProbe, asks.startupProbe, asks.lifecycle]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    // Asked once in its life: it is never ready, and says so once.
    expect(asks.readinessProbe).toEqual({ exec: { command: ["false"] }, periodSeconds: 300 });
    expect(job.spec).toMatchObject({
      backoffLimit: 0,
      activeDeadlineSeconds: 300,
      ttlSecondsAfterFinished: 3600,
    });
    expect(Object.keys(job.spec.template.metadata.annotations)).not.toContain("dapr.io/app-port");
    expect(job.spec.template.metadata.annotations["dapr.io/app-id"]).toBe(
      template.metadata.annotations["dapr.io/app-id"],
    );
  });
});

async function askedFromInside(fault: Fault): Promise<Verified[]> {
  const [url, neighbour] = [
    await startPeer(fault),
    await startPeer({ refusesCaller: fault.beside && !fault.letsStrangersIn }),
  ];
  const closed = fault.beside
    ? [{ url: neighbour, letsIn: "nobody" }]
    : [{ url: fault.open ? neighbour : "http://127.0.0.1:9/", refuses: false }];
  const program = readFileSync(join(ROOT, "src/verify/inside.mjs"), "utf8");
  const cwd = imageFolder(fault);
  const stdout = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      ["--input-type=module", "--eval", program],
      {
        cwd,
        env: {
          AGENT_REGISTRY: JSON.stringify({ inventory: url }),
          AGENT_SCOPES: JSON.stringify({ [url]: "api://acme.example/inventory/.default" }),
          AGENT_SKILLS: "[]",
          A2A_AUTH_ENABLED: "true",
          VERIFY_INSIDE: JSON.stringify({
            caller: CALLER,
            peers: { inventory: { readyPath: "/healthz/ready", cardUrl: url } },
            closed,
          }),
        },
      },
      (_error, out) => resolve(out),
    );
  });
  return readInsideResults(stdout.split("\n")) ?? [];
}

describe("from a caller's place", () => {
  test.each<[string, Fault, string[]]>([
    ["nothing is broken where nothing is", {}, []],
    ["a peer that is not ready is seen", { ready: 503 }, ["inside-ready"]],
    ["a card with another URL is seen", { cardUrl: "http://elsewhere.invalid/" }, ["inside-card"]],
    ["a peer that asks for no token is seen", { letsAnybodyIn: true }, ["inside-without-token"]],
    ["a peer that lacks the caller's role is seen", { refusesCaller: true }, ["inside-success"]],
    ["a caller without tokens is seen", { noToken: true }, ["inside-token"]],
    ["somebody who answers beside its peers is seen", { open: true }, ["inside-closed"]],
    ["nothing is broken where others say no", { beside: true }, []],
    [
      "somebody else who lets the caller in is seen",
      { beside: true, letsStrangersIn: true },
      ["inside-refused"],
    ],
  ])("%s", async (_what, fault, expected) => {
    const results = await askedFromInside(fault);
    expect(
      results.filter(({ verdict }) => verdict === "broken").map(({ check }) => check),
      JSON.stringify(results),
    ).toEqual(expected);
    expect(results).toHaveLength(6);
  });
});

describe("npm run verify -- <environment> --inside", () => {
  const verified: Verified[] = [
    {
      url: "http://inventory/",
      check: "inside-ready",
      promise: "a peer is there",
      verdict: "kept",
      saw: "it is",
    },
  ];
  /** A kubectl of a cluster that runs the agents of an environment, and whose job says this. */
  function fakeKubectl(says: string) {
    const folder = mkdtempSync(join(tmpdir(), "kubectl-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const deployment = {
      metadata: { name: CALLER, namespace: "agents" },
      spec: {
        template: { metadata: { labels: { app: CALLER } }, spec: { containers: [{ name: "agent" }] } },
      },
    };
    writeFileSync(join(folder, "deployment.json"), JSON.stringify(deployment));
    writeFileSync(join(folder, "says"), says);
    const script = [
      "#!/bin/sh",
      `echo "$*" >>${folder}/asked`,
      'case "$*" in',
      `*"get deployment ${CALLER}"*) cat ${folder}/deployment.json ;;`,
      `*create*) cat >${folder}/created.json ;;`,
      "*\"get job\"*) printf 'SuccessCriteriaMet Complete' ;;",
      `*logs*) cat ${folder}/says ;;`,
      "*) echo 'Error from server (NotFound)' >&2; exit 1 ;;",
      "esac",
      "",
    ].join("\n");
    writeFileSync(join(folder, "kubectl"), script);
    chmodSync(join(folder, "kubectl"), 0o755);
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", "tsx", "test/images/support/verify-fleet.ts", ...args],
        {
          cwd: ROOT,
          encoding: "utf8",
          env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
        },
      );
      return { status, stdout, stderr };
    };
    const created = () =>
      existsSync(join(folder, "created.json"))
        ? JSON.parse(readFileSync(join(folder, "created.json"), "utf8"))
        : undefined;
    return { run, created, asked: () => readFileSync(join(folder, "asked"), "utf8") };
  }

  test("creates the job with what it asks, and shows what it said", () => {
    const said = verified.map((result, at) => ({ verified: result, at }));
    const lines = [{ level: "info" }, ...said, { verified: "all", of: said.length }];
    const cluster = fakeKubectl(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { status, stdout, stderr } = cluster.run(
      "production",
      "--inside",
      CALLER,
      "--context",
      "acme",
      "--json",
    );
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^following job /)]);
    expect(JSON.parse(stdout)).toMatchObject(verified);
    expect(cluster.asked()).toContain("--context acme --namespace agents create");
    const [{ command, env, image }] = cluster.created().spec.template.spec.containers;
    expect(command.slice(0, 2)).toEqual(["node", "--input-type=module"]);
    expect(image).toMatch(/inventory|procurement/);
    const { peers, closed } = JSON.parse(env.at(-1).value);
    expect(peers).toMatchObject({ inventory: { readyPath: expect.stringMatching(/^\//) } });
    const urls = closed.map(({ url }: { url: string }) => url);
    expect(urls).toContain("http://inventory.agents.svc.cluster.local:9090/metrics");
    expect(urls.join()).not.toContain(CALLER);
  });

  test("prints it instead, and ends in words where it can't ask", () => {
    const cluster = fakeKubectl("node: not found\n");
    const printed = cluster.run("production", "--inside", CALLER, "--print");
    expect(JSON.parse(printed.stdout)).toMatchObject({ kind: "Job" });
    expect(cluster.created()).toBeUndefined();
    const ends = (...args: string[]) => {
      const { status, stderr } = cluster.run(...args);
      expect([status, /\n {4}at /.test(stderr)]).toEqual([2, false]);
      return stderr;
    };
    expect(ends("production", "--inside", CALLER)).toContain("did not say what came of it: node: not found");
    expect(ends("production", "--inside", "orchestrator-acm")).toMatch(
      /no agent 'orchestrator-acm' .*correct the name to 'orchestrator-acme'/,
    );
    expect(ends("https://a.example", "--inside", CALLER)).toContain("--inside needs one environment");
    expect(ends("local", "--inside", CALLER, "--port", "1")).toContain(
      "nobody answers at http://127.0.0.1:1; start the fleet with 'npm run local'",
    );
    expect(ends("local", "--checklist", "found.json")).toContain("(dev, staging and production)");
  });
});
