import type { Field } from "../field";
import { allowGiven, allowOnly } from "../field";
import { judgeLocalPath } from "./paths";
import { judgeWindowsOptions } from "./windows";

/** Under whom containers run and what they may. */

const MOST_ID = 2 ** 31 - 1;
const ID_PROBLEM = `must be between 0 and ${MOST_ID}, inclusive`;

function judgeId(id: Field): void {
  if (id.isSet && (id.number < 0 || id.number > MOST_ID)) id.invalid(ID_PROBLEM);
}

export function judgePodSecurity(context: Field, spec: Field): void {
  for (const name of ["fsGroup", "runAsUser", "runAsGroup"]) judgeId(context.at(name));
  context.at("supplementalGroups").items().forEach(judgeId);
  allowGiven(context.at("fsGroupChangePolicy"), ["Always", "OnRootMismatch"]);
  // The other policy waits for a feature that is switched off.
  allowGiven(context.at("seLinuxChangePolicy"), ["Recursive"]);
  allowOnly(context.at("supplementalGroupsPolicy"), ["Merge", "Strict"]);
  judgeProfile(context.at("seccompProfile"), "seccomp");
  judgeProfile(context.at("appArmorProfile"), "AppArmor");
  judgeWindowsOptions(context.at("windowsOptions"));
  if (spec.at("shareProcessNamespace").value === true && spec.at("hostPID").value === true) {
    context
      .at("shareProcessNamespace")
      .invalid("ShareProcessNamespace and HostPID cannot both be enabled", true);
  }
  const names = new Set<string>();
  for (const sysctl of context.at("sysctls").items()) {
    const name = sysctl.at("name");
    if (name.isEmpty) name.required();
    else if (name.text.length > 253 || !SYSCTL.test(name.text)) {
      name.invalid(`must have at most 253 characters and match regex ${SYSCTL.source}`);
    } else if (names.has(name.text)) name.duplicate();
    names.add(name.text);
  }
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

export function judgeContainerSecurity(context: Field): void {
  judgeId(context.at("runAsUser"));
  judgeId(context.at("runAsGroup"));
  allowOnly(context.at("procMount"), ["Default", "Unmasked"]);
  if (context.at("procMount").text === "Unmasked") {
    context.at("procMount").invalid("`hostUsers` must be false to use `Unmasked`");
  }
  judgeProfile(context.at("seccompProfile"), "seccomp");
  judgeProfile(context.at("appArmorProfile"), "AppArmor");
  judgeWindowsOptions(context.at("windowsOptions"));
  if (context.at("allowPrivilegeEscalation").value !== false) return;
  if (context.at("privileged").value === true) {
    context.invalid("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  }
  const added = context.at("capabilities", "add").items();
  if (added.some(({ text }) => text === "CAP_SYS_ADMIN")) {
    context.invalid("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
  }
}

function judgeProfile(profile: Field, what: "seccomp" | "AppArmor"): void {
  if (!profile.isSet) return;
  const type = profile.at("type");
  const file = profile.at("localhostProfile");
  const supported = ["Localhost", "RuntimeDefault", "Unconfined"];
  const profileName = what === "seccomp" ? "seccompProfile" : "appArmorProfile";
  if (type.isEmpty) type.required(`type is required when ${profileName} is set`);
  else if (!supported.includes(type.text)) type.unsupported(supported, type.text);
  if (type.text !== "Localhost") {
    if (file.isSet)
      file.invalid(`can only be set when ${what === "seccomp" ? "seccomp " : ""}type is Localhost`);
  } else if (!file.isSet) {
    file.required(`must be set when ${what === "seccomp" ? "seccomp " : ""}type is Localhost`);
  } else if (what === "seccomp") judgeLocalPath(file);
  else if (file.text.trim() === "") file.required("must be set when type is Localhost");
}
