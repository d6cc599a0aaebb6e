import type { AgentDefinition } from "../../src/agent/agent-definition";
import type { Environment } from "../../src/environment/environment";
import type { FleetInput } from "../support/arbitrary-fleet";
import { billing, desk, environment } from "../support/sample-fleet";
import { laidOver, type Patch } from "./setting-changes";

const edge = { kind: "gateway-api", certificates: { kind: "acme", email: "tls@acme.example" } } as const;

/** A right fleet on each platform, with as little as it needs. */
export const homes: Readonly<Record<string, Environment>> = {
  "container-apps": environment,
  aks: { ...environment, platform: "kubernetes", kubernetes: { edge } },
  cluster: {
    ...environment,
    azure: undefined,
    alerts: undefined,
    platform: "kubernetes",
    kubernetes: { cluster: { kind: "existing", context: "there" }, edge },
    registry: { kind: "other", server: "ghcr.io/acme", username: "puller", passwordSecret: "registry-login" },
    vault: { kind: "kubernetes", secrets: ["registry-login", "billing-erp-token", "litellm-api-key"] },
    taskStore: { kind: "cluster-redis" },
  },
  local: {
    ...environment,
    azure: undefined,
    alerts: undefined,
    platform: "local",
    local: { runsAs: "containers", edge: { program: "nginx" } },
    registry: { kind: "local-images" },
    vault: { kind: "local-files" },
    taskStore: { kind: "local-redis" },
  },
  "cloud-run": {
    ...environment,
    azure: undefined,
    platform: "cloud-run",
    google: { projectId: "acme-agents", projectNumber: "123456789012", region: "europe-west4" },
    registry: { kind: "google" },
    vault: { kind: "secret-manager" },
    taskStore: { kind: "memorystore" },
  },
};

/** The fleet of a home with what has to be around a setting. */
export function patched(home: Environment, { definition = {}, environment = {} }: Patch): FleetInput {
  const changed = laidOver(billing, definition) as AgentDefinition;
  return {
    definitions: [{ ...desk, calls: "every-internal-agent" }, changed],
    environment: laidOver(home, environment) as Environment,
  };
}

/** A fleet with a value at a place. */
export function put(
  { definitions: [first, second], environment }: FleetInput,
  at: string,
  value: unknown,
): FleetInput {
  const [root, ...steps] = at
    .replaceAll(/\([^)]*\)/g, "")
    .replaceAll("[]", ".[]")
    .split(".");
  return root === "definition"
    ? {
        definitions: [first as AgentDefinition, placed(second, steps, value) as AgentDefinition],
        environment,
      }
    : {
        definitions: [first as AgentDefinition, second as AgentDefinition],
        environment: placed(environment, steps, value) as Environment,
      };
}

/** What stands at a place. */
export function valueAt({ definitions: [, second], environment }: FleetInput, at: string): unknown {
  const [root, ...steps] = at.replaceAll(/\([^)]*\)/g, "").split(".");
  return steps.reduce<unknown>(
    (data, step) => (isObject(data) ? data[step] : undefined),
    root === "definition" ? second : environment,
  );
}

function placed(data: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (step === "[]") {
    const [head, ...others] = Array.isArray(data) ? data : [];
    return [placed(head, rest, value), ...others];
  }
  const whole = isObject(data) ? data : {};
  const key = step !== "<name>" ? step : "billing";
  return { ...whole, [key]: placed(whole[key], rest, value) };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
