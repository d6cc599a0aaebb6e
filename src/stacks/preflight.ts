import type { AgentDefinition } from "../agent/agent-definition";
import { azureChecks } from "../azure/preflight/azure-checks";
import type { AzureClient } from "../azure/preflight/azure-client";
import { azureFacts } from "../azure/preflight/environment-facts";
import type { ResolveHost } from "../azure/preflight/names-check";
import { subscriptionCheck } from "../azure/preflight/subscription-check";
import type { Environment } from "../environment/environment";
import { findPlaceholders } from "../environment/find-placeholders";
import { resolveFleet } from "../fleet/resolve-fleet";
import { type CheckResult, runChecks } from "../preflight/check";

/** Whom a preflight asks. */
export interface Outside {
  /** Day on which the fleet is judged (`2026-11-21`). */
  readonly today?: string;
  /** Called once, and only when Azure has to be asked. */
  readonly azure: (tenant: string) => Promise<AzureClient>;
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
  const { workloads, problems } = resolveFleet(agents, environment, { today: outside.today });
  const unfilled = findUnfilled(environment, outside);
  const own: CheckResult[] = [
    {
      name: "fleet",
      findings: problems.map(({ message }) => ({
        what: message,
        remedy: "correct it in agents/ or stacks/environments/",
        weight: "missing",
      })),
      unanswered: null,
    },
    unfilled,
  ];
  const facts = azureFacts(environment);
  // Placeholders are nobody's subscription, and settings of another shape than they should be are none at all.
  if (facts === undefined || workloads.length === 0 || unfilled.findings.length > 0) return own;

  const client = await outside.azure(environment.tenant);
  const [login] = await runChecks([subscriptionCheck(facts, client)]);
  const entered = login as CheckResult;
  const inside = entered.unanswered === null && entered.findings.every(({ weight }) => weight === "doubtful");
  if (!inside) return [...own, entered];
  return [...own, entered, ...(await runChecks(azureChecks(facts, workloads, client, outside.resolves)))];
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
