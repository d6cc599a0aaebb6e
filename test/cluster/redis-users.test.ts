import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Testing } from "cdktf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterRedisTaskStore } from "../../src/cluster/cluster-redis-task-store";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { freePort } from "../../src/local/free-port";
import { agentDefinition, kubernetesEnvironment } from "../support/kubernetes-environment";
import { PROGRAM_PATH, withPrograms } from "../support/real-programs";
import { synth } from "../support/synth";

const { workloads } = resolveFleet([{ ...agentDefinition("orchestrator"), perCustomer: true }], {
  ...kubernetesEnvironment,
  customers: ["acme", "globex"],
});
const identity = { serviceAccount: "orchestrator", namespace: "agents" };

let store: ClusterRedisTaskStore | undefined;
const stack = synth((scope) => {
  new KubernetesProvider(scope, "kubernetes", {});
  new HelmProvider(scope, "helm", {});
  store = new ClusterRedisTaskStore(scope, "store", { namespace: "agents", agents: workloads });
});

/** What the Secret of a user holds once Terraform has made its password. */
function userOf(agent: string, password: string): Record<string, string> {
  const { data_wo } = stack.at(`store/user-${agent}/password`).arguments;
  return Object.fromEntries(
    Object.entries<string>(data_wo).map(([key, value]) => [
      key,
      value.replace(/\$\{ephemeral\.[^}]*\}/g, password),
    ]),
  );
}

/** The variables of one customer's orchestrator. */
function variablesOf(agent: string): Record<string, string> {
  const workload = workloads.find(({ name }) => name === agent);
  if (workload === undefined || store === undefined) throw new Error(`no agent '${agent}'`);
  return { ...store.bind(Testing.app(), workload, identity).variables };
}

const [acme, globex] = [variablesOf("orchestrator-acme"), variablesOf("orchestrator-globex")];

