import type { Manifest } from "./kubernetes-manifests";

interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly privileged?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
}

/** A container as the API server gets it, or as an injector makes it. */
export interface CheckedContainer {
  readonly name: string;
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly containerPort: number; readonly hostPort?: number }[];
}

const allowedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/**
 * What the restricted pod security standard (v1.35) has against the pods of a workload, with containers that something
 * injects into them.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function findViolations(workload: Manifest, injected: readonly CheckedContainer[] = []): string[] {
  const template =
    workload.kind === "CronJob" ? workload.spec.jobTemplate.spec.template.spec : workload.spec.template.spec;
  const pod = (template.securityContext ?? {}) as SecurityContext;
  const containers = [
    ...template.containers,
    ...(template.initContainers ?? []),
    ...injected,
  ] as CheckedContainer[];
  const violations: string[] = [];
  for (const shared of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (template[shared] === true) violations.push(shared);
  }
  for (const volume of (template.volumes ?? []) as Record<string, unknown>[]) {
    const kind = Object.keys(volume).find((key) => key !== "name");
    if (kind === undefined || !allowedVolumes.includes(kind))
      violations.push(`volume ${volume.name}: ${kind}`);
  }
  for (const { name, securityContext: own = {}, ports = [] } of containers) {
    const requirements: [boolean, string][] = [
      [own.privileged !== true, "privileged"],
      [own.allowPrivilegeEscalation === false, "allowPrivilegeEscalation"],
      [own.capabilities?.drop?.includes("ALL") === true, "capabilities.drop"],
      [(own.capabilities?.add ?? []).every((each) => each === "NET_BIND_SERVICE"), "capabilities.add"],
      [(own.runAsNonRoot ?? pod.runAsNonRoot) === true, "runAsNonRoot"],
      [(own.runAsUser ?? pod.runAsUser) !== 0, "runAsUser"],
      [
        ["RuntimeDefault", "Localhost"].includes((own.seccompProfile ?? pod.seccompProfile)?.type ?? ""),
        "seccompProfile",
      ],
      [ports.every(({ hostPort }) => hostPort === undefined), "hostPort"],
    ];
    violations.push(...requirements.filter(([met]) => !met).map(([, what]) => `${name}: ${what}`));
  }
  return violations;
}
