/** The pod of a finished stack, by the provider's names, as far as it is looked at. */
export interface FinishedPodSpec {
  readonly container: readonly FinishedContainer[];
  readonly init_container?: readonly FinishedContainer[];
  readonly security_context?: FinishedSecurityContext;
  readonly host_network?: boolean;
  readonly host_pid?: boolean;
  readonly host_ipc?: boolean;
  readonly volume?: readonly Readonly<Record<string, unknown>>[];
  readonly termination_grace_period_seconds?: number;
}

export interface FinishedContainer {
  readonly name: string;
  readonly port?: readonly {
    readonly name?: string;
    readonly container_port: number;
    readonly host_port?: number;
  }[];
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly startup_probe?: {
    readonly initial_delay_seconds?: number;
    readonly period_seconds?: number;
    readonly failure_threshold?: number;
  };
  readonly security_context?: FinishedSecurityContext & {
    readonly allow_privilege_escalation?: boolean;
    readonly privileged?: boolean;
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  };
}

interface FinishedSecurityContext {
  readonly run_as_non_root?: boolean;
  readonly run_as_user?: string;
  readonly seccomp_profile?: { readonly type?: string };
}

const VOLUMES = new Set([
  "name",
  "config_map",
  "csi",
  "downward_api",
  "empty_dir",
  "ephemeral",
  "persistent_volume_claim",
  "projected",
  "secret",
]);

/**
 * Says where a pod misses the restricted pod security standard. The API server only says that no pod came.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function findPodSecurityProblems(pod: FinishedPodSpec): string[] {
  const problems: string[] = [];
  if (pod.host_network || pod.host_pid || pod.host_ipc) problems.push("it shares a namespace of its node");
  for (const volume of pod.volume ?? []) {
    const kind = Object.keys(volume).find((key) => !VOLUMES.has(key));
    if (kind !== undefined) problems.push(`volume '${volume.name}' is a ${kind}`);
  }
  for (const container of [...pod.container, ...(pod.init_container ?? [])]) {
    problems.push(
      ...findContainerProblems(container, pod).map((what) => `container '${container.name}' ${what}`),
    );
  }
  return problems.map(
    (problem) => `${problem}, which restricted pod security does not admit: none of its pods would start`,
  );
}

function findContainerProblems(
  { security_context: own = {}, port = [] }: FinishedContainer,
  pod: FinishedPodSpec,
) {
  const inherited = pod.security_context ?? {};
  const problems: string[] = [];
  if (own.privileged === true) problems.push("is privileged");
  if (own.allow_privilege_escalation !== false) problems.push("may escalate its privileges");
  if (!(own.capabilities?.drop ?? []).includes("ALL")) problems.push("keeps capabilities (drop ALL)");
  const added = (own.capabilities?.add ?? []).filter((capability) => capability !== "NET_BIND_SERVICE");
  if (added.length > 0) problems.push(`adds the capability ${added.join(", ")}`);
  if ((own.run_as_non_root ?? inherited.run_as_non_root) !== true)
    problems.push("may run as root (runAsNonRoot)");
  if ((own.run_as_user ?? inherited.run_as_user) === "0") problems.push("runs as user 0");
  const seccomp = (own.seccomp_profile ?? inherited.seccomp_profile)?.type;
  if (seccomp !== "RuntimeDefault" && seccomp !== "Localhost") problems.push("has no seccomp profile");
  if (port.some(({ host_port }) => host_port !== undefined)) problems.push("takes a port of its node");
  return problems;
}
