import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type InsideOptions, insideJob, verifyInside } from "../../src/cli/verify-inside";
import { GoogleClient } from "../../src/google/google-client";
import { CloudRunServer } from "./clouds/cloud-run-server";
import { ContainerAppsServer } from "./clouds/container-apps-server";
import { CALLER, deployedApp, deployedService, fleetOf, GROUP, inAzure, inGoogle } from "./clouds/deployed";
import type { JobFault } from "./clouds/job-program";
import { imageFolder, startPeer } from "./inside-peers";

const DOMAIN = "blue.westeurope.azurecontainerapps.io";
const PLACE = "projects/acme-agents/locations/europe-west4";
const IMAGE = "registry.example/typescript:1.0.0";

const NOTHING = { group: GROUP, apps: {}, domain: DOMAIN, secrets: {}, image: "." };

/** Whom the command asks, and what it told meanwhile. */
interface Cloud {
  readonly server: ContainerAppsServer | CloudRunServer;
  readonly run: (options?: Partial<InsideOptions>, longestMs?: number) => ReturnType<typeof verifyInside>;
  readonly job: () => Promise<object>;
  readonly told: string[];
}

interface What {
  readonly fault?: JobFault;
  readonly lacks?: string;
  readonly hidesReplicas?: boolean;
  readonly logDelay?: number;
  readonly caller?: string;
  /** Whether the peer lacks the caller's role. */
  readonly ill?: boolean;
}

async function azure({ caller = CALLER, ill, ...what }: What): Promise<Cloud> {
  const peer = await startPeer({ cardUrl: `https://billing.internal.${DOMAIN}/`, refusesCaller: ill });
  const server = new ContainerAppsServer({
    group: GROUP,
    apps: { [caller]: deployedApp({ billing: peer }) },
    domain: DOMAIN,
    secrets: { "desk-crm-token": "from-the-vault" },
    image: imageFolder({}),
    ...what,
  });
  return cloud(server, fleetOf(inAzure));
}

async function google({ caller = CALLER, ill, ...what }: What): Promise<Cloud> {
  const url = fleetOf(inGoogle).workloads.find(({ name }) => name === "billing")?.route.peerUrl;
  const peer = await startPeer({ cardUrl: url, refusesCaller: ill });
  const server = new CloudRunServer({
    place: PLACE,
    services: { [`trial-${caller}`]: deployedService({ billing: peer }) },
    secrets: {},
    image: imageFolder({}),
    ...what,
  });
  return cloud(server, fleetOf(inGoogle));
}

async function cloud(
  server: ContainerAppsServer | CloudRunServer,
  fleet: ReturnType<typeof fleetOf>,
): Promise<Cloud> {
  await server.start();
  onTestFinished(() => server.stop());
  const told: string[] = [];
  const reach = (longestMs = 60_000) => ({
    logins: {
      azure: async () => (server as ContainerAppsServer).client(),
      google: async () => new GoogleClient(async () => "mine", { run: server.url, logging: server.url }),
    },
    patience: { tell: (text: string) => void told.push(text), pauseMs: 10, longestMs },
  });
  const options = { inside: CALLER, nodeImage: IMAGE };
  return {
    server,
    told,
    run: (change, longestMs) => verifyInside(fleet, { ...options, ...change }, reach(longestMs)),
    job: () => insideJob(fleet, options, reach()),
  };
}

/** What a refusal says. */
async function refusalOf(
  { run }: Cloud,
  options: Partial<InsideOptions> = {},
  longestMs?: number,
): Promise<string> {
  const refused = await run(options, longestMs).then(
    (results) => JSON.stringify(results),
    (error: Error) => error.message,
  );
  expect(refused).toMatch(/^nothing is verified from inside: 1 problem\n/);
  return refused;
}

