import type { ITerraformDependable } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import type { OutsideDestination } from "../agent/agent-definition";
import type { AgentWorkload } from "../agent/agent-workload";

/**
 * Something that agents lean on: a store, a vault, a registry, telemetry, an issuer of tokens.
 *
 * `in I` makes the identity contravariant: what grants roles to Azure identities is no dependency of a Google host,
 * and the compiler says so.
 */
export interface IAgentDependency<in I> {
  /** Name for messages, for example `task store redis-acme-staging`. */
  readonly dependencyName: string;
  /**
   * Says what one agent gets. What it creates (a role grant, an access rule) it creates under `scope`, so that it
   * comes and goes with the agent.
   */
  readonly bind: (scope: Construct, workload: AgentWorkload, identity: I) => AgentBinding;
}

/** What an agent gets from what it leans on: references, never secret values. */
export interface AgentBinding {
  /** Plain variables. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
  /** Variables that come from a vault. @default [] */
  readonly secrets?: readonly SecretReference[];
  /** Role grants of the agent's identity. They take a while to hold: the agent waits for them. @default [] */
  readonly grants?: readonly RoleGrant[];
  /** What else has to be there before the agent starts. @default [] */
  readonly readyAfter?: readonly ITerraformDependable[];
  /** Where the agent needs to get out to. @default [] */
  readonly egress?: readonly EgressDestination[];
  /** Files it finds in its container. Their content is plain text, never a secret. @default [] */
  readonly files?: readonly AgentFile[];
  /** Parts of Kubernetes Secrets that it finds as files. What gives them is a dependency of Kubernetes only. @default [] */
  readonly secretFolders?: readonly SecretFolder[];
  /** Containers beside it. @default [] */
  readonly sidecars?: readonly AgentSidecar[];
}

/** A secret of a vault, as a variable of an agent. */
export interface SecretReference {
  readonly variable: string;
  /** Name of the secret. */
  readonly name: string;
  /** The vault's name, the Secret Manager's project, or the name of the Kubernetes Secret. */
  readonly vault: string;
  /** Versionless Key Vault id, Secret Manager secret id, or key in the Kubernetes Secret. May be a reference. */
  readonly id: string;
}

/** A role assignment: a resource with an id that changes when the grant does. */
export interface RoleGrant extends ITerraformDependable, IConstruct {
  readonly id: string;
}

/** A place that an agent needs to get out to: outside of the cluster, or pods in it. */
export type EgressDestination = OutsideDestination | ClusterDestination;

/** Pods of a cluster, for network policies. */
export interface ClusterDestination {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly port: number;
}

/** A folder with keys of a Secret in the agent's namespace. It follows the Secret as that changes. */
export interface SecretFolder {
  /** Absolute path. */
  readonly path: string;
  /** Name of the Secret. */
  readonly secret: string;
  readonly keys: readonly string[];
}

/** A file in an agent's container. */
export interface AgentFile {
  /** Absolute path. */
  readonly path: string;
  readonly content: string;
}

/** A container beside an agent's. */
export interface AgentSidecar {
  readonly name: string;
  readonly image: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Port of its health endpoint, which the agent's own container waits for where the platform can. */
  readonly healthPort: number;
  readonly healthPath: string;
}

/** All that the dependencies of one agent gave, merged. */
export type CompleteBinding = Required<AgentBinding>;

/**
 * Merges what several dependencies gave one agent.
 *
 * @throws Error when two set the same variable, or claim the same file: the message names both.
 */
export function mergeBindings(
  workload: AgentWorkload,
  bindings: readonly { readonly from: string; readonly binding: AgentBinding }[],
): CompleteBinding {
  const owners = new Map<string, string>();
  const claim = (what: string, from: string) => {
    const owner = owners.get(what);
    if (owner !== undefined) {
      throw new Error(
        `agent '${workload.name}': ${what} is set by ${owner} and by ${from}; leave one of them out`,
      );
    }
    owners.set(what, from);
  };
  for (const { from, binding } of bindings) {
    for (const variable of Object.keys(binding.variables ?? {})) claim(`variable ${variable}`, from);
    for (const { variable } of binding.secrets ?? []) claim(`variable ${variable}`, from);
    for (const { path } of binding.files ?? []) claim(`file ${path}`, from);
    for (const { path } of binding.secretFolders ?? []) claim(`folder ${path}`, from);
  }
  const all = bindings.map(({ binding }) => binding);
  return {
    variables: Object.assign({}, ...all.map(({ variables }) => variables)),
    secrets: all.flatMap(({ secrets }) => secrets ?? []),
    grants: all.flatMap(({ grants }) => grants ?? []),
    readyAfter: all.flatMap(({ readyAfter }) => readyAfter ?? []),
    egress: all.flatMap(({ egress }) => egress ?? []),
    files: all.flatMap(({ files }) => files ?? []),
    secretFolders: all.flatMap(({ secretFolders }) => secretFolders ?? []),
    sidecars: all.flatMap(({ sidecars }) => sidecars ?? []),
  };
}
