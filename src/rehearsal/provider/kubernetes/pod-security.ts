import type { Field } from "./field";

/** The levels of Kubernetes' pod security standards, by what they refuse. */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** The label of a namespace that says what is asked of its pods. */
export const ENFORCED_LEVEL = "pod-security.kubernetes.io/enforce";

/** Why a level's check refuses a pod, in the words of the admission: `reason (detail)`. */
type Check = (pod: Field, containers: readonly Field[]) => string | undefined;

const BASELINE_CAPABILITIES = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

const SAFE_SYSCTLS = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

const RESTRICTED_VOLUMES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const SELINUX_TYPES = new Set([
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
]);

function context(container: Field): Field {
  return container.at("securityContext");
}

function named(containers: readonly Field[]): string {
  const names = containers.map((container) => JSON.stringify(container.at("name").text)).join(", ");
  return `container${containers.length === 1 ? "" : "s"} ${names}`;
}

/** Says which containers, if any, are bad, and what they must do. */
function each(reason: string, isBad: (container: Field) => boolean, must: string): Check {
  return (_pod, containers) => {
    const bad = containers.filter(isBad);
    return bad.length === 0 ? undefined : `${reason} (${named(bad)} ${must})`;
  };
}

const defaultCapabilities: Check = (_pod, containers) => {
  const bad = containers.filter((container) =>
    context(container)
      .at("capabilities", "add")
      .items()
      .some(({ text }) => !BASELINE_CAPABILITIES.has(text)),
  );
  if (bad.length === 0) return undefined;
  const added = bad
    .flatMap((container) => context(container).at("capabilities", "add").items())
    .map(({ text }) => text)
    .filter((text) => !BASELINE_CAPABILITIES.has(text));
  const names = [...new Set(added)].sort().map((text) => JSON.stringify(text));
  return `non-default capabilities (${named(bad)} must not include ${names.join(", ")} in securityContext.capabilities.add)`;
};

const noHostPath: Check = (pod) => {
  const bad = pod
    .at("volumes")
    .items()
    .filter((volume) => volume.at("hostPath").isSet);
  const names = bad.map((volume) => JSON.stringify(volume.at("name").text)).join(", ");
  return bad.length === 0 ? undefined : `hostPath volumes (volume${bad.length === 1 ? "" : "s"} ${names})`;
};

