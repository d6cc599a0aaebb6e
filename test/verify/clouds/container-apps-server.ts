import { z } from "zod";
import type { ContainerAppObject } from "../../../src/azure/container-apps/caller-job";
import { AzureClient } from "../../../src/azure/preflight/azure-client";
import { CloudServer, type Question, type Said } from "../../support/cloud-server";
import { type JobFault, JobProgram } from "./job-program";
import { KeptJobs } from "./kept-jobs";

/** @see https://github.com/Azure/azure-rest-api-specs/tree/main/specification/app/resource-manager/Microsoft.App */
const environmentVariable = z.union([
  z.strictObject({ name: z.string().min(1), value: z.string() }),
  z.strictObject({ name: z.string().min(1), secretRef: z.string().min(1) }),
]);
const jobSchema = z.strictObject({
  location: z.string(),
  tags: z.record(z.string(), z.string()).optional(),
  identity: z
    .strictObject({
      type: z.enum(["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"]),
      userAssignedIdentities: z.record(z.string(), z.strictObject({})),
    })
    .optional(),
  properties: z.strictObject({
    environmentId: z.string().startsWith("/subscriptions/"),
    workloadProfileName: z.string().optional(),
    configuration: z.strictObject({
      triggerType: z.literal("Manual"),
      manualTriggerConfig: z.strictObject({ parallelism: z.int(), replicaCompletionCount: z.int() }),
      replicaTimeout: z.int().positive(),
      replicaRetryLimit: z.int().min(0),
      secrets: z.array(
        z.strictObject({ name: z.string(), keyVaultUrl: z.url(), identity: z.string().min(1) }),
      ),
      registries: z.array(
        z.strictObject({
          server: z.string(),
          identity: z.string().optional(),
          username: z.string().optional(),
          passwordSecretRef: z.string().optional(),
        }),
      ),
    }),
    template: z.strictObject({
      containers: z
        .array(
          z.strictObject({
            name: z.string(),
            image: z.string(),
            command: z.array(z.string()),
            args: z.array(z.string()),
            env: z.array(environmentVariable),
            resources: z.strictObject({ cpu: z.number(), memory: z.string() }),
          }),
        )
        .length(1),
    }),
  }),
});

export type SentJob = z.infer<typeof jobSchema>;

const JOB_NAME = /^(?!.*--)[a-z][a-z0-9-]{0,30}[a-z0-9]$/;
const EXECUTION = "run-1";
const LOG_TOKEN = "only-for-logs";

export interface ContainerAppsCloud {
  readonly group: string;
  readonly apps: Readonly<Record<string, ContainerAppObject>>;
  readonly domain: string;
  /** Values of Key Vault's secrets, by their names. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Folder of the image that jobs run. */
  readonly image: string;
  readonly fault?: JobFault;
  /** A right that whoever asks lacks. */
  readonly lacks?: string;
  /** Whether replicas are shown. */
  readonly hidesReplicas?: boolean;
}

/** Resource Manager and the log streams of one resource group with Container Apps. */
export class ContainerAppsServer extends CloudServer {
  readonly jobs: KeptJobs<SentJob>;

  constructor(private readonly cloud: ContainerAppsCloud) {
    super();
    this.jobs = new KeptJobs({
      schema: jobSchema,
      name: JOB_NAME,
      fault: cloud.fault,
      begin: (sent) => this.begin(sent),
      complain: (about) => this.complain(about),
    });
  }

  client(): AzureClient {
    const getToken = async () => ({ token: "of-the-deployer" });
    return new AzureClient(
      { getToken },
      { management: this.url, registry: () => this.url, blobs: () => this.url },
    );
  }

  override async stop(): Promise<void> {
    this.jobs.end();
    await super.stop();
  }

  protected answer(question: Question): Said {
    const { method, path, query, token } = question;
    if (path.startsWith("/logs/")) return this.log(question);
    if (token !== "of-the-deployer") this.complain(`${path} with the token '${token}'`);
    if (path.startsWith("/operations/")) return this.operation(path.split("/")[2] as string);
    const isOfLogs = /\/(?:replicas|getAuthToken)$/.test(path);
    const version = query.get("api-version");
    if (version !== (isOfLogs ? "2023-11-02-preview" : "2025-07-01"))
      this.complain(`${path} has no version ${version}`);
    const below = path.replace(`${this.cloud.group}/providers/Microsoft.App/`, "");
    const [kind, name = "", ...rest] = below.split("/");
    const right = rightOf(method, kind ?? "", rest);
    if (right === this.cloud.lacks) return forbidden(right, path);
    if (kind === "containerApps") return this.app(name);
    if (kind === "managedEnvironments")
      return { status: 200, body: { properties: { defaultDomain: this.cloud.domain } } };
    if (kind === "jobs") return this.job(question, name, rest);
    this.complain(`${method} ${path} is unknown`);
    return { status: 400 };
  }

