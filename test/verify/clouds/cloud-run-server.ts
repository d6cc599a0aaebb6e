import { z } from "zod";
import type { ServiceObject } from "../../../src/google/cloud-run/caller-job";
import { CloudServer, type Question, type Said } from "../../support/cloud-server";
import { type JobFault, JobProgram } from "./job-program";
import { KeptJobs } from "./kept-jobs";

/** @see https://run.googleapis.com/$discovery/rest?version=v2 */
const variable = z.union([
  z.strictObject({ name: z.string().min(1), value: z.string().max(32_768) }),
  z.strictObject({
    name: z.string().min(1),
    valueSource: z.strictObject({
      secretKeyRef: z.strictObject({ secret: z.string(), version: z.string() }),
    }),
  }),
]);
const jobSchema = z.strictObject({
  labels: z.record(z.string().regex(/^(?!goog-|run\.googleapis\.com)/), z.string()),
  binaryAuthorization: z.strictObject({ useDefault: z.boolean() }).optional(),
  template: z.strictObject({
    taskCount: z.literal(1),
    template: z.strictObject({
      serviceAccount: z.string().optional(),
      vpcAccess: z
        .strictObject({
          egress: z.enum(["ALL_TRAFFIC", "PRIVATE_RANGES_ONLY"]),
          networkInterfaces: z.array(z.strictObject({ network: z.string(), subnetwork: z.string() })),
        })
        .optional(),
      encryptionKey: z.string().optional(),
      executionEnvironment: z.enum(["EXECUTION_ENVIRONMENT_GEN1", "EXECUTION_ENVIRONMENT_GEN2"]).optional(),
      maxRetries: z.int(),
      timeout: z.string().regex(/^\d+s$/),
      volumes: z.array(
        z.strictObject({
          name: z.string(),
          secret: z.strictObject({
            secret: z.string(),
            items: z.array(
              z.strictObject({ path: z.string(), version: z.string(), mode: z.int().optional() }),
            ),
          }),
        }),
      ),
      containers: z
        .array(
          z.strictObject({
            image: z.string(),
            command: z.array(z.string()),
            args: z.array(z.string()),
            env: z.array(variable).refine((list) => list.every(({ name }) => name !== "PORT")),
            volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
            resources: z.strictObject({ limits: z.strictObject({ cpu: z.string(), memory: z.string() }) }),
          }),
        )
        .length(1),
    }),
  }),
});

export type SentJob = z.infer<typeof jobSchema>;

const JOB_NAME = /^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/;

export interface CloudRunCloud {
  /** `projects/<project>/locations/<region>` */
  readonly place: string;
  readonly services: Readonly<Record<string, ServiceObject>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly image: string;
  readonly fault?: JobFault;
  /** A right that whoever asks lacks. */
  readonly lacks?: string;
  /** Looks at the log before anything is in it. */
  readonly logDelay?: number;
}

/** Cloud Run and Cloud Logging of one project. */
export class CloudRunServer extends CloudServer {
  readonly jobs: KeptJobs<SentJob>;
  /** Tokens that were shown. */
  readonly tokens = new Set<string | undefined>();
  private logLooks = 0;

  constructor(private readonly cloud: CloudRunCloud) {
    super();
    this.jobs = new KeptJobs({
      schema: jobSchema,
      name: JOB_NAME,
      fault: cloud.fault,
      begin: (sent) => this.begin(sent),
      complain: (about) => this.complain(about),
    });
  }

  override async stop(): Promise<void> {
    this.jobs.end();
    await super.stop();
  }

  protected answer(question: Question): Said {
    const { method, path, token, body } = question;
    if (path.startsWith("/sts/")) {
      return {
        status: 200,
        body: { access_token: "of-the-workflow", token_type: "Bearer", expires_in: 3600 },
      };
    }
    this.tokens.add(token);
    const what = `${method} ${path.replace(`/v2/${this.cloud.place}/`, "")}`;
    const right = rightOf(what);
    if (right === this.cloud.lacks) return forbidden(right, this.cloud.place);
    if (what === "POST /v2/entries:list") return this.log(body);
    const [, kind, name, rest = ""] = /^\w+ (\w+)(?:\/([\w-]+))?(.*)$/.exec(what) ?? [];
    if (kind === "services") return this.service(name);
    if (kind === "operations") return this.operation(name ?? "");
    if (kind === "jobs") return this.job(question, name ?? question.query.get("jobId") ?? "", rest);
    this.complain(`${what} is unknown`);
    return { status: 400 };
  }

  private service(name: string | undefined): Said {
    const { services, place } = this.cloud;
    if (name === undefined) {
      const list = Object.keys(services).map((each) => ({ name: `${place}/services/${each}` }));
      return { status: 200, body: { services: list } };
    }
    const found = services[name];
    return found === undefined ? notFound(name) : { status: 200, body: found };
  }

