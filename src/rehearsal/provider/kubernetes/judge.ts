import { type CustomKind, judgeCustomResource } from "./custom-resource";
import { Field, isJsonObject, type JsonObject } from "./field";
import { pathSegment } from "./formats/names";
import { rulesOf } from "./kinds";
import { judgeMetadata, judgeMetadataChange } from "./kinds/metadata";
import { builtInKind } from "./schema/built-in-kinds";
import { DecodeError, decode } from "./schema/decode";

/** An object of any kind, in the API's words. */
export interface ApiObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: JsonObject;
}

/** A kind that the cluster has, as far as is known about it. */
export type KnownKind = CustomKind | "not judged";

export interface JudgeProps {
  /** As it is in the cluster; undefined when it is being created. */
  readonly prior?: ApiObject;
  /** Kinds that were added to the cluster; undefined for those that it doesn't have. */
  readonly findKind?: (apiVersion: string, kind: string) => KnownKind | undefined;
  /** Whether fields that the kind doesn't have are refused, as they are in manifests; else they are dropped. */
  readonly isStrict?: boolean;
}

/** What the API server answers to an object. */
export type Judgement =
  | { readonly verdict: "accepted" }
  /** In the API server's words. */
  | { readonly verdict: "refused"; readonly message: string }
  /** Nothing is known about the kind, or not all that its definition says could be evaluated. */
  | { readonly verdict: "not judged"; readonly reason: string };

export function isApiObject(value: unknown): value is ApiObject {
  const object = value as ApiObject | null;
  return (
    typeof object === "object" &&
    object !== null &&
    typeof object.apiVersion === "string" &&
    typeof object.kind === "string"
  );
}

/** Whether objects of a kind live in namespaces; undefined for kinds that nothing is known about. */
export function isNamespaced(
  { apiVersion, kind }: Pick<ApiObject, "apiVersion" | "kind">,
  findKind?: JudgeProps["findKind"],
): boolean | undefined {
  const own = builtInKind(apiVersion, kind);
  if (own !== undefined) return own.namespaced;
  const custom = findKind?.(apiVersion, kind);
  return custom === undefined || custom === "not judged" ? undefined : custom.namespaced;
}

/** Answers as an API server of Kubernetes 1.34 does when the object is created, or changed where there is a prior. */
export function judge(sent: ApiObject, { prior, findKind, isStrict = false }: JudgeProps = {}): Judgement {
  const object = prior === undefined ? withGeneratedName(sent) : sent;
  const { apiVersion, kind } = object;
  const own = builtInKind(apiVersion, kind);
  if (own === undefined) {
    const custom = findKind?.(apiVersion, kind);
    if (custom === undefined) {
      return refuse(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
    }
    if (custom === "not judged")
      return { verdict: "not judged", reason: `no schema of ${kind} in ${apiVersion}` };
    return judgeCustomResource(object, custom, { prior, isStrict });
  }
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const who = `${kind}${group && `.${group}`} ${JSON.stringify(nameOf(object))}`;
  try {
    const { object: decoded, unknownFields } = decode(object, own.definition);
    const before = prior && decode(prior, own.definition).object;
    if (isStrict && unknownFields.length > 0) {
      const fields = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`).join(", ");
      return refuse(
        `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${fields}`,
      );
    }
    const problems: string[] = [];
    const judged = new Field(decoded, "", problems);
    const rules = rulesOf(apiVersion, kind);
    if (rules === undefined) judgeMetadata(judged.at("metadata"), own.namespaced, pathSegment);
    else rules.judge({ object: judged, prior: before && new Field(before, "", []) });
    if (before) judgeMetadataChange(judged.at("metadata"), new Field(before, "", []).at("metadata"));
    return problems.length === 0 ? { verdict: "accepted" } : refuse(invalid(who, problems));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`,
    );
  }
}

/** Of what a name begins with, the API server keeps so much; five letters of its own come after it. */
const KEPT_OF_PREFIX = 58;

/** The object with the name that it is given where it has none, before anybody looks at it. */
function withGeneratedName(object: ApiObject): ApiObject {
  const { metadata } = object;
  if (!isJsonObject(metadata) || (metadata.name ?? "") !== "") return object;
  const { generateName } = metadata;
  if (typeof generateName !== "string" || generateName === "") return object;
  return { ...object, metadata: { ...metadata, name: `${generateName.slice(0, KEPT_OF_PREFIX)}xxxxx` } };
}

function nameOf({ metadata }: ApiObject): string {
  return isJsonObject(metadata) && typeof metadata.name === "string" ? metadata.name : "";
}

export function refuse(message: string): Judgement {
  return { verdict: "refused", message };
}

/** All that is wrong with an object, as the API server says it. */
export function invalid(who: string, problems: readonly string[]): string {
  return `${who} is invalid: ${problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`}`;
}
