import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusterOf, type IClusterClient } from "../../src/cluster/preflight/cluster-client";
import type { Environment, IdentityProviderSettings } from "../../src/environment/environment";
import { type CheckResult, Unanswered } from "../../src/preflight/check";
import { preflightExitCode } from "../../src/preflight/report";
import { preflight } from "../../src/stacks/preflight";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { agentDefinition } from "../support/kubernetes-environment";

const root = mkdtempSync(join(tmpdir(), "preflight-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const environment: Environment = {
  ...plainCluster,
  telemetry: undefined,
  identityProvider: {
    ...plainCluster.identityProvider,
    applications: { portal: ["billing"] },
  } as IdentityProviderSettings,
  prefix: "acme",
  domain: "plain.acme.io",
  kubernetes: {
    ...plainCluster.kubernetes,
    edge: { kind: "gateway-api", certificates: { kind: "acme", email: "ops@acme.io" } },
    backups: {
      storage: { kind: "s3", bucket: "backups", region: "eu-central-1" },
      credentialsSecret: "backup-storage",
    },
  },
  registry: {
    kind: "other",
    server: "registry.acme.io",
    username: "fleet",
    passwordSecret: "registry-login",
  },
  vault: { kind: "kubernetes", secrets: ["registry-login", "erp-token"] },
  agents: { billing: { image: `sha256:${"a1".repeat(32)}` } },
};
const definitions = [{ ...agentDefinition("billing"), secrets: { ERP_TOKEN: "erp-token" } }];

/** A cluster that holds Secrets, by their keys, and a root certificate; null where it has no namespace yet. */
function cluster(secrets: Record<string, readonly string[]> | null, root?: string): IClusterClient {
  return {
    command: "kubectl --context plain --namespace agents",
    ask: async (args) => {
      const kind = args[args.indexOf("get") + 1];
      const name = args[args.indexOf("get") + 2] as string;
      if (kind === "namespace") return secrets === null ? undefined : `namespace/${name}\n`;
      if (kind === "configmap") return root;
      return secrets?.[name]?.map((key) => `${key}\n`).join("");
    },
  };
}

function check(client: IClusterClient, change: Partial<Environment> = {}, now = new Date("2026-11-21")) {
  return preflight({ ...environment, ...change }, definitions, {
    azure: () => Promise.reject(new Error("nobody asked for Azure")),
    cluster: () => client,
    today: now.toISOString().slice(0, 10),
    resolves: async () => true,
    placeOf: () => "",
  });
}

/** What was found outside: that the fleet itself is open to strangers is another check's. */
const findingsOf = (results: readonly CheckResult[]) =>
  results.filter(({ name }) => name !== "fleet").flatMap(({ findings }) => findings);
const complete = {
  "registry-login": [".dockerconfigjson"],
  "erp-token": ["value"],
  "backup-storage": ["access-key-id", "secret-access-key"],
  "keycloak-database": ["username", "password"],
};

describe("the Secrets of a cluster's owner", () => {
  test("are all there: nothing is missing", async () => {
    const results = await check(cluster(complete));
    expect(results.map(({ name }) => name)).toEqual(["fleet", "placeholders", "secrets"]);
    expect(findingsOf(results)).toEqual([]);
    expect(preflightExitCode(results)).toBe(0);
  });

  test("go into a namespace, which comes first", async () => {
    const results = await check(cluster(null));
    expect(findingsOf(results)).toEqual([
      {
        what: "the namespace 'agents' isn't there yet, into which the Secrets go",
        remedy: "npx cdktf deploy plain, then ask again",
        weight: "missing",
      },
    ]);
  });

  test("are named one by one where they are missing, with the command that makes them", async () => {
    const { "erp-token": _, ...rest } = complete;
    const results = await check(cluster({ ...rest, "backup-storage": ["access-key-id"] }));
    expect(findingsOf(results)).toEqual([
      {
        what: "there is no Secret 'erp-token' in the namespace 'agents', and agents need it",
        remedy:
          "kubectl --context plain --namespace agents create secret generic erp-token --from-file=value=…",
        weight: "missing",
      },
      {
        what: "the Secret 'backup-storage' in the namespace 'agents' lacks secret-access-key",
        remedy:
          "kubectl --context plain --namespace agents create secret generic backup-storage " +
          "--from-file=access-key-id=… --from-file=secret-access-key=…",
        weight: "missing",
      },
    ]);
    expect(preflightExitCode(results)).toBe(1);
  });

  test("are unknown where nobody may ask, which is no yes", async () => {
    const results = await check({
      command: "kubectl",
      ask: async () => {
        throw new Unanswered("context 'plain': Unauthorized");
      },
    });
    expect(results.at(-1)).toEqual({
      name: "secrets",
      findings: [],
      unanswered: "context 'plain': Unauthorized",
    });
    expect(preflightExitCode(results)).toBe(2);
  });
});

describe("the root certificate of the mesh", () => {
  let certificate: string;
  beforeAll(() => {
    const [key, out] = [join(root, "key.pem"), join(root, "ca.crt")];
    const subject = ["-subj", "/CN=root", "-days", "365", "-keyout", key, "-out", out];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], {
      stdio: "ignore",
    });
    certificate = readFileSync(out, "utf8");
  });
  const mesh = { kind: "dapr" } as const;
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

  test.each([
    [
      "is spoken of 60 days before its end",
      306,
      "doubtful",
      /^the root certificate of plain's mesh ends on 20/,
    ],
    ["is missing once it has ended", 367, "missing", /^the root certificate of plain's mesh ended on 20/],
  ])("%s", async (_, days, weight, what) => {
    const results = await check(cluster(complete, certificate), { mesh }, inDays(days));
    expect(findingsOf(results)).toEqual([
      { what: expect.stringMatching(what), remedy: expect.stringContaining("renew-certificate"), weight },
    ]);
  });

  test("is not spoken of before that, nor before there is one", async () => {
    expect(findingsOf(await check(cluster(complete, certificate), { mesh }, inDays(300)))).toEqual([]);
    const results = await check(cluster(complete), { mesh });
    expect(results.map(({ name }) => name)).toContain("mesh");
    expect(findingsOf(results)).toEqual([]);
  });
});

