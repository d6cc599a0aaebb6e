/**
 * What containers are started with, read out of the finished JSON of environments and brought to this machine: an
 * address is looked up in one table and a secret in another, as a network and a vault would do it. Everything else
 * stays as it stands.
 */
import type { AgentDefinition } from "../../../src/agent/agent-definition";
import type { Environment } from "../../../src/environment/environment";
import { cloudRunService } from "../../support/cloud-run-service";
import { deployedAgents } from "../../support/deployed-agents";
import { agents } from "../../support/fleet/agents";
import { dev } from "../../support/fleet/stacks/environments/dev";
import { production } from "../../support/fleet/stacks/environments/production";
import { staging } from "../../support/fleet/stacks/environments/staging";
import { synthCluster } from "../../support/kubernetes-fleet";
import { readManifests, withNames } from "../../support/kubernetes-manifests";
import { type FinishedStack, synthEnvironment } from "../../support/synth";
import type { RealStore } from "./stores";

/** An agent's container. */
export interface FinishedContainer {
  /** As Terraform reads them, references and all. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variable to the name of the secret that it comes from. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The agents of one environment. */
export type FinishedFleet = (agent: string) => FinishedContainer;

/** What stands on this machine for what is elsewhere. */
export interface Here {
  /** Text to text, in this order. */
  readonly addresses: readonly (readonly [there: string, here: string])[];
  /** Values of secrets, by the ends of their names. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What a reference's last part stands for. */
  readonly references: Readonly<Record<string, string>>;
  /** Ports, files and what else a machine decides. */
  readonly variables: Readonly<Record<string, string>>;
}

/** In all environments here one skill of each agent has a role of its own. */
export const specialRole = (agent: string) => `${agent}.special`;
const SPECIAL_SKILLS = ["compare", "stock-level"];
/** Long for a test of a second, short for one that waits for it. */
export const DEADLINE_SECONDS = 15;

/** The two agents that the suite asks, with all that an author may give them. */
const fleet: readonly AgentDefinition[] = agents.map((agent) =>
  agent.name === "inventory" || agent.name === "research"
    ? {
        ...agent,
        protocolBindings: ["JSONRPC", "HTTP+JSON"],
        pushNotifications: true,
        heartbeatSeconds: 1,
        taskDeadlineSeconds: DEADLINE_SECONDS,
        resubscribe: true,
        minReplicas: 1,
        skills: agent.skills.map((skill) =>
          SPECIAL_SKILLS.includes(skill.id) ? { ...skill, requiredRole: specialRole(agent.name) } : skill,
        ),
      }
    : agent,
);

const PINNED = `sha256:${"0".repeat(64)}`;
const { google: _google, cloudRun: _cloudRun, ...inCluster } = production;
const onCluster: Environment = {
  ...inCluster,
  agents: {
    ...production.agents,
    research: { image: PINNED, minReplicas: 2 },
    inventory: { image: PINNED, workers: 2 },
  },
};
const onCloudRun: Environment = {
  ...production,
  agents: { ...production.agents, inventory: { image: PINNED, platform: "cloud-run", cpu: 1 } },
};
const onPostgres: Environment = {
  ...staging,
  taskStore: { kind: "existing-postgres", host: "db.acme.example" },
};

/** The environments' agents, and those of the same environment that call them. */
export const finishedEnvironments = {
  dev: () => containerApps(synthEnvironment(dev, fleet)),
  staging: () => containerApps(synthEnvironment(staging, fleet)),
  "production-cluster": () => cluster(synthCluster(onCluster, fleet)),
  "cloud-run": () => {
    const here = cloudRun(synthEnvironment(onCloudRun, fleet));
    const callers = cluster(synthCluster(onCloudRun, fleet));
    return (agent: string) => (agent.startsWith("orchestrator") ? callers(agent) : here(agent));
  },
  postgres: () => containerApps(synthEnvironment(onPostgres, fleet)),
} satisfies Record<string, () => FinishedFleet>;

export function containerApps(stack: FinishedStack): FinishedFleet {
  const deployed = deployedAgents(stack);
  return (agent) => {
    const { templates, secrets } = found(
      deployed.find(({ name }) => name === agent),
      agent,
    );
    return { variables: templates, secrets };
  };
}

export function cluster(stack: FinishedStack): FinishedFleet {
  const manifests = readManifests(withNames(stack.json));
  return (agent) => {
    // biome-ignore lint/suspicious/noExplicitAny: finished JSON
    const named = (kind: string): any =>
      found(
        manifests.find((each) => each.kind === kind && each.metadata.name === agent),
        agent,
      );
    const [container] = named("Deployment").spec.template.spec.containers;
    const configMaps = (container.envFrom as { configMapRef: { name: string } }[]).map(
      ({ configMapRef }) => configMapRef.name,
    );
    const plain = manifests
      .filter(({ kind, metadata }) => kind === "ConfigMap" && configMaps.includes(metadata.name))
      .map((manifest) => (manifest as unknown as { data: Record<string, string> }).data);
    const own = (container.env ?? []) as {
      name: string;
      value?: string;
      valueFrom?: { secretKeyRef?: { key: string } };
    }[];
    const values = own.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    const secrets = own.flatMap(({ name, valueFrom }) =>
      valueFrom?.secretKeyRef === undefined ? [] : [[name, valueFrom.secretKeyRef.key]],
    );
    return {
      variables: Object.assign({}, ...plain, Object.fromEntries(values)),
      secrets: Object.fromEntries(secrets),
    };
  };
}

export function cloudRun(stack: FinishedStack): FinishedFleet {
  return (agent) => {
    const { variables, secrets } = cloudRunService(stack, agent).agent;
    const names = Object.entries(secrets).map(([variable, { secret }]) => {
      const address = /^\$\{(.+)\.secret_id\}$/.exec(secret)?.[1];
      const resource = stack.resources().find((each) => each.address === address);
      return [variable, found(resource, secret).arguments.secret_id];
    });
    return { variables, secrets: Object.fromEntries(names) };
  };
}

/** Variables that this machine decides of an agent: its ports, and where its store listens. */
export function variablesHere(
  { port, metricsPort }: { readonly port: number; readonly metricsPort: number },
  store: ReturnType<RealStore["login"]>,
): Record<string, string> {
  return {
    A2A_PORT: String(port),
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    REDIS_HOST: store.host,
    REDIS_PORT: String(store.port),
    REDIS_CA_FILE: store.authority,
    PGHOST: store.host,
    PGPORT: String(store.port),
  };
}

/**
 * The environment of a container's process on this machine.
 *
 * @throws Error for a secret or a reference that nothing here stands for.
 */
export function startable({ variables, secrets }: FinishedContainer, here: Here): Record<string, string> {
  const local = (text: string) =>
    here.addresses.reduce((so, [there, its]) => so.replaceAll(there, its), evaluate(text, here.references));
  const plain = Object.entries(variables).map(([name, value]) => [name, local(value)]);
  const secret = Object.entries(secrets).map(([variable, name]) => {
    const known = Object.keys(here.secrets).find((end) => name.endsWith(end));
    if (known === undefined)
      throw new Error(`${variable} comes of the secret '${name}', which nothing here stands for`);
    return [variable, here.secrets[known]];
  });
  const given = Object.fromEntries([...plain, ...secret]) as Record<string, string>;
  // Only what the container has anyway: a machine decides the value of a variable, never whether there is one.
  const decided = Object.entries(here.variables).filter(([name]) => name in given);
  return { ...given, ...Object.fromEntries(decided) };
}

function evaluate(template: string, references: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, reference: string) => {
    const last = reference.split(".").at(-1) ?? "";
    return found(references[last], reference);
  });
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`there is no '${name}' in the finished JSON`);
  return value;
}