describe("the agents of two customers in one Redis", () => {
  test("have nothing in common: no prefix, no channel, no user, no password", () => {
    for (const name of [
      "REDIS_KEY_PREFIX",
      "REDIS_EVENTS_CHANNEL",
      "RESPONSE_CACHE_PREFIX",
      "RATE_LIMIT_PREFIX",
      "REDIS_USERNAME",
    ]) {
      expect(acme[name]).toBeDefined();
      expect(globex[name]).not.toBe(acme[name]);
    }
    const passwords = ["orchestrator-acme", "orchestrator-globex"].map(
      (agent) => stack.at(`store/user-${agent}/password`).arguments.data_wo.password,
    );
    expect(new Set(passwords).size).toBe(2);
    for (const password of passwords) expect(password).toMatch(/^\$\{ephemeral\.random_password\./);
  });

  test("who is not among the store's agents gets nothing", () => {
    const [workload] = workloads;
    if (workload === undefined) throw new Error("no workload");
    expect(() => store?.bind(Testing.app(), { ...workload, name: "stranger" }, identity)).toThrow(
      "agent 'stranger' has no user in task store task-store.agents.svc.cluster.local; name it among the store's 'agents'",
    );
  });

  withPrograms("a real one", ["redis-server", "redis-cli"], () => {
    const root = mkdtempSync(join(tmpdir(), "redis-users-"));
    let server: ReturnType<typeof spawn> | undefined;
    let port = 0;
    const place = (text: string) =>
      text
        .replaceAll("$${", "${")
        .replaceAll("6379", String(port))
        // Certificates are another test's.
        .replace("port 0", `port ${port}`)
        .replace(/^tls-.*$/gm, "")
        .replace(/ --tls --cacert \/tls\/ca\.crt/, "")
        .replace(/(?<=[\s"])\/(tls|auth|users|data|tmp)\b/g, `${root}/$1`);

    beforeAll(async () => {
      port = await freePort();
      for (const folder of ["tls", "auth", "users", "data", "tmp"]) mkdirSync(join(root, folder));
      const { data } = stack.at("store/settings").arguments;
      writeFileSync(join(root, "redis.conf"), place(data["redis.conf"]));
      writeFileSync(join(root, "alive.sh"), place(data["alive.sh"]));
      writeFileSync(join(root, "tls", "tls.crt"), "");
      writeFileSync(join(root, "auth", "auth.conf"), "requirepass of-the-store");
      const [volume] = stack
        .at("store/resource")
        .arguments.spec.template.spec.volume.filter(({ name }: { name: string }) => name === "users");
      for (const { secret } of volume.projected[0].sources.flatMap((source: { secret: object[] }) =>
        source.secret.map((each) => ({ secret: each as { name: string; items: { path: string }[] } })),
      )) {
        const agent = secret.name.replace("task-store--", "");
        writeFileSync(
          join(root, "users", secret.items[0]?.path ?? ""),
          userOf(agent, `of-${agent}`)["user.conf"] ?? "",
        );
      }
      server = spawn("redis-server", [join(root, "redis.conf")], {
        stdio: "ignore",
        env: { PATH: PROGRAM_PATH },
      });
      for (let tries = 0; tries < 200; tries += 1) {
        if (asks(undefined, "PING") === "PONG") return;
        await new Promise((done) => setTimeout(done, 50));
      }
      throw new Error("redis-server did not start");
    });

    afterAll(() => {
      server?.kill("SIGKILL");
      rmSync(root, { recursive: true, force: true });
    });

    /** What Redis answers to an agent, or to the store's own user. */
    function asks(agent: string | undefined, ...words: string[]): string {
      const login = agent === undefined ? [] : ["--user", variablesOf(agent).REDIS_USERNAME ?? ""];
      try {
        return execFileSync("redis-cli", ["-p", String(port), "--no-auth-warning", ...login, ...words], {
          encoding: "utf8",
          timeout: 2000,
          env: {
            PATH: PROGRAM_PATH,
            REDISCLI_AUTH: agent === undefined ? "of-the-store" : `of-${agent}`,
          },
          stdio: ["ignore", "pipe", "ignore"],
        }).trim();
      } catch {
        return "nothing";
      }
    }

    const script = ["EVAL", "return redis.call('GET', KEYS[1])", "1"];

    test("serves each what the contract gives it", () => {
      const key = `${acme.REDIS_KEY_PREFIX}1`;
      expect(asks("orchestrator-acme", "SET", key, "a task")).toBe("OK");
      expect(asks("orchestrator-acme", "GET", key)).toBe("a task");
      expect(asks("orchestrator-acme", ...script, key)).toBe("a task");
      expect(asks("orchestrator-acme", "SET", `${acme.RESPONSE_CACHE_PREFIX}1`, "an answer")).toBe("OK");
      expect(asks("orchestrator-acme", "INCR", `${acme.RATE_LIMIT_PREFIX}caller`)).toBe("1");
      expect(asks("orchestrator-acme", "PUBLISH", acme.REDIS_EVENTS_CHANNEL ?? "", "an event")).toBe("0");
    });

    test.each([
      ["read a task", ["GET", `${acme.REDIS_KEY_PREFIX}1`]],
      ["read one in a script", [...script, `${acme.REDIS_KEY_PREFIX}1`]],
      [
        "read one that the script doesn't name",
        ["EVAL", `return redis.call('GET', '${acme.REDIS_KEY_PREFIX}1')`, "0"],
      ],
      ["write one", ["SET", `${acme.REDIS_KEY_PREFIX}1`, "mine"]],
      ["copy one", ["COPY", `${acme.REDIS_KEY_PREFIX}1`, `${globex.REDIS_KEY_PREFIX}1`]],
      ["hit the cache", ["GET", `${acme.RESPONSE_CACHE_PREFIX}1`]],
      ["empty the limit", ["DEL", `${acme.RATE_LIMIT_PREFIX}caller`]],
      ["publish an event", ["PUBLISH", acme.REDIS_EVENTS_CHANNEL ?? "", "of mine"]],
      ["subscribe to events", ["SUBSCRIBE", acme.REDIS_EVENTS_CHANNEL ?? ""]],
      ["subscribe to everything", ["PSUBSCRIBE", "*"]],
      ["list keys", ["KEYS", "*"]],
      ["scan keys", ["SCAN", "0"]],
      ["draw a key", ["RANDOMKEY"]],
      ["list channels", ["PUBSUB", "CHANNELS"]],
      ["watch commands", ["MONITOR"]],
      ["list users", ["ACL", "LIST"]],
      ["list clients", ["CLIENT", "LIST"]],
      ["read settings", ["CONFIG", "GET", "requirepass"]],
      ["empty the store", ["FLUSHALL"]],
      ["load code for all", ["FUNCTION", "FLUSH"]],
    ])("lets nobody with another's password %s", (_, words) => {
      expect(asks("orchestrator-globex", ...words)).toMatch(
        /^(ERR )?.*(NOPERM|No permissions|can't access)/i,
      );
      // The same words are answered to who may: what refuses is whose user it is.
      if (!["MONITOR", "SUBSCRIBE", "PSUBSCRIBE", "FLUSHALL"].includes(words[0] as string)) {
        expect(asks(undefined, ...words)).not.toMatch(/NOPERM|No permissions/);
      }
    });

    test("learns a new password when the file of a user has changed", () => {
      const alive = () =>
        execFileSync("sh", [join(root, "alive.sh")], {
          env: { PATH: PROGRAM_PATH, REDISCLI_AUTH: "of-the-store" },
          stdio: "ignore",
        });
      writeFileSync(join(root, "tmp", "certificate"), "");
      alive();
      expect(asks("orchestrator-acme", "PING")).toBe("PONG");
      const file = join(root, "users", "orchestrator-acme.conf");
      writeFileSync(file, userOf("orchestrator-acme", "another")["user.conf"] ?? "");
      utimesSync(file, new Date(), new Date(Date.now() + 60_000));
      alive();
      expect(asks("orchestrator-acme", "PING")).not.toBe("PONG");
      expect(asks("orchestrator-globex", "PING")).toBe("PONG");
    });
  });
});
