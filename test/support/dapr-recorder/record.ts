import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack, Testing } from "cdktf";
import { DaprMesh } from "../../../src/cluster/dapr-mesh";
import { daprAnnotations, daprSidecar } from "../../../src/cluster/facts/dapr-sidecar";
import { resolveFleet } from "../../../src/fleet/resolve-fleet";
import type { AccessControl } from "../dapr-access";
import { agentDefinition, kubernetesEnvironment } from "../kubernetes-environment";
import { readCustomResources } from "../kubernetes-resources";

const [recorder, source] = process.argv.slice(2);
if (recorder === undefined || source === undefined) throw new Error("usage: record.ts <recorder> <source>");
const program = recorder;

const { workloads } = resolveFleet(
  [
    agentDefinition("front", ["billing", "stock"]),
    { ...agentDefinition("billing"), protocolBindings: ["JSONRPC", "HTTP+JSON"] },
    { ...agentDefinition("stock"), protocolBindings: ["HTTP+JSON"] },
  ],
  kubernetesEnvironment,
);
const [front] = workloads;
if (front === undefined) throw new Error("the fleet has no agents");

recordVerdicts();
recordPods(front);

/** The Configurations that the mesh makes, and strange ones: defaults left out, verbs, wildcards, letters' case. */
function recordVerdicts(): void {
  const stack = new TerraformStack(Testing.app(), "cluster");
  new DaprMesh(stack, "mesh", { workloads, namespace: "agents", trustDomain: "mesh.test.dev" });
  const made = readCustomResources(JSON.parse(Testing.synth(stack)))
    .filter(({ kind }) => kind === "Configuration")
    .map(({ spec }) => spec.accessControl as AccessControl);
  const policy = (more: object) => ({ appId: "a", namespace: "n", trustDomain: "t", ...more });
  const operation = (name: string, verb: string, action: string) => ({ name, httpVerb: [verb], action });
  const strange: AccessControl[] = [
    {},
    { trustDomain: "t" },
    { defaultAction: "allow" },
    {
      defaultAction: "Deny",
      policies: [policy({ defaultAction: "allow", operations: [operation("/x/*", "POST", "deny")] })],
    },
    { policies: [policy({ operations: [operation("op", "*", "Allow")] })] },
    { defaultAction: "allow", policies: [policy({ defaultAction: "deny" })] },
    { defaultAction: "deny", policies: [policy({ operations: [operation("/x/**", "GET", "allow")] })] },
    { defaultAction: "deny", policies: [policy({ operations: [operation("/op*", "*", "allow")] })] },
    {
      defaultAction: "deny",
      policies: [
        policy({ operations: [operation("/x", "GET", "allow"), operation("/x/**", "POST", "allow")] }),
      ],
    },
    {
      defaultAction: "allow",
      trustDomain: "u",
      policies: [policy({ trustDomain: "u", defaultAction: "deny" })],
    },
  ];
  const known = "mesh.test.dev/agents/front";
  const others = [
    "public/agents/front",
    "mesh.test.dev/other/front",
    "mesh.test.dev/agents/stranger",
    // Without a certificate.
    "",
  ];
  const paths = [
    "/",
    "",
    "admin",
    "/.well-known/agent-card.json",
    ".well-known/agent.json",
    "/.well-known/a/b",
    "/message:send",
    "/Message:Send",
    "/message:stream",
    "/tasks",
    "/tasks/1",
    "/tasks/1:cancel",
    "/tasks/1/pushNotificationConfigs",
    "/extendedAgentCard",
    "/v1/message:send",
    "/v1",
    "/metrics",
  ];
  const all = <T>(lists: readonly [readonly number[], ...(readonly (readonly T[])[])]) =>
    lists.reduce<readonly (number | T)[][]>(
      (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
      [[]],
    );
  const questions = [
    ...all([[0, 1, 2], [known], paths, ["GET", "POST", "DELETE", "PUT"]]),
    ...all([[0, 1, 2], others, ["/", "/tasks/1"], ["POST"]]),
    ...all([
      strange.map((_, index) => index + made.length),
      ["t/n/a", "t/n/b", "u/n/a", ""],
      ["/op", "/open", "/x", "/x/1", "/x/1/2"],
      ["GET", "POST"],
    ]),
  ];
  const controls = [...made, ...strange];
  const answers = ask(
    ["acl"],
    questions.map(([control, caller, operation, verb]) => ({
      accessControl: controls[control as number],
      caller,
      operation,
      verb,
    })),
  ) as boolean[];
  write("dapr-verdicts.generated.json", {
    source,
    controls,
    verdicts: questions.map((question, index) => [...question, answers[index]]),
  });
}

/** A pod as the platform would send it, and as the injector sends it on. */
function recordPods(workload: typeof front & object): void {
  const pods = (["native", "beside"] as const).map((kind) => {
    const sidecar = daprSidecar(
      kind === "native" ? {} : { controlPlane: { kind: "release", version: "1.17.5" } },
    );
    const pod = {
      metadata: {
        name: "front-1",
        namespace: "agents",
        labels: { app: "front" },
        annotations: daprAnnotations(workload, sidecar),
      },
      spec: {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [{ name: "agent", image: "registry.test.dev/agents/front:1.0.0" }],
      },
    };
    return { kind, pod, injected: ask(["inject", kind], pod) };
  });
  write("dapr-injected-pods.generated.json", { source, pods });
}

/** Dapr logs to the same stream: its lines start with the time. */
function ask(args: readonly string[], input: unknown): unknown {
  const output = execFileSync(program, args, { input: JSON.stringify(input), encoding: "utf8" });
  const lines = output.split("\n").filter((line) => !line.startsWith("time="));
  return JSON.parse(lines.join(""));
}

function write(file: string, content: Record<string, unknown>): void {
  const parts = Object.entries(content).map(([key, value]) =>
    Array.isArray(value)
      ? `"${key}": [\n${value.map((item) => JSON.stringify(item)).join(",\n")}\n]`
      : `"${key}": ${JSON.stringify(value)}`,
  );
  writeFileSync(join(__dirname, "..", "fixtures", file), `{\n${parts.join(",\n")}\n}\n`);
}
