import { allowOnly, type Field } from "../field";
import { configKey, dnsLabel, dnsSubdomain, portName, portNumber, variableName } from "../formats/names";
import { judgeFieldReference, judgeResourceReference } from "./downward-reference";
import { judgeLifecycle, judgeProbes } from "./probe";
import { judgeResources } from "./resources";
import { judgeContainerSecurity } from "./security-context";
import { judgeDevices, judgeMounts, type Volumes } from "./volume";

/** What containers of a pod are judged with. */
export interface PodAround {
  readonly volumes: Volumes;
  /** Names of the claims for devices. */
  readonly claims: ReadonlySet<string>;
  readonly graceSeconds: number;
  readonly restartPolicy: string;
}

export const PROTOCOLS = ["SCTP", "TCP", "UDP"];

export function judgeContainers(containers: Field, around: PodAround): void {
  if (containers.isEmpty) containers.required();
  const names = new Set<string>();
  for (const container of containers.items()) {
    judgeContainer(container, around);
    takeName(container, names);
    if (container.at("lifecycle").isSet) judgeLifecycle(container.at("lifecycle"), around.graceSeconds);
    judgeProbes(container, around.graceSeconds);
  }
  judgeHostPorts(containers.items());
}

/** Containers that run before the others, or, restarted always, beside them. */
export function judgeInitContainers(containers: Field, regular: Field, around: PodAround): void {
  const names = new Set(regular.items().map((container) => container.at("name").text));
  for (const container of containers.items()) {
    judgeContainer(container, around);
    takeName(container, names);
    judgeHostPorts([container]);
    // Other policies of single containers are dropped, as long as their feature is switched off.
    if (container.at("restartPolicy").text === "Always") {
      if (container.at("lifecycle").isSet) judgeLifecycle(container.at("lifecycle"), around.graceSeconds);
      judgeProbes(container, around.graceSeconds);
      continue;
    }
    for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
      const field = container.at(name);
      if (field.isSet) field.forbidden("may not be set for init containers without restartPolicy=Always");
    }
  }
}

function takeName(container: Field, names: Set<string>): void {
  const name = container.at("name");
  if (names.has(name.text)) name.duplicate();
  if (!name.isEmpty) names.add(name.text);
}

function judgeContainer(container: Field, around: PodAround): void {
  const name = container.at("name");
  if (name.isEmpty) name.required();
  else name.invalidAll(dnsLabel(name.text));
  const image = container.at("image");
  if (image.isEmpty) image.required();
  allowOnly(container.at("terminationMessagePolicy"), ["File", "FallbackToLogsOnError"]);
  judgePorts(container.at("ports"));
  for (const variable of container.at("env").items()) judgeVariable(variable);
  for (const source of container.at("envFrom").items()) judgeVariables(source, container.at("envFrom"));
  judgeMounts(container, around.volumes);
  judgeDevices(container, around.volumes);
  allowOnly(container.at("imagePullPolicy"), ["Always", "IfNotPresent", "Never"]);
  judgeResources(container.at("resources"), around.claims);
  judgeResizePolicy(container.at("resizePolicy"), around.restartPolicy);
  judgeContainerSecurity(container.at("securityContext"));
}

function judgePorts(ports: Field): void {
  const names = new Set<string>();
  for (const port of ports.items()) {
    const name = port.at("name");
    if (!name.isEmpty) {
      const problems = portName(name.text);
      name.invalidAll(problems);
      if (problems.length === 0 && names.has(name.text)) name.duplicate();
      names.add(name.text);
    }
    const number = port.at("containerPort");
    if (number.number === 0) number.required();
    else number.invalidAll(portNumber(number.number));
    const host = port.at("hostPort");
    if (host.number !== 0) host.invalidAll(portNumber(host.number));
    allowOnly(port.at("protocol"), PROTOCOLS);
  }
}

/** Two containers of a pod can't have the same port of a node. */
function judgeHostPorts(containers: readonly Field[]): void {
  const taken = new Set<string>();
  for (const port of containers.flatMap((container) => container.at("ports").items())) {
    const host = port.at("hostPort");
    if (host.number === 0) continue;
    const key = `${port.at("protocol").text || "TCP"}/${port.at("hostIP").text}/${host.number}`;
    if (taken.has(key)) host.duplicate(key);
    taken.add(key);
  }
}

function judgeVariable(variable: Field): void {
  const name = variable.at("name");
  if (name.isEmpty) name.required();
  else name.invalidAll(variableName(name.text));
  const source = variable.at("valueFrom");
  if (!source.isSet) return;
  const field = source.at("fieldRef");
  const resource = source.at("resourceFieldRef");
  const keys = [source.at("configMapKeyRef"), source.at("secretKeyRef")];
  if (field.isSet) judgeFieldReference(field, "variable");
  if (resource.isSet) judgeResourceReference(resource, false);
  for (const reference of keys) if (reference.isSet) judgeKeyReference(reference);
  const given = [field, resource, ...keys].filter(({ isSet }) => isSet).length;
  if (given === 0) {
    source.invalid(
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
      "",
    );
  } else if (!variable.at("value").isEmpty) {
    source.invalid("may not be specified when `value` is not empty", "");
  } else if (given > 1) source.invalid("may not have more than one field specified at a time", "");
}

function judgeKeyReference(reference: Field): void {
  const name = reference.at("name");
  const key = reference.at("key");
  if (name.isEmpty) name.required();
  else name.invalidAll(dnsSubdomain(name.text));
  if (key.isEmpty) key.required();
  else key.invalidAll(configKey(key.text));
}

function judgeVariables(source: Field, list: Field): void {
  const prefix = source.at("prefix");
  if (!prefix.isEmpty) prefix.invalidAll(variableName(prefix.text));
  const references = [source.at("configMapRef"), source.at("secretRef")].filter(({ isSet }) => isSet);
  for (const reference of references) {
    const name = reference.at("name");
    if (name.isEmpty) name.required();
    else name.invalidAll(dnsSubdomain(name.text));
  }
  if (references.length === 0) list.invalid("must specify one of: `configMapRef` or `secretRef`", "");
  if (references.length > 1) list.invalid("may not have more than one field specified at a time", "");
}

function judgeResizePolicy(policies: Field, restartPolicy: string): void {
  const seen = new Set<string>();
  for (const policy of policies.items()) {
    const { text } = policy.at("resourceName");
    if (seen.has(text)) policy.duplicate(text);
    seen.add(text);
    if (text === "") policies.required();
    else if (!["cpu", "memory"].includes(text)) policies.unsupported(["cpu", "memory"], text);
    const restart = policy.at("restartPolicy").text;
    if (restart === "") policies.required();
    else if (!["NotRequired", "RestartContainer"].includes(restart)) {
      policies.unsupported(["NotRequired", "RestartContainer"], restart);
    }
    if (restartPolicy === "Never" && restart !== "NotRequired") {
      policies.invalid("must be 'NotRequired' when `restartPolicy` is 'Never'", restart);
    }
  }
}
