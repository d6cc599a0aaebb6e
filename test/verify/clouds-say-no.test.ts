import { expect, onTestFinished, test } from "vitest";
import { callerOnContainerApps } from "../../src/azure/container-apps/caller-place";
import { AzureClient } from "../../src/azure/preflight/azure-client";
import { callerOnCloudRun } from "../../src/google/cloud-run/caller-place";
import { GoogleClient } from "../../src/google/google-client";
import type { ICallerPlace, Patience } from "../../src/verify/caller-place";
import type { Said } from "../support/cloud-server";
import { onGoogle } from "../support/fleet-on-google";
import { environment } from "../support/sample-fleet";
import { type Script, ScriptedServer } from "./clouds/scripted-server";

// What somebody is told, whole, when a cloud doesn't do as it was asked: at each question, by each kind of answer.

const program = { image: "registry.example/typescript:1.0.0", command: ["node"], variables: {} };

/** What came of asking in a caller's place, and what was told meanwhile; a job's name is without its time. */
interface Outcome {
  readonly server: ScriptedServer;
  readonly came: unknown;
  readonly told: readonly string[];
  /** Where the caller is, if it was found. */
  readonly place: ICallerPlace | undefined;
}

interface Cloud {
  readonly script: Script;
  readonly run: (script: Script, caller?: string) => Promise<Outcome>;
}

const ok = (body: object = {}): Said => ({ status: 200, body });
const no = (status: number, message?: string): Said => ({
  status,
  body: message === undefined ? {} : { error: { message } },
});

const group = `/subscriptions/${environment.azure?.subscriptionId}/resourceGroups`;
const may = (right: string, scope = `${group}/rg-acme-test/providers/Microsoft.App/jobs/1`) =>
  no(
    403,
    `The client 'ci' with object id '4-4' does not have authorization to perform action '${right}' over scope '${scope}'.`,
  );

const app = {
  location: "West Europe",
  properties: { environmentId: "/subscriptions/1/cae", template: { containers: [{ name: "desk" }] } },
};

const replicas = (details: object) => ok({ value: [{ properties: { containers: [details] } }] });
const log = (...lines: string[]): Said => ({
  status: 200,
  body: ["Connecting...", ...lines.map((line) => JSON.stringify({ TimeStamp: "…", Log: line }))].join("\n"),
});

const containerApps: Cloud = {
  script: {
    "GET /containerApps": ok({ value: [{ name: "dusk" }, { name: "billing" }] }),
    "GET /containerApps/desk": ok(app),
    "GET /subscriptions/1/cae": ok({ properties: { defaultDomain: "blue.azurecontainerapps.io" } }),
    "PUT /jobs/<job>": ok({ properties: { provisioningState: "InProgress" } }),
    "GET /jobs/<job>": [
      ok({ properties: { provisioningState: "InProgress" } }),
      ok({ properties: { provisioningState: "Succeeded" } }),
    ],
    "POST /jobs/<job>/start": { status: 202, body: { name: "run-1" } },
    "GET /jobs/<job>/executions": ok({ value: [{ name: "run-1" }, { name: "run-0" }] }),
    "GET /executions/run-1": ok({ properties: { status: "Running" } }),
    "GET /executions/run-1/replicas": replicas({ name: "verify", logStreamEndpoint: "<here>/stream" }),
    "POST /jobs/<job>/getAuthToken": ok({ properties: { token: "of-the-log" } }),
    "GET /stream": log("F RESULT"),
    "DELETE /jobs/<job>": { status: 202 },
  },
  run: (script, caller = "desk") =>
    outcome(script, (server, patience) => {
      const client = new AzureClient(
        { getToken: async () => ({ token: "mine" }) },
        { management: server.url, registry: () => server.url, blobs: () => server.url },
      );
      return callerOnContainerApps(environment, caller, client, patience);
    }),
};

const completed = (state: string, message?: string) =>
  ok({ conditions: [{ type: "Started" }, { type: "Completed", state, message }] });