  private job({ method, body }: Question, name: string, rest: string): Said {
    if (method === "POST" && rest === "") return this.make(name, body);
    if (!this.jobs.has(name)) return notFound(name);
    const path = `${this.cloud.place}/jobs/${name}`;
    switch (`${method} ${rest}`) {
      case "DELETE ":
        this.jobs.remove(name);
        return { status: 200, body: { name: `${this.cloud.place}/operations/delete` } };
      case "POST :run":
        this.jobs.run(name);
        return {
          status: 200,
          body: {
            name: `${this.cloud.place}/operations/run`,
            metadata: { name: `${path}/executions/${name}-1` },
          },
        };
      case `GET /executions/${name}-1`:
        return {
          status: 200,
          body: { name: `${path}/executions/${name}-1`, conditions: [this.condition(name)] },
        };
      default:
        this.complain(`${method} ${rest} of a job is unknown`);
        return { status: 400 };
    }
  }

  private make(name: string, body: unknown): Said {
    const made = { status: 200, body: { name: `${this.cloud.place}/operations/${name}`, done: false } };
    return this.jobs.make(name, body) ?? made;
  }

  private operation(job: string): Said {
    const name = `${this.cloud.place}/operations/${job}`;
    switch (this.jobs.look(job)) {
      case "no such job":
        return notFound(job);
      case "in progress":
        return { status: 200, body: { name } };
      case "done":
        return { status: 200, body: { name, done: true } };
      case "failed": {
        const error = { code: 3, message: "Secret projects/1/secrets/redis was not found" };
        return { status: 200, body: { name, done: true, error } };
      }
    }
  }

  private begin({ template: { template } }: SentJob): JobProgram {
    const [{ command, args, env }] = template.containers as [
      SentJob["template"]["template"]["containers"][number],
    ];
    const variables = env.map((each) => [
      each.name,
      "value" in each
        ? each.value
        : (this.cloud.secrets[each.valueSource.secretKeyRef.secret] ?? "no such secret"),
    ]);
    const program = this.cloud.fault === "fails" ? ["--eval", "throw new Error('no module')"] : args;
    return new JobProgram([...command, ...program], Object.fromEntries(variables), this.cloud.image);
  }

  private condition(name: string): object {
    const { fault } = this.cloud;
    if (fault === "no image")
      return { type: "Completed", state: "CONDITION_FAILED", message: "Image 'node' not found." };
    const exitCode = this.jobs.program(name)?.exitCode;
    if (exitCode === undefined) return { type: "Completed", state: "CONDITION_RECONCILING" };
    return exitCode === 0
      ? { type: "Completed", state: "CONDITION_SUCCEEDED" }
      : { type: "Completed", state: "CONDITION_FAILED", message: `Task exited with ${exitCode}.` };
  }

  /** What Cloud Logging makes of lines: JSON is taken apart, its keys in any order. */
  private log(body: unknown): Said {
    const { resourceNames, filter, ...rest } = body as {
      resourceNames: string[];
      filter: string;
      orderBy: string;
    };
    if (resourceNames[0] !== this.cloud.place.split("/").slice(0, 2).join("/"))
      this.complain(`the log of ${resourceNames}`);
    if (rest.orderBy !== "timestamp asc") this.complain("the log in no order");
    const [, name = ""] = /resource\.labels\.job_name="([^"]+)"/.exec(filter) ?? [];
    if (!filter.includes('resource.type="cloud_run_job"')) this.complain("the log of everything");
    this.logLooks += 1;
    if (this.logLooks <= (this.cloud.logDelay ?? 0)) return { status: 200, body: {} };
    const entries = (this.jobs.program(name)?.lines ?? []).map((line) => {
      if (!line.startsWith("{")) return { textPayload: line };
      return { jsonPayload: Object.fromEntries(Object.entries(JSON.parse(line)).reverse()) };
    });
    return { status: 200, body: { entries } };
  }
}

function rightOf(what: string): string {
  if (what.includes("entries:list")) return "logging.logEntries.list";
  if (what.startsWith("POST jobs/")) return "run.jobs.run";
  if (what.startsWith("POST jobs")) return "run.jobs.create";
  if (what.startsWith("GET services")) return "run.services.get";
  return what;
}

function forbidden(right: string, resource: string): Said {
  const message = `Permission '${right}' denied on resource '${resource}' (or resource may not exist).`;
  return { status: 403, body: { error: { code: 403, status: "PERMISSION_DENIED", message } } };
}

function notFound(name: string): Said {
  return {
    status: 404,
    body: { error: { code: 404, status: "NOT_FOUND", message: `'${name}' was not found.` } },
  };
}
