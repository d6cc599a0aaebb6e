import { type Field, isJsonObject, type JsonObject, NOT_NEGATIVE } from "../field";
import { dnsLabel, qualifiedName } from "../formats/names";
import { isWhole, quantityOf, showQuantity } from "../formats/quantity";

/** Requests and limits of CPU, memory and the like. */

const OF_CONTAINERS = ["cpu", "memory", "ephemeral-storage"];

export const WHOLE = "must be an integer";

/** Counted in a namespace, not measured. */
export const COUNTS = [
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
];

const STANDARD = [
  ...OF_CONTAINERS.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  "storage",
  "requests.storage",
  ...COUNTS,
];

/** What Kubernetes itself calls by a name without a prefix. */
export function isStandard(name: string): boolean {
  return STANDARD.includes(name) || /^(requests\.)?hugepages-/.test(name);
}

function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** CPU and memory may be promised more often than they are there; huge pages and devices may not. */
export function mayOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith("hugepages-");
}

/** @param claims names of the pod's claims for devices */
export function judgeResources(resources: Field, claims: ReadonlySet<string> = new Set()): void {
  const limits = resources.at("limits");
  const requests = resources.at("requests");
  const limitOf = isJsonObject(limits.value) ? limits.value : {};
  for (const [name, amount] of limits.entries()) judgeAmount(name, amount);
  for (const [name, amount] of requests.entries()) {
    judgeAmount(name, amount);
    const limit = limitOf[name];
    const wanted = quantityOf(amount.value);
    const allowed = quantityOf(limit);
    if (limit === undefined) {
      if (!mayOvercommit(name)) limits.required("Limit must be set for non overcommitable resources");
    } else if (wanted === undefined || allowed === undefined) {
    } else if (!mayOvercommit(name) && wanted !== allowed) {
      requests.invalid(
        `must be equal to ${name} limit of ${showQuantity(limit)}`,
        showQuantity(amount.value),
      );
    } else if (wanted > allowed) {
      requests.invalid(
        `must be less than or equal to ${name} limit of ${showQuantity(limit)}`,
        showQuantity(amount.value),
      );
    }
  }
  const names = [...limits.entries(), ...requests.entries()].map(([name]) => name);
  const isHuge = names.some((name) => name.startsWith("hugepages-"));
  if (isHuge && !names.includes("cpu") && !names.includes("memory")) {
    resources.forbidden("HugePages require cpu or memory");
  }
  judgeClaimsInUse(resources.at("claims"), claims);
}

function judgeClaimsInUse(inUse: Field, claims: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const use of inUse.items()) {
    const { text: name } = use.at("name");
    const request = use.at("request");
    if (name === "") {
      use.required();
      continue;
    }
    const key = request.isEmpty ? name : `${name}/${request.text}`;
    if (!request.isEmpty) request.invalidAll(dnsLabel(request.text));
    const isPart = request.isEmpty && [...seen].some((each) => each.startsWith(`${name}/`));
    if (seen.has(name) || seen.has(key) || isPart) use.duplicate(seen.has(name) ? name : key);
    seen.add(key);
    if (claims.has(name)) continue;
    const known = claims.size === 0 ? " which is empty" : `: ${[...claims].sort().join(", ")}`;
    use.report(
      `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${known}`,
    );
  }
}

const OF_PODS = ["cpu", "memory"];

/** What a pod asks for as a whole is at least what its containers ask for, and no less than the limit of any. */
export function judgePodResources(spec: Field): void {
  const whole = spec.at("resources");
  if (!whole.isSet || spec.at("os", "name").text === "windows") return;
  const claims = whole.at("claims");
  if (claims.isSet) claims.forbidden("claims may not be set for Resources at pod-level");
  for (const [name, amount] of [...whole.at("limits").entries(), ...whole.at("requests").entries()]) {
    if (!OF_PODS.includes(name) && !name.startsWith("hugepages-")) {
      amount.unsupported(OF_PODS, name);
    }
  }
  judgeResources(whole.with({ ...(whole.value as JsonObject), claims: undefined }));
  const containers = spec.at("containers").items();
  for (const [name, amount] of whole.at("requests").entries()) {
    const asked = containers
      .map((container) => quantityOf(container.at("resources", "requests", name).value) ?? 0n)
      .reduce((one, other) => one + other, 0n);
    const given = quantityOf(amount.value);
    if (given !== undefined && asked > given) {
      amount.invalid(
        "must be greater than or equal to aggregate container requests",
        showQuantity(amount.value),
      );
    }
  }
  containers.forEach((container, index) => {
    for (const [name, limit] of container.at("resources", "limits").entries()) {
      const most = quantityOf(whole.at("limits", name).value);
      const own = quantityOf(limit.value);
      if (most === undefined || own === undefined || own <= most) continue;
      limit
        .as(`${whole.path}.containers[${index}][${name}].limits`)
        .invalid(
          `must be less than or equal to pod limits of ${showQuantity(whole.at("limits", name).value)}`,
          showQuantity(limit.value),
        );
    }
  });
}

function judgeAmount(name: string, amount: Field): void {
  judgeResourceName(name, amount);
  judgeNotNegative(amount);
  const value = quantityOf(amount.value);
  const isCounted = !isNative(name) || name === "pods";
  if (value !== undefined && isCounted && !isWhole(value)) amount.invalid(WHOLE, showQuantity(amount.value));
}

/** What is measured in containers. */
export function judgeResourceName(name: string, amount: Field): void {
  if (!judgeStandardName(name, amount)) return;
  if (!name.includes("/")) {
    if (OF_CONTAINERS.includes(name) || name.startsWith("hugepages-")) return;
    amount.invalid("must be a standard resource for containers", name);
  } else if (!isNative(name) && !isDevice(name)) {
    amount.invalid("doesn't follow extended resource name standard", name);
  }
}

/** A device or the like that somebody else's plugin counts. */
export function isDevice(name: string): boolean {
  return !isNative(name) && !name.startsWith("requests.") && qualifiedName(`requests.${name}`).length === 0;
}

/** What Kubernetes or somebody else measures or counts anywhere. @returns whether the name has the form of one */
export function judgeStandardName(name: string, amount: Field): boolean {
  const problems = qualifiedName(name);
  amount.invalidAll(problems, name);
  if (problems.length > 0) return false;
  if (!name.includes("/") && !isStandard(name)) {
    amount.invalid("must be a standard resource type or fully qualified", name);
  }
  return true;
}

export function judgeNotNegative(amount: Field): void {
  const value = quantityOf(amount.value);
  if (value !== undefined && value < 0n) amount.invalid(NOT_NEGATIVE, showQuantity(amount.value));
}
