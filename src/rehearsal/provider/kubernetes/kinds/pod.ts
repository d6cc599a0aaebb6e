import { allowOnly, canonicalJson, type Field, isJsonObject, type Json } from "../field";
import { familyOf, IP_PROBLEM } from "../formats/addresses";
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, qualifiedName } from "../formats/names";
import type { KindRules } from "../kind-rules";
import { judgeContainers, judgeInitContainers, type PodAround } from "./container";
import { judgeAnnotations, judgeMetadata } from "./metadata";
import { judgePodResources, judgeResources } from "./resources";
import { judgeAffinity, judgeSpread, judgeTolerations } from "./scheduling";
import { judgePodSecurity } from "./security-context";
import { judgeLabels } from "./selector";
import { judgeVolumes } from "./volume";
import { judgeHostProcess, judgeSystem } from "./windows";

const GRACE_SECONDS = 30;
const MOST_SECONDS = 2 ** 31 - 1;

/** What a workload makes its pods from. */
export function judgePodTemplate(template: Field): void {
  judgeLabels(template.at("metadata", "labels").as(`${template.path}.labels`));
  judgeAnnotations(template.at("metadata", "annotations").as(`${template.path}.annotations`));
  const spec = template.at("spec");
  judgePodSpec(spec);
  if (!spec.at("ephemeralContainers").isEmpty) {
    spec.at("ephemeralContainers").forbidden("ephemeral containers not allowed in pod template");
  }
}

export function judgePodSpec(spec: Field): void {
  const grace = spec.at("terminationGracePeriodSeconds");
  const around: PodAround = {
    volumes: judgeVolumes(spec.at("volumes")),
    graceSeconds: grace.isSet ? grace.number : GRACE_SECONDS,
    claims: judgeClaims(spec.at("resourceClaims")),
    restartPolicy: spec.at("restartPolicy").text || "Always",
  };
  // A negative grace is stored as one second, except in pods that have it already.
  judgeContainers(spec.at("containers"), around);
  judgeInitContainers(spec.at("initContainers"), spec.at("containers"), around);
  judgePodResources(spec);
  judgeHostNetwork(spec);
  allowOnly(spec.at("restartPolicy"), ["Always", "OnFailure", "Never"]);
  allowOnly(spec.at("dnsPolicy"), ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]);
  judgeLabels(spec.at("nodeSelector"));
  judgePodSecurity(spec.at("securityContext"), spec);
  judgeAffinity(spec.at("affinity"));
  judgeDns(spec);
  for (const gate of spec.at("readinessGates").items()) {
    const type = gate.at("conditionType");
    type.invalidAll(qualifiedName(type.text), type.text);
  }
  judgeGates(spec.at("schedulingGates"));
  judgeSpread(spec.at("topologySpreadConstraints"));
  judgeHostProcess(spec);
  judgeUsers(spec);
  judgeNames(spec);
  judgeDeadline(spec.at("activeDeadlineSeconds"));
  judgeTolerations(spec.at("tolerations"));
  for (const alias of spec.at("hostAliases").items()) {
    if (familyOf(alias.at("ip").text) === undefined) alias.at("ip").invalid(IP_PROBLEM, alias.at("ip").text);
    for (const name of alias.at("hostnames").items()) name.invalidAll(dnsSubdomain(name.text));
  }
  allowOnly(spec.at("preemptionPolicy"), ["Never", "PreemptLowerPriority"]);
  const overhead = spec.at("overhead");
  if (overhead.isSet) judgeResources(overhead.with({ limits: overhead.value }));
  judgeSystem(spec);
}

function judgeGates(gates: Field): void {
  const seen = new Set<string>();
  for (const gate of gates.items()) {
    const { text } = gate.at("name");
    gate.invalidAll(qualifiedName(text), text);
    if (seen.has(text)) gate.duplicate(text);
    seen.add(text);
  }
}

/** Pods with users of their own share nothing else with the host. */
function judgeUsers(spec: Field): void {
  if (spec.at("hostUsers").value !== false) return;
  for (const [name, shown] of [
    ["hostNetwork", "hostNetwork"],
    ["hostPID", "HostPID"],
    ["hostIPC", "HostIPC"],
  ] as const) {
    if (spec.at(name).value === true) spec.at(shown).forbidden("when `hostUsers` is false");
  }
  for (const container of [...spec.at("initContainers").items(), ...spec.at("containers").items()]) {
    const devices = container.at("volumeDevices");
    if (!devices.isEmpty) devices.forbidden("when `hostUsers` is false");
  }
}

