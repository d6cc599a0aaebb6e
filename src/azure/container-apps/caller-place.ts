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
import type { Answer, AzureClient } from "../preflight/azure-client";
import { type AzureFacts, azureFacts } from "../preflight/environment-facts";
import { CALLER_CONTAINER, type ContainerAppObject, callerJob } from "./caller-job";

/** The version that the provider uses which makes the apps. */
const API = "2025-07-01";
/** The only one that has the replicas of a job's execution and the token for what they say. */
const LOGS_API = "2023-11-02-preview";

/** Looks for which a job that ended may still be silent: what it said is shown for two minutes and a half. */
const LOOKS_AFTER_END = 10;

/** States in which an execution does nothing any more. */
const ENDS: readonly string[] = ["Failed", "Stopped", "Degraded", "Succeeded"];

const IMAGE_IS_MISSING = /ImagePull|ErrImage|InvalidImageName|CreateContainer/i;

interface Replica {
  readonly properties?: {
    readonly containers?: readonly {
      readonly name?: string;
      readonly logStreamEndpoint?: string;
      readonly runningStateDetails?: string;
    }[];
  };
}

/**
 * Where a caller on Container Apps is.
 *
 * @throws FleetError when there is no such app, or a job can't do as it does
 */
export async function callerOnContainerApps(
  environment: Environment,
  caller: string,
  client: AzureClient,
  patience: Patience,
): Promise<ICallerPlace> {
  const facts = azureFacts(environment);
  if (facts === undefined) throw new Error(`environment '${environment.name}' has nothing in Azure`);
  const app = await findApp(facts, caller, client);
  if (app.properties.configuration?.dapr?.enabled)
    throw insideRefusal("verify-inside-has-the-callers-way", noSidecar(facts, caller));
  const { status, body } = await client.manage(app.properties.environmentId, API);
  if (status !== 200) throw refused(facts, status, body, "its Container Apps environment can't be read");
  return {
    facts: { containerAppsDomain: body.properties.defaultDomain },
    job: (program) => callerJob(caller, app, program),
    ask: (program, read) => {
      const name = callerJobName(caller, LONGEST_NAME, new Date());
      const job = new CallerJob(facts, name, client, patience);
      return job.ask(callerJob(caller, app, program), read);
    },
  };
}

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftapp */
const LONGEST_NAME = 32;

/** A job of one environment's resource group, from its making to its removal. */
class CallerJob {
  private readonly path: string;
  private readonly named: string;

  constructor(
    private readonly facts: AzureFacts,
    private readonly name: string,
    private readonly client: AzureClient,
    private readonly patience: Patience,
  ) {
    this.path = `${groupOf(facts)}/providers/Microsoft.App/jobs/${name}`;
    this.named = `job '${name}'`;
  }

  ask<T>(job: object, read: (lines: readonly string[]) => T | undefined): Promise<T> {
    const { resourceGroup, azure } = this.facts;
    return askByJob(this.patience, {
      named: this.named,
      where: resourceGroup,
      make: (waiting) => this.make(job, waiting),
      start: () => this.start(),
      follow: (execution, waiting) => this.follow(execution, read, waiting),
      remove: () => this.remove(),
      byHand: `az containerapp job delete --yes --name ${this.name} --resource-group ${resourceGroup} --subscription ${azure.subscriptionId}`,
    });
  }

  private async make(job: object, waiting: Waiting): Promise<void> {
    const made = await this.client.change("PUT", this.path, API, job);
    for (let answer = made; ; await waiting.next()) {
      const { status, body } = answer;
      if (isFailure(status)) throw refused(this.facts, status, body, "Container Apps takes no such job");
      const state = String(body.status ?? body.properties?.provisioningState).toLowerCase();
      if (state === "succeeded") return;
      if (state === "failed" || state === "canceled")
        throw refused(this.facts, status, body, `${this.named} could not be made`);
      answer =
        made.operation === undefined
          ? await this.client.manage(this.path, API)
          : await this.client.progress(made.operation);
    }
  }

  private async start(): Promise<string> {
    const { status, body } = await this.client.change("POST", `${this.path}/start`, API);
    if (isFailure(status)) throw refused(this.facts, status, body, `${this.named} can't be started`);
    if (typeof body.name === "string") return body.name;
    const { body: list } = await this.client.manage(`${this.path}/executions`, API);
    return list.value[0].name;
  }