test("Google Cloud is not asked, and an environment there is not called deployable", async () => {
  const google = { projectId: "acme-fleet", projectNumber: "123456789012", region: "europe-west4" };
  const results = await check(cluster(complete), {
    google: google as Environment["google"],
    platform: "cloud-run",
    kubernetes: undefined,
    identityProvider: undefined,
    registry: { kind: "google" },
    vault: { kind: "secret-manager" },
    taskStore: { kind: "memorystore" },
  });
  expect(results.at(-1)).toMatchObject({ name: "google", unanswered: expect.stringContaining("acme-fleet") });
  expect(preflightExitCode(results)).toBe(2);
});

describe("kubectl", () => {
  /** A `kubectl` that says what somebody else's would. */
  const saying = async (script: string, args = ["get", "secret", "x"]) => {
    writeFileSync(join(root, "kubectl"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const { PATH } = process.env;
    process.env.PATH = `${root}${delimiter}${PATH}`;
    try {
      return await clusterOf("plain", "agents").ask(args);
    } finally {
      process.env.PATH = PATH;
    }
  };

  test("is asked in the context", async () => {
    expect(await saying('echo "$@"')).toBe("--context plain --request-timeout 10s get secret x\n");
  });

  test("says what isn't there apart from what cannot be asked", async () => {
    const notFound = 'Error from server (NotFound): secrets "x" not found';
    expect(await saying(`echo '${notFound}' >&2; exit 1`)).toBeUndefined();
    const refused = saying("echo 'error: You must be logged in to the server (Unauthorized)' >&2; exit 1");
    await expect(refused).rejects.toThrow(Unanswered);
    await expect(refused).rejects.toThrow("context 'plain': error: You must be logged in");
  });
});
