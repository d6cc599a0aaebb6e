import type { PrintedResource } from "./kubernetes-resources";

/** One side of a call through sidecars. */
export interface DaprApp {
  readonly appId: string;
  readonly namespace: string;
}

interface Policy {
  readonly appId: string;
  readonly namespace?: string;
  readonly trustDomain?: string;
  readonly defaultAction?: string;
  readonly operations?: readonly Operation[];
}

interface Operation {
  readonly name: string;
  readonly httpVerb?: readonly string[];
  readonly action: string;
}

export interface AccessControl {
  readonly defaultAction?: string;
  readonly trustDomain?: string;
  readonly policies?: readonly Policy[];
}

/** Who a caller is, as its certificate says: null where it has none. */
export type DaprCertificate = (DaprApp & { readonly trustDomain: string }) | null;

/**
 * What daprd answers, from finished Configurations alone. It was written from the documentation and Dapr's source,
 * and is held to the answers of Dapr's own code in `fixtures/dapr-verdicts.generated.json`.
 */
export class DaprAccess {
  private readonly configurations: ReadonlyMap<string, AccessControl>;

  constructor(resources: readonly PrintedResource[]) {
    this.configurations = new Map(
      resources
        .filter(({ apiVersion, kind }) => apiVersion === "dapr.io/v1alpha1" && kind === "Configuration")
        .map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec.accessControl ?? {}]),
    );
  }

  /** Whether the call gets through, when both pods name the Configuration that is called like them. */
  allows(caller: DaprApp, callee: DaprApp, operation = "/", verb = "POST"): boolean {
    const target = this.configurations.get(`${callee.namespace}/${callee.appId}`);
    // An app that names a Configuration which is missing has no running sidecar.
    if (target === undefined) return false;
    // The caller's certificate carries the trust domain of its own Configuration, and "public" without one.
    const own = this.configurations.get(`${caller.namespace}/${caller.appId}`);
    return decide(target, { ...caller, trustDomain: own?.trustDomain ?? "public" }, operation, verb);
  }
}

/** The decision of one callee's sidecar about one call over HTTP. */
export function decide(
  control: AccessControl,
  caller: DaprCertificate,
  operation: string,
  verb: string,
): boolean {
  const { defaultAction = "", trustDomain = "", policies = [] } = control;
  if (defaultAction === "" && trustDomain === "" && policies.length === 0) return true;
  const open = control.policies !== undefined && policies.length === 0;
  const byDefault = defaultAction === "" ? (open ? "allow" : "deny") : defaultAction;
  const policy =
    caller === null
      ? undefined
      : policies.findLast(({ appId, namespace }) => appId === caller.appId && namespace === caller.namespace);
  if (policy === undefined || policy.trustDomain !== caller?.trustDomain) return isAllow(byDefault);
  const fallback = policy.defaultAction ? policy.defaultAction : byDefault;
  const rule = findOperation(policy.operations ?? [], segmentsOf(operation));
  if (rule === undefined) return isAllow(fallback);
  const verbs = rule.httpVerb ?? [];
  return isAllow(verbs.includes(verb) || verbs.includes("*") ? rule.action : fallback);
}

function isAllow(action: string): boolean {
  return action.toLowerCase() === "allow";
}

/** One segment of the tree that daprd sorts a policy's operations into. */
interface OperationNode {
  readonly segment: string;
  readonly children: OperationNode[];
  operation?: Operation;
}

/**
 * Walks that tree. The first segment that has an operation decides, whatever is below it: `/tasks` beside `/tasks/**`
 * shadows the latter. `/**` and `/*` match nothing at all as well: `/tasks/**` is `/tasks` too.
 */
function findOperation(operations: readonly Operation[], segments: readonly string[]): Operation | undefined {
  let node = treeOf(operations);
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    const next = node.children.find(
      (child) =>
        child.segment === segment ||
        (child.segment === "*" ? last : child.segment === "**" || globs(child.segment, segment)),
    );
    if (next === undefined) return undefined;
    if (next.operation !== undefined) return next.operation;
    if (last) return next.children.find((child) => /^\*\*?$/.test(child.segment))?.operation;
    node = next;
  }
  return undefined;
}

function treeOf(operations: readonly Operation[]): OperationNode {
  const root: OperationNode = { segment: "", children: [] };
  for (const operation of operations) {
    let node = root;
    for (const segment of segmentsOf(operation.name)) {
      const known = node.children.find((child) => child.segment === segment);
      const next = known ?? { segment, children: [] };
      if (known === undefined) node.children.push(next);
      node = next;
    }
    node.operation ??= operation;
  }
  return root;
}

/** Over HTTP, letters' case doesn't count, and the leading slash may be missing. */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, "").toLowerCase().split("/");
}

function globs(pattern: string, segment: string): boolean {
  const literals = pattern.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`).test(segment);
}