describe.each([
  ["Container Apps", azure],
  ["Cloud Run", google],
])("from a caller's place on %s", (_title, start) => {
  test("its job says what it sees, and is removed", async () => {
    const running = await start({ logDelay: 3 });
    const results = await running.run();
    const [promised] = [results.map(({ check, verdict }) => `${check} ${verdict}`)];
    expect(promised, JSON.stringify(results)).toEqual([
      "inside-ready kept",
      "inside-card kept",
      "inside-without-token kept",
      "inside-token kept",
      "inside-success kept",
      "inside-refused kept",
    ]);
    expect(running.server.complaints).toEqual([]);
    expect(running.server.jobs.sent).toHaveLength(1);
    expect(running.server.jobs.names).toEqual([]);
    expect(running.told.at(-1)).toMatch(
      /^job 'desk-globex-verify-\w+' is removed$|^job 'trial-desk-globex-verify-\w+' is removed$/,
    );
  });

  test("a peer that refuses the caller is seen", async () => {
    const results = await (await start({ ill: true })).run();
    expect(results.filter(({ verdict }) => verdict === "broken").map(({ check }) => check)).toEqual([
      "inside-success",
    ]);
  });

  test("the job can be looked at instead, and then there is none", async () => {
    const running = await start({});
    const job = await running.job();
    expect(JSON.stringify(job)).toContain("VERIFY_INSIDE");
    expect([
      running.server.jobs.sent,
      running.server.asked.filter((each) => !each.startsWith("GET ")),
    ]).toEqual([[], []]);
  });

  test.each<[JobFault, RegExp]>([
    ["fails", /ended.* and did not say what came of it: [\s\S]*(?:Cannot find module|no module)/],
    ["no image", /ImagePullBackOff|Image 'node' not found/],
    ["can't be made", /Secret .* (?:can't be read|was not found)/],
  ])("a job that %s is told, and removed", async (fault, says) => {
    const running = await start({ fault });
    expect(await refusalOf(running)).toMatch(says);
    expect([running.server.jobs.names, running.server.complaints]).toEqual([[], []]);
    expect(running.told.at(-1)).toMatch(/ is removed$/);
  });

  test("a job that never says anything is removed when the time is up", async () => {
    const running = await start({ fault: "hangs" });
    expect(await refusalOf(running, {}, 300)).toMatch(/job '[\w-]+' said nothing for 0 s/);
    expect(running.server.jobs.names).toEqual([]);
  });

  test("a caller that isn't deployed is told, with what is", async () => {
    const running = await start({ caller: "desk-globexx" });
    expect(await refusalOf(running)).toMatch(
      /there is no (?:app|service) '(?:trial-)?desk-globex' in .*correct the name to '(?:trial-)?desk-globexx', or deploy '\w+' again/,
    );
    expect(running.server.jobs.sent).toEqual([]);
  });

  test("somebody who stops the command leaves no job behind", async () => {
    const running = await start({ fault: "hangs" });
    let isOver = false;
    const refused = refusalOf(running).finally(() => {
      isOver = true;
    });
    while (running.server.jobs.names.length === 0 && !isOver)
      await new Promise((resolve) => setTimeout(resolve, 5));
    process.emit("SIGINT");
    expect(await refused).toContain("somebody stopped it");
    expect([running.server.jobs.names, process.listenerCount("SIGINT")]).toEqual([[], listenersBefore]);
  });
});

const listenersBefore = process.listenerCount("SIGINT");

test("who is no peer of the caller's is asked, too", async () => {
  const running = await azure({});
  await running.run();
  const [sent] = running.server.jobs.sent as ContainerAppsServer["jobs"]["sent"];
  const asks = sent?.properties.template.containers[0]?.env.find(({ name }) => name === "VERIFY_INSIDE");
  expect(JSON.parse(asks !== undefined && "value" in asks ? asks.value : "")).toMatchObject({
    caller: CALLER,
    peers: { billing: { cardUrl: `https://billing.internal.${DOMAIN}/` } },
    closed: [{ url: `https://audit.internal.${DOMAIN}/`, letsIn: "nobody" }],
  });
});

test("on Container Apps the job has the app's identity, registry, secrets, variables and environment", async () => {
  const running = await azure({});
  await running.run();
  const [sent] = running.server.jobs.sent as ContainerAppsServer["jobs"]["sent"];
  const app = deployedApp({ billing: "-" });
  const [agent] = app.properties.template.containers;
  expect(sent?.properties.configuration).toMatchObject({
    secrets: app.properties.configuration?.secrets,
    registries: app.properties.configuration?.registries,
  });
  expect(Object.keys(sent?.identity?.userAssignedIdentities ?? {})).toEqual(
    Object.keys(app.identity?.userAssignedIdentities ?? {}),
  );
  expect(sent?.properties.environmentId).toBe(app.properties.environmentId);
  const names = (env: readonly object[] | undefined) =>
    (env ?? []).map((each) => (each as { name: string }).name);
  const [container] = sent?.properties.template.containers ?? [];
  expect(names(container?.env)).toEqual([...names(agent?.env), "VERIFY_INSIDE"]);
  expect(names(container?.env)).toContain("CRM_TOKEN");
  expect(container?.image).toBe(IMAGE);
});

test("on Cloud Run the job has the service's account, way out, secrets and variables, and nothing of its sidecars", async () => {
  const running = await google({});
  await running.run();
  const [sent] = running.server.jobs.sent as CloudRunServer["jobs"]["sent"];
  const { template } = deployedService({ billing: "-" });
  const [agent, ...sidecars] = template.containers.toSorted((one) => (one.ports === undefined ? 1 : -1));
  expect(sent?.template.template).toMatchObject({
    serviceAccount: template.serviceAccount,
    vpcAccess: template.vpcAccess,
  });
  expect(template.vpcAccess).toBeDefined();
  const names = (env: readonly object[] | undefined) =>
    (env ?? []).map((each) => (each as { name: string }).name);
  const [container] = sent?.template.template.containers ?? [];
  expect(names(container?.env)).toEqual([...names(agent?.env), "VERIFY_INSIDE"]);
  expect(names(container?.env)).toContain("CRM_TOKEN");
  expect(sidecars.length).toBeGreaterThan(0);
  expect(JSON.stringify(sent)).not.toContain("goog-terraform");
});

test.each([
  ["Microsoft.App/containerApps/read", "Reader", azure],
  ["Microsoft.App/jobs/write", "Container Apps Jobs Contributor", azure],
  ["Microsoft.App/jobs/start/action", "Container Apps Jobs Contributor", azure],
  ["Microsoft.App/jobs/getAuthToken/action", "Container Apps Jobs Contributor", azure],
  ["run.services.get", "roles/run.developer", google],
  ["run.jobs.create", "roles/run.developer", google],
  ["run.jobs.run", "roles/run.developer", google],
  ["logging.logEntries.list", "roles/logging.viewer", google],
])("who lacks '%s' is told of the role '%s'", async (lacks, role, start) => {
  const running = await start({ lacks });
  const refused = await refusalOf(running);
  expect(refused).toContain(`'${lacks}'`);
  expect(refused).toContain(`the role '${role}' lets you: `);
  expect(refused).toMatch(
    /az role assignment create --assignee 33333333-.* --scope \/subscriptions\/|gcloud projects add-iam-policy-binding acme-agents /,
  );
  expect(running.server.jobs.names).toEqual([]);
});

test("without the right to see replicas there are none, and the role for that is told", async () => {
  const running = await azure({ hidesReplicas: true, fault: "fails" });
  expect(await refusalOf(running)).toContain("'Microsoft.App/jobs/*/read', which the role");
});

test("a job that can't be removed is told, with how to", async () => {
  const running = await azure({ lacks: "Microsoft.App/jobs/delete" });
  expect(await running.run()).toHaveLength(6);
  expect(running.told.at(-1)).toMatch(
    /^job '([\w-]+)' is still there \(.*\); remove it: az containerapp job delete --yes --name \1 --resource-group rg-acme-test /,
  );
});

test("an environment that is not filled in is told before anybody logs in", async () => {
  const { server, ...running } = await azure({});
  const fleet = fleetOf({ ...inAzure, tenant: "00000000-0000-0000-0000-000000000000" });
  const other = await cloud(new ContainerAppsServer({ ...NOTHING }), fleet);
  expect(await refusalOf(other)).toMatch(/still holds placeholders \(00000000-.*npm run adopt/);
  expect(other.server.asked).toEqual([]);
  expect(await running.run()).not.toEqual([]);
});

test("an app with a sidecar says that no job has one, and what to do", async () => {
  const app = deployedApp({ billing: "-" });
  const { configuration } = app.properties;
  const server = new ContainerAppsServer({
    group: GROUP,
    apps: {
      [CALLER]: {
        ...app,
        properties: { ...app.properties, configuration: { ...configuration, dapr: { enabled: true } } },
      },
    },
    domain: DOMAIN,
    secrets: {},
    image: imageFolder({}),
  });
  expect(await refusalOf(await cloud(server, fleetOf(inAzure)))).toMatch(
    /through its Dapr sidecar, .* az containerapp exec --name desk-globex --resource-group rg-acme-test/,
  );
});

describe("npm run verify -- <environment> --inside, in a cloud", () => {
  /** The command as a process, and what it said once it ended. */
  function command(variables: Record<string, string>, ...args: string[]) {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "test/verify/clouds/verify-in-clouds.ts", ...args, "--node-image", IMAGE],
      { cwd: join(__dirname, "../.."), env: { PATH: process.env.PATH, NO_COLOR: "1", ...variables } },
    );
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].on("data", (text: Buffer) => {
        said[stream] += text;
      });
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.on("close", (code) => resolve({ code, ...said })),
    );
    return { child, said, ended };
  }

  test("a workflow's federated identity at Google is enough", async () => {
    const { server } = await google({});
    const folder = imageFolder({});
    writeFileSync(join(folder, "token"), "of-the-workflow's-issuer");
    const credentials = {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/ci",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${server.url}/sts/token`,
      credential_source: { file: join(folder, "token") },
    };
    writeFileSync(join(folder, "credentials.json"), JSON.stringify(credentials));
    const { code, stdout, stderr } = await command(
      { A2A_TEST_CLOUD: server.url, GOOGLE_APPLICATION_CREDENTIALS: join(folder, "credentials.json") },
      inGoogle.name,
      "--inside",
      CALLER,
    ).ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^making job .*\njob .* is started; .*\njob .* is removed\n$/),
    });
    expect(stdout).toMatch(/the one other agent says no[\s\S]*6 kept, 0 broken, 0 not seen/);
    expect([...(server as CloudRunServer).tokens]).toEqual(["of-the-workflow"]);
    expect(server.complaints).toEqual([]);
  });

  test("nobody who is logged in is told how to be", async () => {
    const { code, stdout, stderr } = await command(
      { A2A_TEST_CLOUD: "http://127.0.0.1:9", GOOGLE_APPLICATION_CREDENTIALS: "/nowhere/credentials.json" },
      inGoogle.name,
      "--inside",
      CALLER,
    ).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^nothing is verified from inside: nobody is logged in to Google Cloud \(.*\); gcloud auth application-default login\n$/,
    );
  });

  test("Ctrl-C, which npm sends twice, removes the job before the command ends", async () => {
    const { server } = await azure({ fault: "hangs" });
    const running = command({ A2A_TEST_CLOUD: server.url }, inAzure.name, "--inside", CALLER);
    running.child.stderr.on("data", () => {
      // When it is started, and again while it is removed.
      if (/is started(?![\s\S]*is removed\n)/.test(running.said.stderr)) running.child.kill("SIGINT");
    });
    const { code, stderr } = await running.ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /stopping: job '[\w-]+' is removed first …\njob '[\w-]+' is removed\n[\s\S]*somebody stopped it/,
    );
    expect(server.jobs.names).toEqual([]);
  });
});