/** Devices that a pod asks for by claims; containers may use those alone. */
function judgeClaims(claims: Field): ReadonlySet<string> {
  const names = new Set<string>();
  for (const claim of claims.items()) {
    const name = claim.at("name");
    if (name.isEmpty) name.required();
    else if (names.has(name.text)) name.duplicate();
    else name.invalidAll(dnsLabel(name.text));
    names.add(name.text);
    const sources = ["resourceClaimName", "resourceClaimTemplateName"].map((each) => claim.at(each));
    const given = sources.filter(({ isSet }) => isSet);
    if (given.length === 2) {
      claim.invalid("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    }
    if (given.length === 0) {
      claim.invalid("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    }
    for (const source of given) source.invalidAll(dnsSubdomain(source.text));
  }
  return names;
}

function judgeNames(spec: Field): void {
  for (const name of ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"]) {
    // The account's older name counts where the newer one is empty.
    const isOlder = name === "serviceAccountName" && spec.at(name).isEmpty;
    const field = isOlder ? spec.at(name).with(spec.at("serviceAccount").value) : spec.at(name);
    const isGiven = name === "runtimeClassName" ? field.isSet : !field.isEmpty;
    if (isGiven) field.invalidAll(dnsSubdomain(field.text));
  }
  for (const name of ["hostname", "subdomain"]) {
    const field = spec.at(name);
    if (!field.isEmpty) field.invalidAll(dnsLabel(field.text));
  }
}

export function judgeDeadline(deadline: Field): void {
  if (deadline.isSet && (deadline.number < 1 || deadline.number > MOST_SECONDS)) {
    deadline.invalid(`must be between 1 and ${MOST_SECONDS}, inclusive`);
  }
}

function judgeHostNetwork(spec: Field): void {
  if (spec.at("hostNetwork").value !== true) return;
  for (const port of spec
    .at("containers")
    .items()
    .flatMap((container) => container.at("ports").items())) {
    const host = port.at("hostPort");
    if (host.number !== 0 && host.number !== port.at("containerPort").number) {
      host.invalid("must match `containerPort` when `hostNetwork` is true");
    }
  }
}

const MOST = { nameservers: 3, searches: 32, searchCharacters: 2048 };

function judgeDns(spec: Field): void {
  const config = spec.at("dnsConfig");
  const servers = config.at("nameservers");
  const searches = config.at("searches");
  if (spec.at("dnsPolicy").text === "None") {
    if (!config.isSet) config.required("must provide `dnsConfig` when `dnsPolicy` is None");
    else if (servers.isEmpty) {
      servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
  }
  if (servers.items().length > MOST.nameservers) {
    servers.invalid(`must not have more than ${MOST.nameservers} nameservers`);
  }
  for (const server of servers.items()) {
    if (familyOf(server.text) === undefined) server.invalid(IP_PROBLEM);
  }
  if (searches.items().length > MOST.searches) {
    searches.invalid(`must not have more than ${MOST.searches} search paths`);
  }
  const texts = searches.items().map(({ text }) => text);
  if (texts.join(" ").length > MOST.searchCharacters) {
    searches.invalid(
      `must not have more than ${MOST.searchCharacters} characters (including spaces) in the search list`,
    );
  }
  for (const search of searches.items()) {
    const text = search.text.replace(/\.$/, "");
    if (search.text !== ".") search.invalidAll(dnsSubdomainWithUnderscore(text), text);
  }
  for (const option of config.at("options").items()) {
    if (option.at("name").isEmpty) option.required("must not be empty");
  }
}

export const pod: KindRules = {
  kinds: ["v1/Pod"],
  judge({ object, prior }) {
    judgeMetadata(object.at("metadata"), true);
    judgePodSpec(object.at("spec"));
    if (prior) judgePodChange(object.at("spec"), prior.at("spec"));
  },
};

/** Of a pod that is there, little can be changed. */
function judgePodChange(spec: Field, prior: Field): void {
  for (const name of ["containers", "initContainers"]) {
    if (spec.at(name).items().length !== prior.at(name).items().length) {
      spec.at(name).forbidden("pod updates may not add or remove containers");
      return;
    }
  }
  const deadline = spec.at("activeDeadlineSeconds");
  const before = prior.at("activeDeadlineSeconds");
  if (before.isSet && !deadline.isSet)
    deadline.invalid("must not update from a positive integer to nil value");
  else if (before.isSet && deadline.number > before.number) {
    deadline.invalid("must be less than or equal to previous value");
  }
  const now = spec.at("tolerations").items().map(withoutSeconds);
  const tolerated = prior
    .at("tolerations")
    .items()
    .filter((toleration) => !isOwn(toleration));
  if (tolerated.map(withoutSeconds).some((toleration) => !now.includes(toleration))) {
    spec.at("tolerations").forbidden("existing toleration can not be modified except its tolerationSeconds");
  }
  if (!changes(withoutFree(spec), withoutFree(prior))) return;
  spec.forbidden(
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
  );
}

function withoutSeconds({ value }: Field): string {
  return canonicalJson(isJsonObject(value) ? { ...value, tolerationSeconds: null } : value);
}

/** Whether the API server adds it to every pod. */
function isOwn(toleration: Field): boolean {
  return /^node\.kubernetes\.io\/(not-ready|unreachable)$/.test(toleration.at("key").text);
}

/** Without what may change while a pod runs. */
function withoutFree(spec: Field): Json {
  if (!isJsonObject(spec.value)) return null;
  const {
    activeDeadlineSeconds: _deadline,
    tolerations: _tolerations,
    schedulingGates: _gates,
    // An older name of the account: what is under the newer one counts.
    serviceAccount: _account,
    ...rest
  } = spec.value;
  const withoutImages = (name: string): Json =>
    spec
      .at(name)
      .items()
      .map(({ value }) => (isJsonObject(value) ? { ...value, image: null } : (value ?? null)));
  return {
    ...rest,
    containers: withoutImages("containers"),
    initContainers: withoutImages("initContainers"),
  };
}

/** Whether anything that is said differs. What isn't said may be the API server's own, and stays as it was. */
function changes(value: Json | undefined, before: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) {
    const others = Array.isArray(before) ? before : [];
    return value.length > others.length || value.some((item, index) => changes(item, others[index]));
  }
  if (isJsonObject(value)) {
    const others = isJsonObject(before) ? before : {};
    return Object.entries(value).some(([key, child]) => changes(child, others[key]));
  }
  return value !== before;
}
