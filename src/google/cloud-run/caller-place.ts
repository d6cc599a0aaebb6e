import type { Environment } from "../../environment/environment";
import {
  askByJob,
  callerJobName,
  type ICallerPlace,
  insideRefusal,
  isFailure,
  isRefusal,
  lastOf,
  noSuchCaller,
  type Patience,
  type Waiting,
} from "../../verify/caller-place";
import { googleNames } from "../facts/google-names";
import type { GoogleSettings } from "../facts/google-settings";
import type { GoogleAnswer, GoogleClient } from "../google-client";
import { callerJob, type ServiceObject } from "./caller-job";

/** Looks for which a job that ended may still be silent, by how: what it said is in the log some seconds later. */
const LOOKS_AFTER: Readonly<Record<string, number>> = {
  CONDITION_SUCCEEDED: 30,
  // Who never began says nothing later.
  CONDITION_FAILED: 10,
};

/** @see https://cloud.google.com/run/docs/create-jobs */
const LONGEST_NAME = 49;

/**
 * Where a caller on Cloud Run is.
 *
 * @throws FleetError when there is no such service
 */
export async function callerOnCloudRun(
  environment: Environment,
  caller: string,
  login: (projectId: string) => Promise<GoogleClient>,
  patience: Patience,
): Promise<ICallerPlace> {
  const { google } = environment;
  if (google === undefined) throw new Error(`environment '${environment.name}' has nothing on Google`);
  const client = await login(google.projectId);
  const service = await findService(environment, google, caller, client);
  return {
    facts: {},
    job: (program) => callerJob(service, program),
    ask: (program, read) => {
      const name = callerJobName(googleNames(environment).service(caller), LONGEST_NAME, new Date());
      return new CallerJob(google, name, accountOf(service), client, patience).ask(
        callerJob(service, program),
        read,
      );
    },
  };
}

/** A job of one project and region, from its making to its removal. */
class CallerJob {
  private readonly path: string;
  private readonly named: string;

  constructor(
    private readonly google: GoogleSettings,
    private readonly name: string,
    private readonly account: string,
    private readonly client: GoogleClient,
    private readonly patience: Patience,
  ) {
    this.path = `${placeOf(google)}/jobs/${name}`;
    this.named = `job '${name}'`;
  }

  ask<T>(job: object, read: (lines: readonly string[]) => T | undefined): Promise<T> {
    const { projectId, region } = this.google;
    return askByJob(this.patience, {
      named: this.named,
      where: projectId,
      make: (waiting) => this.make(job, waiting),
      start: () => this.start(),
      follow: (execution, waiting) => this.follow(execution, read, waiting),
      remove: () => this.remove(),
      byHand: `gcloud run jobs delete ${this.name} --quiet --region ${region} --project ${projectId}`,
    });
  }

  private async make(job: object, waiting: Waiting): Promise<void> {
    const made = await this.client.run("POST", `${placeOf(this.google)}/jobs?jobId=${this.name}`, job);
    const refusal = "Cloud Run takes no such job";
    for (let answer = made; ; await waiting.next()) {
      if (isFailure(answer.status)) throw this.refused(answer, refusal);
      const { done, error, name } = answer.body;
      if (error !== undefined) throw this.refused({ status: statusOf(error), body: { error } }, refusal);
      if (done === true) return;
      answer = await this.client.run("GET", name);
    }
  }

  private async start(): Promise<string> {
    const answer = await this.client.run("POST", `${this.path}:run`, {});
    if (isFailure(answer.status)) throw this.refused(answer, `${this.named} can't be started`);
    // Who began an operation is told what it is about.
    return answer.body.metadata.name;
  }

  private async follow<T>(
    execution: string,
    read: (lines: readonly string[]) => T | undefined,
    waiting: Waiting,
  ): Promise<T> {
    const { projectId } = this.google;
    const filter = [
      'resource.type="cloud_run_job"',
      `resource.labels.job_name="${this.name}"`,
      // Without a beginning the whole log is looked through.
      `timestamp>="${new Date(Date.now() - 600_000).toISOString()}"`,
    ].join(" AND ");
    for (let looksAfterEnd = 0; ; await waiting.next()) {
      // Its state first: a job that had ended before its log was read will say no more than is on its way.
      const state = await this.client.run("GET", execution);
      if (isRefusal(state.status)) throw this.refused(state, `${this.named} can't be followed`);
      const log = await this.client.logEntries(projectId, filter);
      if (isRefusal(log.status)) throw this.refused(log, `what ${this.named} says can't be read`);
      const lines = ((log.body.entries ?? []) as Entry[]).map(textOf);
      const results = read(lines);
      if (results !== undefined) return results;
      const completed = ((state.body.conditions ?? []) as Condition[]).find(
        ({ type }) => type === "Completed",
      );
      const looks = LOOKS_AFTER[completed?.state ?? ""];
      if (looks === undefined) continue;
      looksAfterEnd += 1;
      if (looksAfterEnd > looks) throw this.silent(completed, lines);
    }
  }