  private app(name: string): Said {
    const { apps } = this.cloud;
    if (name === "")
      return { status: 200, body: { value: Object.keys(apps).map((each) => ({ name: each })) } };
    const app = apps[name];
    return app === undefined ? notFound(name) : { status: 200, body: app };
  }

  private job({ method, body }: Question, name: string, rest: readonly string[]): Said {
    if (method === "PUT" && rest.length === 0) return this.make(name, body);
    if (!this.jobs.has(name)) return method === "DELETE" ? { status: 204 } : notFound(name);
    const what = `${method} ${rest.join("/")}`;
    switch (what) {
      case "DELETE ":
        this.jobs.remove(name);
        return { status: 202 };
      case "POST start":
        this.jobs.run(name);
        return { status: 202, body: { id: "…", name: EXECUTION } };
      case `GET executions/${EXECUTION}`:
        return {
          status: 200,
          body: { name: EXECUTION, properties: { status: stateOf(this.jobs.program(name)) } },
        };
      case `GET executions/${EXECUTION}/replicas`:
        return { status: 200, body: { value: this.cloud.hidesReplicas ? [] : [this.replica(name)] } };
      case "POST getAuthToken":
        return { status: 200, body: { properties: { token: LOG_TOKEN } } };
      default:
        this.complain(`${what} of a job is unknown`);
        return { status: 400 };
    }
  }

  private make(name: string, body: unknown): Said {
    const refusal = this.jobs.make(name, body);
    if (refusal !== undefined) return refusal;
    const headers = { "azure-asyncoperation": `${this.url}/operations/${name}?api-version=2025-07-01` };
    const made = { ...(body as SentJob), properties: { provisioningState: "InProgress" } };
    return { status: 201, headers, body: made };
  }

  private operation(name: string): Said {
    switch (this.jobs.look(name)) {
      case "no such job":
        return notFound(name);
      case "in progress":
        return { status: 200, body: { status: "InProgress" } };
      case "done":
        return { status: 200, body: { status: "Succeeded" } };
      case "failed": {
        const error = {
          code: "ContainerAppSecretRefNotFound",
          message: "Secret 'task-store' can't be read",
        };
        return { status: 200, body: { status: "Failed", error } };
      }
    }
  }

  private begin({ properties }: SentJob): JobProgram {
    const [{ command, args, env }] = properties.template.containers as [
      SentJob["properties"]["template"]["containers"][number],
    ];
    const secrets = new Map(
      properties.configuration.secrets.map(({ name, keyVaultUrl }) => [
        name,
        keyVaultUrl.split("/").at(-1) ?? "",
      ]),
    );
    const variables = env.map((variable) => [
      variable.name,
      "value" in variable
        ? variable.value
        : (this.cloud.secrets[secrets.get(variable.secretRef) ?? "none"] ?? "no such secret"),
    ]);
    const program = this.cloud.fault === "fails" ? ["--eval", "console.error('Cannot find module')"] : args;
    return new JobProgram([...command, ...program], Object.fromEntries(variables), this.cloud.image);
  }

  private replica(name: string): object {
    const program = this.jobs.program(name);
    const details = this.cloud.fault === "no image" ? { runningStateDetails: "ImagePullBackOff" } : {};
    const stream = program === undefined ? {} : { logStreamEndpoint: `${this.url}/logs/${name}` };
    return { name: "run-1-abcde", properties: { containers: [{ name: "verify", ...details, ...stream }] } };
  }

  private log({ path, query, token }: Question): Said {
    if (token !== LOG_TOKEN) this.complain("a log is read with another token than the one for that");
    if (Number(query.get("tailLines")) > 300) this.complain("more than 300 lines are asked for");
    const lines = this.jobs.program(path.split("/")[2] ?? "")?.lines ?? [];
    const said = lines.map((line) =>
      JSON.stringify({ TimeStamp: "2026-11-22T08:00:00.1+00:00", Log: `F ${line}` }),
    );
    return { status: 200, body: ["Connecting to the container 'verify'...", ...said, ""].join("\n") };
  }
}

function stateOf(program: JobProgram | undefined): string {
  if (program === undefined) return "Running";
  if (program.exitCode === undefined) return "Running";
  return program.exitCode === 0 ? "Succeeded" : "Failed";
}

function rightOf(method: string, kind: string, rest: readonly string[]): string {
  if (method === "POST") return `Microsoft.App/${kind}/${rest.at(-1)}/action`;
  const action = { GET: "read", PUT: "write", DELETE: "delete" }[method];
  return `Microsoft.App/${[kind, ...rest.filter((_, index) => index % 2 === 0)].join("/")}/${action}`;
}

function forbidden(right: string, scope: string): Said {
  const message =
    "The client 'ci@acme.test' with object id '33333333-3333-4333-8333-333333333333' does not have authorization to " +
    `perform action '${right}' over scope '${scope}' or the scope is invalid.`;
  return { status: 403, body: { error: { code: "AuthorizationFailed", message } } };
}

function notFound(name: string): Said {
  return { status: 404, body: { error: { code: "ResourceNotFound", message: `'${name}' was not found.` } } };
}
