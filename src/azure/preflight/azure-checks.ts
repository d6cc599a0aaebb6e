import type { AgentWorkload } from "../../agent/agent-workload";
import type { Check } from "../../preflight/check";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";
import { imagesCheck } from "./images-check";
import { namesCheck, type ResolveHost } from "./names-check";
import { resourceProvidersCheck } from "./resource-providers-check";
import { rightsCheck } from "./rights-check";
import { stateCheck } from "./state-check";

/** Everything that is asked of Azure once somebody is logged in who sees the subscription. */
export function azureChecks(
  facts: AzureFacts,
  workloads: readonly AgentWorkload[],
  client: AzureClient,
  resolves: ResolveHost,
): Check[] {
  return [
    rightsCheck(facts, client),
    resourceProvidersCheck(facts, client),
    namesCheck(facts, client, resolves),
    imagesCheck(facts, workloads, client),
    stateCheck(facts.environment, client),
  ];
}