  private silent(completed: Condition | undefined, lines: readonly string[]) {
    const why = completed?.message === undefined ? "" : ` (${completed.message})`;
    return insideRefusal(
      "verify-inside-is-answered",
      `${this.named} ended${why} and did not say what came of it: ${lastOf(lines)}; ` +
        "where a sink keeps what jobs say out of the project's log, let it through",
    );
  }

  private async remove(): Promise<boolean> {
    const answer = await this.client.run("DELETE", this.path);
    if (answer.status === 404) return false;
    if (isFailure(answer.status)) throw new Error(messageOf(answer));
    return true;
  }

  private refused(answer: GoogleAnswer, what: string) {
    return refused(this.google, answer, what, this.account);
  }
}

interface Condition {
  readonly type: string;
  readonly state?: string;
  readonly message?: string;
}

/** What a log makes of a line: JSON is taken apart. */
interface Entry {
  readonly textPayload?: string;
  readonly jsonPayload?: object;
}

function textOf({ textPayload, jsonPayload }: Entry): string {
  return textPayload ?? JSON.stringify(jsonPayload ?? {});
}

async function findService(
  environment: Environment,
  google: GoogleSettings,
  caller: string,
  client: GoogleClient,
): Promise<ServiceObject> {
  const names = googleNames(environment);
  const name = names.service(caller);
  const services = `${placeOf(google)}/services`;
  const answer = await client.run("GET", `${services}/${name}`);
  if (answer.status === 200) return answer.body;
  if (answer.status !== 404) throw refused(google, answer, `service '${name}' can't be read`);
  const others = await client.run("GET", services);
  const there: string[] =
    others.status === 200
      ? (others.body.services ?? []).map((each: { name: string }) => each.name.split("/").at(-1))
      : [];
  throw noSuchCaller(
    `service '${name}' in project '${google.projectId}', region ${google.region}`,
    name,
    there,
    environment.name,
  );
}

function placeOf({ projectId, region }: GoogleSettings): string {
  return `projects/${projectId}/locations/${region}`;
}

function accountOf({ template }: ServiceObject): string {
  return template.serviceAccount ?? "<the caller's service account>";
}

/** What an operation's error would be as an answer's status. @see https://cloud.google.com/apis/design/errors */
function statusOf({ code }: { readonly code?: number }): number {
  const PERMISSION_DENIED = 7;
  return code === PERMISSION_DENIED ? 403 : 400;
}

/** What Google refuses, and which role lets somebody do it. */
function refused({ projectId }: GoogleSettings, answer: GoogleAnswer, what: string, account = "") {
  const said = messageOf(answer);
  if (answer.status !== 403) return insideRefusal("verify-inside-has-a-job", `${what}: ${said}`);
  // "Permission 'run.jobs.create' denied on resource '…' (or resource may not exist)."
  const [, right = ""] = /[Pp]ermission '([^']+)'/.exec(said) ?? [];
  return insideRefusal(
    "verify-inside-is-allowed",
    `${what}: you may not (${said.split("\n")[0]}); ${roleFor(right, projectId, account)}`,
  );
}

function roleFor(right: string, projectId: string, account: string): string {
  if (right.endsWith("actAs"))
    return (
      "the role 'roles/iam.serviceAccountUser' on the caller's account lets you: " +
      `gcloud iam service-accounts add-iam-policy-binding ${account} --project ${projectId} --member user:<you> --role roles/iam.serviceAccountUser`
    );
  const role = right.startsWith("logging.") ? "roles/logging.viewer" : "roles/run.developer";
  return `the role '${role}' lets you: gcloud projects add-iam-policy-binding ${projectId} --member user:<you> --role ${role}`;
}

function messageOf({ status, body }: GoogleAnswer): string {
  return body?.error?.message ?? `Google answers ${status}`;
}