const cloudRun: Cloud = {
  script: {
    "GET /services": ok({ services: [{ name: "projects/1/services/trial-dusk" }] }),
    "GET /services/trial-desk": ok({ template: { serviceAccount: "desk@acme", containers: [{}] } }),
    "POST /jobs": ok({ name: "projects/1/operations/make" }),
    "GET /operations/make": [ok({ name: "projects/1/operations/make" }), ok({ done: true })],
    "POST /jobs/<job>:run": ok({ metadata: { name: "projects/1/executions/run-1" } }),
    "GET /executions/run-1": completed("CONDITION_RECONCILING"),
    "POST /entries:list": ok({ entries: [{ textPayload: "RESULT" }] }),
    "DELETE /jobs/<job>": ok(),
  },
  run: (script, caller = "desk") =>
    outcome(script, (server, patience) => {
      const client = new GoogleClient(async () => "mine", { run: server.url, logging: server.url });
      return callerOnCloudRun(onGoogle, caller, async () => client, patience);
    }),
};

async function outcome(
  script: Script,
  findPlace: (server: ScriptedServer, patience: Patience) => Promise<ICallerPlace>,
): Promise<Outcome> {
  const server = new ScriptedServer(script);
  await server.start();
  onTestFinished(() => server.stop());
  const told: string[] = [];
  const patience = { tell: (text: string) => void told.push(unnamed(text)), pauseMs: 1, longestMs: 5000 };
  let place: ICallerPlace | undefined;
  const came = await findPlace(server, patience)
    .then((found) => {
      place = found;
      return found.ask(program, (lines) => lines.find((line) => line === "RESULT"));
    })
    .catch((error: Error) => unnamed(error.message));
  expect(server.complaints).toEqual([]);
  expect(came, "no cloud here is silent for so long").not.toMatch(/said nothing for/);
  return { server, came, told, place };
}

const unnamed = (text: string) => text.replaceAll(/-verify-\w+/g, "-verify-…");

/** What came of each change of the script that leads to a result otherwise. */
async function writeOutcomes(cloud: Cloud, cases: Readonly<Record<string, Script>>): Promise<string> {
  const texts: string[] = [];
  for (const [title, change] of Object.entries(cases)) {
    const { came, told, server } = await cloud.run({ ...change, ...rest(cloud.script, change) });
    const looks = server.count("GET /executions/run-1");
    texts.push(
      [
        `# ${title}`,
        String(came),
        ...told.map((text) => `> ${text}`),
        ...(looks === 0 ? [] : [`looks: ${looks}`]),
        "",
      ].join("\n"),
    );
  }
  return texts.join("\n");
}

/** What is changed is looked for first. */
function rest(script: Script, change: Script): Script {
  return Object.fromEntries(Object.entries(script).filter(([what]) => !(what in change)));
}

const unmade = (said: Said) => ({ "PUT /jobs/<job>": said, "DELETE /jobs/<job>": { status: 204 } });
const silent = {
  "GET /stream": log("F STUFF and more", "P and the rest", "OF its own"),
  "GET /executions/run-1": [],
};
const ends = (status: string) => ({ ...silent, "GET /executions/run-1": ok({ properties: { status } }) });
const longSilent = [...Array(10).fill(log("F not yet")), log("F RESULT")];

