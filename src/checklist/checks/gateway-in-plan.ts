import { listOf } from "../../problem";
import type { Check, ChecklistSubject, Finding } from "../checklist-item";
import { type FinishedResource, listAt, resourcesOf, textAt } from "../finished-agents";
import { atStake } from "./finished-agents";

/** An operation of an API in front of an agent, with the policies that its requests pass. */
interface GatewayOperation {
  readonly address: string;
  /** Path behind the API's. */
  readonly path: string;
  readonly policies: string;
}

interface GatewayApi {
  readonly agent: string;
  readonly address: string;
  readonly operations: readonly GatewayOperation[];
}

/** The APIs in front of agents; what the gateway serves besides has another name. */
function agentApis({ stacks, workloads }: ChecklistSubject): GatewayApi[] {
  const operations = resourcesOf(stacks, "azurerm_api_management_api_operation");
  const apiPolicies = resourcesOf(stacks, "azurerm_api_management_api_policy");
  const policies = resourcesOf(stacks, "azurerm_api_management_api_operation_policy");
  return resourcesOf(stacks, "azurerm_api_management_api").flatMap((api) => {
    const agent = workloads.find(({ name }) => textAt(api.arguments, "name") === `agent-${name}`)?.name;
    if (agent === undefined) return [];
    const ofApi = (each: FinishedResource) => refersTo(each, "api_name", api);
    const whole = apiPolicies.filter(ofApi).map(policyText).join("\n");
    return [
      {
        agent,
        address: api.address,
        operations: operations.filter(ofApi).map((operation) => ({
          address: operation.address,
          path: textAt(operation.arguments, "url_template") ?? "",
          policies: [
            whole,
            ...policies.filter((each) => refersTo(each, "operation_id", operation)).map(policyText),
          ].join("\n"),
        })),
      },
    ];
  });
}

function refersTo(
  { arguments: from }: FinishedResource,
  key: string,
  { address }: FinishedResource,
): boolean {
  return textAt(from, key)?.includes(`${address}.`) ?? false;
}

/** Without comments, which may name what isn't there. */
function policyText({ arguments: { xml_content } }: FinishedResource): string {
  return String(xml_content ?? "").replace(/<!--.*?-->/gs, "");
}

const VALIDATES = /<validate-(?:jwt|azure-ad-token)[\s>]/;
const LIMITS = /<rate-limit(?:-by-key)?[\s>]/;
const isCard = ({ path }: GatewayOperation) => path.startsWith("/.well-known/");

/** Why nothing is asked of a gateway where there is none. */
export function withoutGateway({ environment }: ChecklistSubject): string | undefined {
  return environment.gateway === undefined ? "the environment has no gateway" : undefined;
}

function eachOperation(
  wanted: (operation: GatewayOperation) => boolean,
  holds: (operation: GatewayOperation) => boolean,
  problem: string,
): Check {
  return (subject) =>
    agentApis(subject).flatMap(({ agent, operations }): Finding[] =>
      operations
        .filter((operation) => wanted(operation) && !holds(operation))
        .map(({ address, path }) => ({
          level: atStake(subject),
          agent,
          address,
          message: `agent '${agent}': ${path} at the gateway ${problem}`,
        })),
    );
}

export const gatewayChecksTokens = eachOperation(
  (operation) => !isCard(operation),
  ({ policies }) => VALIDATES.test(policies),
  "lets callers through without a token; its policy needs validate-jwt",
);

export const gatewayShowsCards = eachOperation(
  isCard,
  ({ policies }) => !VALIDATES.test(policies),
  "asks for a token, and cards are for everybody",
);

export const gatewayLimitsTasks = eachOperation(
  (operation) => !isCard(operation),
  ({ policies }) => LIMITS.test(policies),
  "has no rate limit; its policy needs rate-limit-by-key",
);

export const gatewayLimitsCards = eachOperation(
  isCard,
  ({ policies }) => LIMITS.test(policies),
  "has no rate limit; its policy needs rate-limit-by-key",
);

/** Every agent that can be reached from outside the environment has an API there. */
export const gatewayIsInFront: Check = (subject) => {
  const { workloads, environment } = subject;
  const open = workloads.filter(({ reach }) => reach !== "environment");
  if (environment.gateway === undefined) {
    if (open.length === 0) return [];
    const names = listOf(open.map(({ name }) => name));
    return [
      {
        level: atStake(subject),
        message: `environment '${environment.name}': callers outside reach ${names} without a gateway; set gateway, or keep them inside (reach 'environment')`,
      },
    ];
  }
  const published = agentApis(subject).map(({ agent }) => agent);
  return workloads
    .filter(({ name }) => !published.includes(name))
    .map(({ name }) => ({
      level: "error" as const,
      agent: name,
      message: `agent '${name}': the gateway has no API for it`,
    }));
};

/** Requests at the gateway end up in a workspace. */
export const gatewayLogsRequests: Check = (subject) => {
  const { stacks, environment } = subject;
  const services = resourcesOf(stacks, "azurerm_api_management");
  const settings = resourcesOf(stacks, "azurerm_monitor_diagnostic_setting");
  return services
    .filter(
      ({ address }) =>
        !settings.some(
          ({ arguments: each }) =>
            textAt(each, "target_resource_id")?.includes(`${address}.`) &&
            listAt(each, "enabled_log").some((log) =>
              ["GatewayLogs", "allLogs"].includes(
                textAt(log, "category") ?? textAt(log, "category_group") ?? "",
              ),
            ),
        ),
    )
    .map(({ address }) => ({
      level: atStake(subject),
      address,
      message: `environment '${environment.name}': nobody keeps the gateway's request logs; send GatewayLogs to a workspace`,
    }));
};

/** A certificate that clients don't trust is for trying things out. */
export const certificatesAreReal: Check = (subject) =>
  resourcesOf(subject.stacks, "azurerm_key_vault_certificate").flatMap(({ address, arguments: each }) => {
    const [policy = {}] = listAt(each, "certificate_policy");
    const [issuer = {}] = listAt(policy, "issuer_parameters");
    if (textAt(issuer, "name") !== "Self") return [];
    return [
      {
        level: atStake(subject),
        address,
        message: `environment '${subject.environment.name}': its host shows a self-signed certificate, which no client trusts; set gateway.certificateIssuer, or import the real one and say so in exceptions['agent/https']`,
      },
    ];
  });
