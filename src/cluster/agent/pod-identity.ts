import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { OutsideDestination } from "../../agent/agent-definition";
import type { RoleGrant, SecretReference } from "../../parts/agent-dependency";

/** How the pods of a cluster prove who they are, and how they get at their secrets. */
export interface IPodIdentities<I> {
  /** Creates the identity of one owner of pods. */
  readonly create: (scope: Construct, owner: PodOwner) => I;
  /** Ties the identity to the owner's service account, which is called like it. What it creates, it creates under `scope`. */
  readonly bind: (
    scope: Construct,
    owner: PodOwner,
    identity: I,
    secrets: readonly SecretReference[],
  ) => PodIdentity;
}

/** Whose pods they are: an agent, or a part of the cluster's own. */
export interface PodOwner {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An identity, as a pod wears it. */
export interface PodIdentity {
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Where the pod has to get out to, to turn its service account's token into the cloud's. */
  readonly egress: readonly OutsideDestination[];
  /** What takes a while to hold, besides grants. */
  readonly settling: readonly RoleGrant[];
  readonly secrets: PodSecrets;
}

/** Secrets of a pod. */
export interface PodSecrets {
  /** Which key of which Kubernetes Secret carries a variable. */
  readonly keys: readonly { readonly variable: string; readonly secret: string; readonly key: string }[];
  /** Names of the SecretProviderClasses that the pod mounts: the Secrets exist only while a pod does. */
  readonly providerClasses: readonly string[];
  /** What has to be there before the pod starts. */
  readonly readyAfter: readonly ITerraformDependable[];
}