  private async follow<T>(
    execution: string,
    read: (lines: readonly string[]) => T | undefined,
    waiting: Waiting,
  ): Promise<T> {
    const path = `${this.path}/executions/${execution}`;
    let token: string | undefined;
    let lines: readonly string[] = [];
    let looksAfterEnd = 0;
    for (;;) {
      // Its state first: a job that had ended before its log was read will say no more.
      const { status, body } = await this.client.manage(path, API);
      if (isRefusal(status)) throw refused(this.facts, status, body, `${this.named} can't be followed`);
      const { status: state } = body.properties ?? {};
      const replicas = await this.client.manage(`${path}/replicas`, LOGS_API);
      if (isRefusal(replicas.status))
        throw refused(this.facts, replicas.status, replicas.body, `what ${this.named} says can't be read`);
      const container = ((replicas.body.value ?? []) as Replica[])
        .flatMap(({ properties }) => properties?.containers ?? [])
        .find(({ name }) => name === CALLER_CONTAINER);
      const { logStreamEndpoint, runningStateDetails = "" } = container ?? {};
      if (logStreamEndpoint !== undefined) {
        token ??= await this.logToken();
        const log = await this.client.log(logStreamEndpoint, token);
        if (log.status === 200) lines = log.lines.map(textOf);
        const results = read(lines);
        if (results !== undefined) return results;
      }
      if (IMAGE_IS_MISSING.test(runningStateDetails))
        throw insideRefusal("verify-inside-is-answered", `${this.named} can't begin: ${runningStateDetails}`);
      if (ENDS.includes(state)) {
        looksAfterEnd += 1;
        if (looksAfterEnd > LOOKS_AFTER_END) throw this.silent(state, lines, container !== undefined);
      }
      await waiting.next();
    }
  }

  private async logToken(): Promise<string> {
    const { status, body } = await this.client.change("POST", `${this.path}/getAuthToken`, LOGS_API);
    if (isFailure(status)) throw refused(this.facts, status, body, `what ${this.named} says can't be read`);
    return body.properties.token;
  }

  /** Without the right to see replicas there are none, which Azure doesn't call a refusal. */
  private silent(state: string, lines: readonly string[], wasSeen: boolean) {
    const right = wasSeen
      ? ""
      : `; Azure shows no replica of it, also to those who lack the right 'Microsoft.App/jobs/*/read', which the role '${JOBS_ROLE}' has`;
    return insideRefusal(
      "verify-inside-is-answered",
      `${this.named} ended (${state}) and did not say what came of it: ${lastOf(lines)}${right}`,
    );
  }

  private async remove(): Promise<boolean> {
    const { status, body } = await this.client.change("DELETE", this.path, API);
    if (status === 204 || status === 404) return false;
    if (isFailure(status)) throw new Error(messageOf(status, body));
    return true;
  }
}

async function findApp(facts: AzureFacts, caller: string, client: AzureClient): Promise<ContainerAppObject> {
  const apps = `${groupOf(facts)}/providers/Microsoft.App/containerApps`;
  const { status, body } = await client.manage(`${apps}/${caller}`, API);
  if (status === 200) return body;
  const { environment, resourceGroup } = facts;
  if (status !== 404) throw refused(facts, status, body, `app '${caller}' can't be read`);
  const others = await client.manage(apps, API);
  const names: string[] =
    others.status === 200 ? others.body.value.map(({ name }: { name: string }) => name) : [];
  throw noSuchCaller(`app '${caller}' in resource group '${resourceGroup}'`, caller, names, environment.name);
}

/** What a container said, of what its log stream makes of it: `{ "TimeStamp": …, "Log": "F {…}" }`. */
function textOf(line: string): string {
  try {
    return String(JSON.parse(line).Log).replace(/^[FP] /, "");
  } catch {
    // How it was connected is said in words.
    return line;
  }
}

function groupOf({ subscription, resourceGroup }: AzureFacts): string {
  return `${subscription}/resourceGroups/${resourceGroup}`;
}

function noSidecar({ resourceGroup }: AzureFacts, caller: string): string {
  return (
    `agent '${caller}' calls its peers through its Dapr sidecar, and a job of Container Apps has none; ` +
    `ask from the agent itself: az containerapp exec --name ${caller} --resource-group ${resourceGroup}`
  );
}

const JOBS_ROLE = "Container Apps Jobs Contributor";

/** Built-in role that has a right which a job in a caller's place needs. */
function roleFor(right: string): string {
  const action = right.toLowerCase();
  if (action.startsWith("microsoft.managedidentity/")) return "Managed Identity Operator";
  const looksAround = action.endsWith("/read") && !action.startsWith("microsoft.app/jobs/");
  return looksAround ? "Reader" : JOBS_ROLE;
}

/** What Azure refuses, and which role lets somebody do it. */
function refused(facts: AzureFacts, status: number, body: Answer["body"], what: string) {
  const said = messageOf(status, body);
  if (status !== 403) return insideRefusal("verify-inside-has-a-job", `${what}: ${said}`);
  // "… does not have authorization to perform action 'Microsoft.App/jobs/write' over scope '/subscriptions/…' …"
  const [, action = ""] = /action '([^']+)'/.exec(said) ?? [];
  const [, client = "<you>"] = /object id '([^']+)'/.exec(said) ?? [];
  const [scope = groupOf(facts)] = /\/subscriptions\/[^/']+\/resourceGroups\/[^/']+/i.exec(said) ?? [];
  const role = roleFor(action);
  return insideRefusal(
    "verify-inside-is-allowed",
    `${what}: you may not${action === "" ? "" : ` ('${action}')`}; the role '${role}' lets you: ` +
      `az role assignment create --assignee ${client} --role "${role}" --scope ${scope}`,
  );
}

function messageOf(status: number, body: Answer["body"]): string {
  const state = body?.status ?? body?.properties?.provisioningState;
  const answer = typeof state === "string" ? `Azure says '${state}'` : `Azure answers ${status}`;
  return body?.error?.message ?? body?.message ?? answer;
}