const confined: Check = (pod, containers) => {
  const isBad = (field: Field) => field.at("securityContext", "seccompProfile", "type").text === "Unconfined";
  const bad = containers.filter(isBad);
  if (bad.length === 0 && !isBad(pod)) return undefined;
  const who = [...(isBad(pod) ? ["pod"] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(" and ");
  return `seccompProfile (${who} must not set securityContext.seccompProfile.type to "Unconfined")`;
};

/** Says who sets something, of the pod as a whole and of its containers. */
function setters(pod: Field, containers: readonly Field[], isBad: (field: Field) => boolean): string[] {
  const bad = containers.filter(isBad);
  return [...(isBad(pod) ? ["pod"] : []), ...(bad.length > 0 ? [named(bad)] : [])];
}

const probedHosts = (container: Field): string[] =>
  [
    ...["livenessProbe", "readinessProbe", "startupProbe"].map((name) => container.at(name)),
    ...["postStart", "preStop"].map((name) => container.at("lifecycle", name)),
  ]
    .flatMap((handler) => ["httpGet", "tcpSocket"].map((kind) => handler.at(kind, "host").text))
    .filter((host) => host !== "");

const APP_ARMOR_TYPES = ["RuntimeDefault", "Localhost"];

const baseline: readonly Check[] = [
  (pod, containers) => {
    const isHostProcess = (field: Field) =>
      field.at("securityContext", "windowsOptions", "hostProcess").value === true;
    const who = setters(pod, containers, isHostProcess);
    return who.length === 0
      ? undefined
      : `hostProcess (${who.join(" and ")} must not set securityContext.windowsOptions.hostProcess=true)`;
  },
  (pod, containers) => {
    const profile = (field: Field) => field.at("securityContext", "appArmorProfile");
    const isBad = (field: Field) =>
      profile(field).isSet && !APP_ARMOR_TYPES.includes(profile(field).at("type").text);
    const who = setters(pod, containers, isBad);
    if (who.length === 0) return undefined;
    const types = [pod, ...containers].filter(isBad).map((field) => profile(field).at("type").text);
    const values = [...new Set(types)].sort().map((text) => JSON.stringify(text));
    const plural = values.length === 1 ? "" : "s";
    return `forbidden AppArmor profile${plural} (${who.join(" and ")} must not set AppArmor profile type to ${values.join(", ")})`;
  },
  (_pod, containers) => {
    const bad = containers.filter((container) => probedHosts(container).length > 0);
    if (bad.length === 0) return undefined;
    const hosts = [...new Set(bad.flatMap(probedHosts))].sort().map((host) => JSON.stringify(host));
    const [use, plural] = [bad.length === 1 ? "uses" : "use", hosts.length === 1 ? "" : "s"];
    return `probe or lifecycle host (${named(bad)} ${use} probe or lifecycle host${plural} ${hosts.join(", ")})`;
  },
  defaultCapabilities,
  (pod) => {
    const used = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => pod.at(name).value === true);
    return used.length === 0
      ? undefined
      : `host namespaces (${used.map((name) => `${name}=true`).join(", ")})`;
  },
  noHostPath,
  (_pod, containers) => {
    const ports = (container: Field) =>
      container
        .at("ports")
        .items()
        .map((port) => port.at("hostPort").number)
        .filter((port) => port !== 0);
    const bad = containers.filter((container) => ports(container).length > 0);
    if (bad.length === 0) return undefined;
    const all = [...new Set(bad.flatMap(ports).map(String))].sort();
    const [use, plural] = [bad.length === 1 ? "uses" : "use", all.length === 1 ? "" : "s"];
    return `hostPort (${named(bad)} ${use} hostPort${plural} ${all.join(", ")})`;
  },
  each(
    "privileged",
    (container) => context(container).at("privileged").value === true,
    "must not set securityContext.privileged=true",
  ),
  each(
    "procMount",
    (container) => !["", "Default"].includes(context(container).at("procMount").text),
    'must not set securityContext.procMount to "Unmasked"',
  ),
  (pod, containers) => {
    const isBad = (field: Field) => {
      const options = field.at("securityContext", "seLinuxOptions");
      return (
        !SELINUX_TYPES.has(options.at("type").text) ||
        !options.at("user").isEmpty ||
        !options.at("role").isEmpty
      );
    };
    const bad = containers.filter(isBad);
    if (bad.length === 0 && !isBad(pod)) return undefined;
    return `seLinuxOptions (${[...(isBad(pod) ? ["pod"] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(" and ")} set forbidden securityContext.seLinuxOptions)`;
  },
  confined,
  (pod) => {
    const names = pod
      .at("securityContext", "sysctls")
      .items()
      .map((sysctl) => sysctl.at("name").text);
    const bad = names.filter((name) => !SAFE_SYSCTLS.has(name));
    return bad.length === 0 ? undefined : `forbidden sysctls (${bad.join(", ")})`;
  },
];

/** The restricted level has stricter ones in place of some. */
const restricted: readonly Check[] = [
  ...baseline.filter((check) => ![defaultCapabilities, noHostPath, confined].includes(check)),
  each(
    "allowPrivilegeEscalation != false",
    (container) => context(container).at("allowPrivilegeEscalation").value !== false,
    "must set securityContext.allowPrivilegeEscalation=false",
  ),
  (_pod, containers) => {
    const capabilities = (container: Field, name: string) =>
      context(container)
        .at("capabilities", name)
        .items()
        .map(({ text }) => text);
    const keeping = containers.filter((container) => !capabilities(container, "drop").includes("ALL"));
    const adds = (container: Field) =>
      capabilities(container, "add").filter((text) => text !== "NET_BIND_SERVICE");
    const adding = containers.filter((container) => adds(container).length > 0);
    const details = [
      ...(keeping.length > 0 ? [`${named(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
      ...(adding.length > 0
        ? [
            `${named(adding)} must not include ${[...new Set(adding.flatMap(adds))]
              .sort()
              .map((text) => JSON.stringify(text))
              .join(", ")} in securityContext.capabilities.add`,
          ]
        : []),
    ];
    return details.length === 0 ? undefined : `unrestricted capabilities (${details.join("; ")})`;
  },
  (pod) => {
    const bad = pod
      .at("volumes")
      .items()
      .flatMap((volume) => {
        const kinds = Object.keys(volume.value as object).filter((kind) => kind !== "name");
        const type = kinds.find((kind) => !RESTRICTED_VOLUMES.has(kind));
        return type === undefined
          ? []
          : [{ name: JSON.stringify(volume.at("name").text), type: JSON.stringify(type) }];
      });
    if (bad.length === 0) return undefined;
    const types = [...new Set(bad.map(({ type }) => type))].sort();
    const [plural, use, typePlural] =
      bad.length === 1
        ? ["", "uses", types.length === 1 ? "" : "s"]
        : ["s", "use", types.length === 1 ? "" : "s"];
    return `restricted volume types (volume${plural} ${bad.map(({ name }) => name).join(", ")} ${use} restricted volume type${typePlural} ${types.join(", ")})`;
  },
  (pod, containers) => {
    const flag = (field: Field) => field.at("securityContext", "runAsNonRoot").value;
    const explicit = containers.filter((container) => flag(container) === false);
    if (explicit.length > 0 || flag(pod) === false) {
      const who = [
        ...(flag(pod) === false ? ["pod"] : []),
        ...(explicit.length > 0 ? [named(explicit)] : []),
      ];
      return `runAsNonRoot != true (${who.join(" and ")} must not set securityContext.runAsNonRoot=false)`;
    }
    const silent = flag(pod) === true ? [] : containers.filter((container) => flag(container) !== true);
    if (silent.length === 0) return undefined;
    return `runAsNonRoot != true (pod or ${named(silent)} must set securityContext.runAsNonRoot=true)`;
  },
  (pod, containers) => {
    const isRoot = (field: Field) => field.at("securityContext", "runAsUser").value === 0;
    const bad = containers.filter(isRoot);
    if (bad.length === 0 && !isRoot(pod)) return undefined;
    const who = [...(isRoot(pod) ? ["pod"] : []), ...(bad.length > 0 ? [named(bad)] : [])].join(" and ");
    return `runAsUser=0 (${who} must not set runAsUser=0)`;
  },
  (pod, containers) => {
    const unconfined = confined(pod, containers);
    if (unconfined !== undefined) return unconfined;
    const type = (field: Field) => field.at("securityContext", "seccompProfile", "type").text;
    const isGood = (text: string) => text === "RuntimeDefault" || text === "Localhost";
    const silent = containers.filter((container) => type(container) === "" && !isGood(type(pod)));
    if (silent.length === 0) return undefined;
    return `seccompProfile (pod or ${named(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`;
  },
];

/** What a level refuses about the spec of a pod; empty when its pods may run. */
export function findPodSecurityProblems(level: PodSecurityLevel, pod: Field): string[] {
  const checks = { privileged: [], baseline, restricted }[level];
  const containers = [...pod.at("initContainers").items(), ...pod.at("containers").items()];
  return checks.map((check) => check(pod, containers)).filter((problem) => problem !== undefined);
}
