import type { Field } from "../field";
import { dnsSubdomain } from "../formats/names";

/** What only pods of Windows may have, and what they may not. */

const NOT_OF_WINDOWS = {
  pod: ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace", "resources"],
  podContext: [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
  ],
  containerContext: [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
  ],
};

function containersOf(spec: Field): Field[] {
  return [...spec.at("initContainers").items(), ...spec.at("containers").items()];
}

/** Judges the operating system that a pod says it is for, by what else it asks for. */
export function judgeSystem(spec: Field): void {
  const system = spec.at("os");
  const name = system.at("name");
  const context = spec.at("securityContext");
  const contexts = containersOf(spec).map((container) => container.at("securityContext"));
  if (!system.isSet) return;
  if (name.isEmpty) name.required();
  else if (name.text === "linux") {
    for (const options of [context, ...contexts].map((each) => each.at("windowsOptions"))) {
      if (options.isSet) options.forbidden("windows options cannot be set for a linux pod");
    }
  } else if (name.text === "windows") {
    for (const field of [
      ...NOT_OF_WINDOWS.pod.map((each) => spec.at(each)).filter(({ value }) => value !== false),
      ...NOT_OF_WINDOWS.podContext.map((each) => context.at(each)),
      ...contexts.flatMap((each) => NOT_OF_WINDOWS.containerContext.map((option) => each.at(option))),
    ]) {
      if (field.isSet) field.forbidden("cannot be set for a windows pod");
    }
    const sysctls = context.at("sysctls");
    if (!sysctls.isEmpty) sysctls.forbidden("cannot be set for a windows pod");
  } else system.unsupported(["linux", "windows"], name.text);
}

const SPEC_BYTES = 64 * 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROL = /[\u0000-\u001f]/;

export function judgeWindowsOptions(options: Field): void {
  const credentials = options.at("gmsaCredentialSpecName");
  if (credentials.isSet) credentials.invalidAll(dnsSubdomain(credentials.text));
  const spec = options.at("gmsaCredentialSpec");
  if (spec.isSet && spec.text === "") spec.invalid("gmsaCredentialSpec cannot be an empty string");
  if (spec.text.length > SPEC_BYTES) spec.invalid("gmsaCredentialSpec size must be under 64 KiB");
  const user = options.at("runAsUserName");
  if (!user.isSet) return;
  const parts = user.text.split("\\");
  const own = parts.at(-1) ?? "";
  if (user.text === "") user.invalid("runAsUserName cannot be an empty string");
  else if (CONTROL.test(user.text)) user.invalid("runAsUserName cannot contain control characters");
  else if (parts.length > 2) user.invalid("runAsUserName cannot contain more than one backslash");
  else {
    if (own === "") user.invalid("runAsUserName's User cannot be empty");
    if (own.length > 104) {
      user.invalid("runAsUserName's User length must not be longer than 104 characters");
    }
    if (/^[. ]+$/.test(own)) user.invalid("runAsUserName's User cannot contain only periods or spaces");
    if (/["/\\:;|=,+*?<>@[\]]/.test(own)) {
      user.invalid("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }
  }
}

/** Containers that run as processes of the host do so together, and on its network. */
export function judgeHostProcess(spec: Field): void {
  const whole = spec.at("securityContext", "windowsOptions", "hostProcess");
  const own = containersOf(spec).map((container) =>
    container.at("securityContext", "windowsOptions", "hostProcess"),
  );
  for (const each of own) {
    if (whole.isSet && each.isSet && each.value !== whole.value) {
      each.invalid(`pod hostProcess value must be identical if both are specified, was ${whole.value}`);
    }
  }
  const on = own.filter((each) => (each.isSet ? each.value === true : whole.value === true));
  if (on.length === 0) return;
  if (on.length < own.length) {
    spec.invalid(
      "If pod contains any hostProcess containers then all containers must be HostProcess containers",
      "",
    );
  }
  if (spec.at("hostNetwork").value !== true) {
    spec
      .at("hostNetwork")
      .invalid("hostNetwork must be true if pod contains any hostProcess containers", false);
  }
}