test("what is told of what Azure says", async () => {
  const text = await writeOutcomes(containerApps, {
    "all goes well": {},
    "there is no such app": { "GET /containerApps/desk": no(404) },
    "there is no app at all": { "GET /containerApps/desk": no(404), "GET /containerApps": no(403) },
    "apps can't be looked at": { "GET /containerApps/desk": may("Microsoft.App/containerApps/read") },
    "the app is moved": { "GET /containerApps/desk": no(300) },
    "its environment is another group's": {
      "GET /subscriptions/1/cae": may("Microsoft.App/managedEnvironments/read", `${group}/rg-shared/x`),
    },
    "its environment is busy": { "GET /subscriptions/1/cae": { status: 429, body: { message: "Later" } } },
    "its environment isn't told yet": { "GET /subscriptions/1/cae": { status: 201 } },
    "jobs can't be made": unmade(may("Microsoft.App/jobs/write")),
    "nobody knows who asks for what": unmade(no(403, "Forbidden")),
    "its identity can't be given to others": unmade(
      may("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"),
    ),
    "its identity can't be read": unmade(may("Microsoft.ManagedIdentity/userAssignedIdentities/read")),
    "its environment can't be joined": unmade(may("Microsoft.App/managedEnvironments/join/action")),
    "it is made at once": { "PUT /jobs/<job>": ok({ properties: { provisioningState: "Succeeded" } }) },
    "an operation makes it": {
      "PUT /jobs/<job>": {
        status: 201,
        headers: { "azure-asyncoperation": "<here>/operations/1" },
        body: { properties: { provisioningState: "InProgress" } },
      },
      "GET /operations/1": [ok({ status: "SucceededInPart" }), ok({ status: "succeeded" })],
      "GET /jobs/<job>": [],
    },
    "it can't be made": { "GET /jobs/<job>": ok({ status: "Failed", error: { message: "no secret" } }) },
    "its making is stopped": { "GET /jobs/<job>": ok({ properties: { provisioningState: "Canceled" } }) },
    "its making is lost": { "GET /jobs/<job>": no(300) },
    "it can't be started": { "POST /jobs/<job>/start": no(300) },
    "its start doesn't say which execution it is": { "POST /jobs/<job>/start": { status: 202 } },
    "its execution isn't there yet": {
      "GET /executions/run-1": [no(404), no(500), ok({ properties: { status: "Running" } })],
      "GET /stream": [log("F not yet"), log("F not yet"), log("F RESULT")],
    },
    "its execution can't be read": { "GET /executions/run-1": may("Microsoft.App/jobs/executions/read") },
    "its replicas can't be read": { "GET /executions/run-1/replicas": may("Microsoft.App/jobs/read") },
    "its log is nobody's to read": { "POST /jobs/<job>/getAuthToken": no(300) },
    "its log isn't there yet": { "GET /stream": [{ ...log("F RESULT"), status: 201 }, log("F RESULT")] },
    "its image is missing": {
      "GET /executions/run-1/replicas": replicas({
        name: "verify",
        runningStateDetails: "ErrImagePull: node",
      }),
    },
    "another container's image is missing": {
      "GET /executions/run-1/replicas": [
        replicas({ name: "sidecar", runningStateDetails: "ErrImagePull: node" }),
        replicas({ name: "verify", logStreamEndpoint: "<here>/stream" }),
      ],
    },
    "nothing of it is seen": { ...ends("Failed"), "GET /executions/run-1/replicas": ok() },
    "it says nothing": { ...ends("Succeeded"), "GET /stream": log() },
    "it speaks late": { ...ends("Succeeded"), "GET /stream": longSilent },
    "it speaks too late": { ...ends("Succeeded"), "GET /stream": [log("F not yet"), ...longSilent] },
    "it fails": ends("Failed"),
    "it is stopped": ends("Stopped"),
    "it is ill": ends("Degraded"),
    "somebody removed it": { "DELETE /jobs/<job>": no(404) },
    "it was removed already": { "DELETE /jobs/<job>": { status: 204 } },
    "it can't be removed": { "DELETE /jobs/<job>": no(300) },
  });
  await expect(text).toMatchFileSnapshot("__snapshots__/what-azure-says.txt");
});

