import type { Behaviour, Change } from "../../behaviour";
import type { Cloud } from "../../cloud";
import { CloudError } from "../../cloud-error";
import { blocksAt, isList, type ObjectValue, textAt, type Value } from "../../value";
import { Field, isJsonObject } from "../field";
import { type ApiObject, isNamespaced, type JudgeProps, judge } from "../judge";
import { ENFORCED_LEVEL, findPodSecurityProblems, type PodSecurityLevel } from "../pod-security";
import { identityOf, kindsOf, manifestOf } from "./cluster";
import { goneVersionOf, objectOfResource } from "./object-of-resource";
import { objectsIn, packObjects, type Rendered, renderRelease } from "./release";

/** What the API server says about an object: refused, or let pass with a note on what wasn't judged. */
interface Answer {
  readonly refusal?: string;
  readonly unjudged?: string;
}

function ask(object: ApiObject, props: JudgeProps): Answer {
  const judgement = judge(object, props);
  switch (judgement.verdict) {
    case "refused":
      return { refusal: judgement.message };
    case "not judged":
      return { unjudged: judgement.reason };
    default:
      return {};
  }
}

/** The object behind a resource, and the rules that it is asked about. */
function judgeResource({ cloud, type, attributes, writeOnly, prior }: Change): Answer {
  const gone = goneVersionOf(type);
  if (gone !== undefined) return { refusal: `the server could not find the requested resource (${gone})` };
  const findKind = kindsOf(cloud);
  if (type === "kubernetes_manifest") {
    const object = manifestOf(attributes);
    const before = prior === null ? undefined : manifestOf(prior);
    return object === undefined ? {} : ask(object, { findKind, prior: before, isStrict: true });
  }
  const object = objectOfResource(type, attributes, writeOnly);
  if (object === undefined) return {};
  const before =
    prior === null ? undefined : objectOfResource(type, prior, cloud.find(type, idOf(prior))?.writeOnly);
  const answer = ask(withProviderHabits(object), { findKind, prior: before });
  return answer.refusal === undefined && object.kind === "Pod" ? admitPod(cloud, object) : answer;
}

function idOf(attributes: ObjectValue): string {
  return textAt(attributes, "id") ?? "";
}

/** The provider sends an empty select policy where none is given, and the API server knows no such policy. */
function withProviderHabits(object: ApiObject): ApiObject {
  if (object.kind !== "HorizontalPodAutoscaler" || !isJsonObject(object.spec)) return object;
  const { behavior } = object.spec;
  if (!isJsonObject(behavior)) return object;
  const filled = Object.entries(behavior).map(([direction, rules]) => [
    direction,
    isJsonObject(rules) ? { selectPolicy: "", ...rules } : rules,
  ]);
  return { ...object, spec: { ...object.spec, behavior: Object.fromEntries(filled) } };
}

/** Pods of their own are refused at once; those of workloads never start. */
function admitPod(cloud: Cloud, object: ApiObject): Answer {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  const level = enforcedLevel(cloud, String(metadata.namespace ?? "default"));
  const problems = findPodSecurityProblems(level, new Field(object.spec, "", []));
  if (problems.length === 0) return {};
  return {
    refusal: `pods ${JSON.stringify(metadata.name ?? "")} is forbidden: violates PodSecurity "${level}:latest": ${problems.join(", ")}`,
  };
}

/** What a namespace asks of its pods. */
export function enforcedLevel(cloud: Cloud, namespace: string): PodSecurityLevel {
  const entry = cloud.ledger
    .ofType("kubernetes_namespace", "kubernetes_namespace_v1")
    .find(({ scope, id }) => scope === cloud.scope && id === namespace);
  const [metadata] = blocksAt(entry?.attributes, "metadata");
  const labels = metadata?.labels;
  const level =
    labels !== undefined && labels !== null && typeof labels === "object" && !isList(labels)
      ? (labels as ObjectValue)[ENFORCED_LEVEL]
      : undefined;
  return level === "baseline" || level === "restricted" ? level : "privileged";
}

/** The API server's own validation of what the kubernetes provider sends. */
export const apiServer: Behaviour = {
  types: ["kubernetes_*"],
  beforeCreate: refuseResource,
  beforeUpdate: refuseResource,
  filledByCloud: (change) =>
    change.type === "kubernetes_manifest"
      ? noted(judgeResource({ ...change, prior: null }).unjudged)
      : undefined,
};

function refuseResource(change: Change): void {
  const { refusal } = judgeResource(change);
  if (refusal !== undefined) throw new CloudError(refusal);
}

/** What wasn't judged stands in the ledger, for the summary to say it. */
function noted(reason: string | undefined): Readonly<Record<string, Value>> | undefined {
  return reason === undefined ? undefined : { notJudged: [reason] };
}

/** The API server's own validation of what a Helm release of a chart on this disk prints. */
export const apiServerOfReleases: Behaviour = {
  types: ["helm_release"],
  beforeCreate: refuseRelease,
  beforeUpdate: refuseRelease,
  filledByCloud({ cloud, attributes }) {
    const rendered = renderRelease(attributes);
    if ("reason" in rendered) return { notJudged: [rendered.reason] };
    const reasons = answersTo(cloud, attributes, rendered, []).flatMap(({ unjudged }) => unjudged ?? []);
    return {
      rendered: { objects: packObjects([...rendered.definitions, ...rendered.objects]) },
      ...(reasons.length > 0 && { notJudged: [...new Set(reasons)] }),
    };
  },
};

function refuseRelease({ cloud, attributes, prior }: Change): void {
  const rendered = renderRelease(attributes);
  if ("reason" in rendered) return;
  const isNew = prior === null;
  const refusals = answersTo(cloud, attributes, rendered, objectsIn(prior)).flatMap(
    ({ refusal }) => refusal ?? [],
  );
  const [first] = refusals;
  if (first === undefined) return;
  // Kinds are looked up before anything is made.
  const missing = refusals.find((refusal) => refusal.startsWith("no matches for kind"));
  const what = isNew ? "installation failed" : "upgrade failed";
  if (missing !== undefined) {
    throw new CloudError(
      what,
      `unable to build kubernetes objects from release manifest: resource mapping not found: ${missing}\nensure CRDs are installed first`,
    );
  }
  const remains = isNew && attributes.atomic !== true ? "tainted" : "nothing";
  throw new CloudError(what, first, remains);
}

function answersTo(
  cloud: Cloud,
  attributes: ObjectValue,
  { objects, definitions }: Extract<Rendered, { objects: unknown }>,
  before: readonly ApiObject[],
): Answer[] {
  const namespace = textAt(attributes, "namespace") ?? "default";
  const findKind = kindsOf(cloud, definitions);
  const placed = (object: ApiObject): ApiObject => {
    const metadata = isJsonObject(object.metadata) ? object.metadata : {};
    if (metadata.namespace !== undefined || isNamespaced(object, findKind) === false) return object;
    return { ...object, metadata: { ...metadata, namespace } };
  };
  const priors = new Map(before.map((object) => [identityOf(object, namespace), placed(object)]));
  return objects.map((object) =>
    ask(placed(object), { findKind, prior: priors.get(identityOf(object, namespace)) }),
  );
}
