import type { AgentDefinition } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";
import { azureChecks } from "../azure/preflight/azure-checks";
import type { AzureClient } from "../azure/preflight/azure-client";
import { azureFacts } from "../azure/preflight/environment-facts";
import type { ResolveHost } from "../azure/preflight/names-check";
import { subscriptionCheck } from "../azure/preflight/subscription-check";
import { clusterLayout } from "../choices/clusters";
import { contextOf } from "../cluster/facts/existing-cluster";
import { runsKubernetes } from "../cluster/facts/runs-kubernetes";
import { clusterChecks } from "../cluster/preflight/cluster-checks";
import type { IClusterClient } from "../cluster/preflight/cluster-client";
import type { Environment } from "../environment/environment";
import { findPlaceholders } from "../environment/find-placeholders";
import { resolveFleet } from "../fleet/resolve-fleet";
import { type CheckResult, type Finding, runChecks } from "../preflight/check";
import type { Problem } from "../problem";

/** Whom a preflight asks. */
export interface Outside {
  /** Day on which the fleet is judged (`2026-11-21`). */
  readonly today?: string;
  /** Called once, and only when Azure has to be asked. */
  readonly azure: (tenant: string) => Promise<AzureClient>;
  /** The cluster behind a context of the kubeconfig. */
  readonly cluster: (context: string, namespace: string) => IClusterClient;
  /** Context of the cluster, for clusters whose settings name none. */
  readonly context?: string;
  /** Whether a host name leads anywhere. */
  readonly resolves: ResolveHost;
  /** File and line of a value in an environment's settings. */
  readonly placeOf: (environment: string, value: string) => string;
}

/**
 * Says what is missing before an environment is deployed, all of it at once: what the project's own files show, and
 * what only the clouds know. Reads, and changes nothing.
 */
export async function preflight(
  environment: Environment,
  agents: readonly AgentDefinition[],
  outside: Outside,
): Promise<CheckResult[]> {
  const { workloads, problems, warnings } = resolveFleet(agents, environment, { today: outside.today });
  const unfilled = findUnfilled(environment, outside);
  const own: CheckResult[] = [
    {
      name: "fleet",
      findings: [
        ...problems.map((problem) => inOwnFiles(problem, "missing")),
        ...warnings.map((warning) => inOwnFiles(warning, "doubtful")),
      ],
      unanswered: null,
    },
    unfilled,
  ];
  // Placeholders are nobody's subscription, and settings of another shape than they should be are none at all.
  if (workloads.length === 0 || unfilled.findings.length > 0) return own;
  const asked = await Promise.all([
    askAzure(environment, workloads, outside),
    askCluster(environment, outside),
    askGoogle(environment),
  ]);
  return [...own, ...asked.flat()];
}

async function askAzure(
  environment: Environment,
  workloads: readonly AgentWorkload[],
  outside: Outside,
): Promise<CheckResult[]> {
  const facts = azureFacts(environment);
  if (facts === undefined) return [];
  const client = await outside.azure(environment.tenant);
  const [login] = await runChecks([subscriptionCheck(facts, client)]);
  const entered = login as CheckResult;
  const inside = entered.unanswered === null && entered.findings.every(({ weight }) => weight === "doubtful");
  if (!inside) return [entered];
  return [entered, ...(await runChecks(azureChecks(facts, workloads, client, outside.resolves)))];
}

/** A cluster of the fleet's own is asked by who names its context: before its first deploy there is none. */
async function askCluster(environment: Environment, outside: Outside): Promise<CheckResult[]> {
  if (!runsKubernetes(environment)) return [];
  const { cluster, namespace } = clusterLayout(environment);
  const context = outside.context ?? contextOf(cluster);
  if (context === undefined) return [];
  const now = outside.today === undefined ? new Date() : new Date(outside.today);
  return runChecks(clusterChecks(environment, outside.cluster(context, namespace), now));
}

/** What is in Google Cloud is not asked for, and that is no yes. */
function askGoogle({ google }: Environment): CheckResult[] {
  if (google === undefined) return [];
  const { projectId } = google;
  return [
    {
      name: "google",
      findings: [],
      unanswered:
        `nobody has asked Google Cloud about the project '${projectId}'; ask by hand: ` +
        `gcloud projects get-iam-policy ${projectId}, gcloud services list --project ${projectId}`,
    },
  ];
}

function inOwnFiles({ message }: Problem, weight: Finding["weight"]): Finding {
  return { what: message, remedy: "correct it in agents/ or stacks/environments/", weight };
}

function findUnfilled(environment: Environment, { placeOf }: Outside): CheckResult {
  return {
    name: "placeholders",
    findings: findPlaceholders(environment).map((value) => ({
      what: `environment '${environment.name}' still holds the placeholder ${value}`,
      remedy: `put your own value there: ${placeOf(environment.name, value)}`,
      weight: "missing",
    })),
    unanswered: null,
  };
}