test("what is told of what Google says", async () => {
  const denied = (right: string) => no(403, `Permission '${right}' denied on resource '…'.\nSee the docs.`);
  const said = (...entries: object[]) => ok({ entries });
  const ends = (state: string, message?: string) => ({ "GET /executions/run-1": completed(state, message) });
  const late = (looks: number) => ({
    "POST /entries:list": [...Array(looks).fill(ok()), said({ textPayload: "RESULT" })],
  });
  const text = await writeOutcomes(cloudRun, {
    "all goes well": {},
    "there is no such service": { "GET /services/trial-desk": no(404) },
    "there is no service at all": { "GET /services/trial-desk": no(404), "GET /services": ok() },
    "services can't be told": { "GET /services/trial-desk": no(404), "GET /services": no(403) },
    "services can't be looked at": { "GET /services/trial-desk": denied("run.services.get") },
    "the service is moved": { "GET /services/trial-desk": no(300) },
    "jobs can't be made": { "POST /jobs": denied("run.jobs.create"), "DELETE /jobs/<job>": no(404) },
    "its account is nobody's to use": { "POST /jobs": denied("iam.serviceaccounts.actAs") },
    "its service has no account of its own": {
      "GET /services/trial-desk": ok({ template: { containers: [{}] } }),
      "POST /jobs": denied("iam.serviceaccounts.actAs"),
    },
    "the end of a right is another's": { "POST /jobs": denied("iam.serviceaccounts.actAsMember") },
    "nobody knows what is lacking": { "POST /jobs": no(403, "Forbidden"), "DELETE /jobs/<job>": no(404) },
    "it can't be made": {
      "GET /operations/make": ok({ done: true, error: { code: 3, message: "no secret" } }),
    },
    "it may not be made": {
      "GET /operations/make": ok({ error: { code: 7, message: "permission 'run.jobs.create' denied" } }),
    },
    "its making is lost": { "GET /operations/make": no(300) },
    "it can't be started": { "POST /jobs/<job>:run": no(300) },
    "its execution isn't there yet": {
      "GET /executions/run-1": [no(404), no(500), completed("CONDITION_RECONCILING")],
      ...late(2),
    },
    "its execution can't be read": { "GET /executions/run-1": denied("run.executions.get") },
    "the log can't be read": { "POST /entries:list": denied("logging.logEntries.list") },
    "it says JSON": {
      ...ends("CONDITION_FAILED", "Task exited with 1."),
      "POST /entries:list": said({ jsonPayload: { check: "ready" } }, {}, { textPayload: "and more" }),
    },
    "it says nothing": { ...ends("CONDITION_SUCCEEDED"), "POST /entries:list": ok() },
    "it speaks late": { ...ends("CONDITION_SUCCEEDED"), ...late(30) },
    "it speaks too late": { ...ends("CONDITION_SUCCEEDED"), ...late(31) },
    "it fails, and speaks late": { ...ends("CONDITION_FAILED"), ...late(10) },
    "it fails, and speaks too late": { ...ends("CONDITION_FAILED"), ...late(11) },
    "it is started, which is no end": {
      "GET /executions/run-1": ok({ conditions: [{ type: "Started", state: "CONDITION_FAILED" }] }),
      ...late(15),
    },
    "somebody removed it": { "DELETE /jobs/<job>": no(404) },
    "it can't be removed": { "DELETE /jobs/<job>": no(300) },
  });
  await expect(text).toMatchFileSnapshot("__snapshots__/what-google-says.txt");
});

test.each([
  ["Azure", containerApps, { containerAppsDomain: "blue.azurecontainerapps.io" }],
  ["Google", cloudRun, {}],
])("what %s alone knows is told, and which job it would be asked for", async (_title, cloud, facts) => {
  const { server, place } = await cloud.run(cloud.script);
  expect(place?.facts).toEqual(facts);
  const sent = server.questions.find(({ path, method }) => method !== "GET" && path.includes("/jobs"));
  expect(place?.job(program)).toEqual(sent?.body);
});

test.each([
  ["Azure", containerApps],
  ["Google", cloudRun],
])("what %s is asked, in which order, version and name", async (_title, cloud) => {
  const { server } = await cloud.run(cloud.script);
  const asked = server.questions.map(({ method, path, query, token }) =>
    unnamed(`${method} ${path} ${query} as ${token}`),
  );
  expect(asked).toMatchSnapshot();
});

test("a log is read from before the job was made, of that job alone", async () => {
  const began = Date.now();
  const { server } = await cloudRun.run(cloudRun.script);
  const asked = server.questions.find(({ path }) => path.endsWith("entries:list"));
  const { filter = "" } = (asked?.body ?? {}) as { filter?: string };
  const [, job = "", since = ""] =
    /^resource\.type="cloud_run_job" AND resource\.labels\.job_name="([^"]+)" AND timestamp>="([^"]+)"$/.exec(
      filter,
    ) ?? [];
  expect(server.asked.filter((each) => each.endsWith(`/${job}:run`))).toHaveLength(1);
  expect(new Date(since).getTime()).toBeLessThan(began);
});

test.each([
  ["Azure", containerApps, 32, "GET /containerApps/"],
  ["Google", cloudRun, 49, "GET /services/trial-"],
])("however long a caller's name is, %s takes the job's", async (_title, cloud, most, find) => {
  const caller = "a".repeat(63);
  const found = Object.values(cloud.script)[1] as Said;
  const { server, came } = await cloud.run({ ...cloud.script, [`${find}${caller}`]: found }, caller);
  expect(came).toBe("RESULT");
  const [, job = ""] =
    /([\w-]+-verify-\w+)/.exec(server.asked.find((each) => each.startsWith("DELETE")) ?? "") ?? [];
  expect(job).toHaveLength(most);
});
