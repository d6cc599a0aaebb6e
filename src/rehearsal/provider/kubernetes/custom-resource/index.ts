import { Field, type JsonObject } from "../field";
import { dnsSubdomain } from "../formats/names";
import { type ApiObject, invalid, type Judgement, refuse } from "../judge";
import { judgeMetadata, judgeMetadataChange } from "../kinds/metadata";
import { DecodeError, decode } from "../schema/decode";
import type { CustomKind } from "./crd-schema";
import { fillAndPrune } from "./fill-and-prune";
import { findRuleProblems, hasRules } from "./find-rule-problems";
import { findShapeProblems, isBlocking } from "./find-shape-problems";

export type { CustomKind } from "./crd-schema";

const METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const UNCHECKED =
  "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/** Answers as the API server does to an object of a kind that a custom resource definition has added. */
export function judgeCustomResource(
  object: ApiObject,
  { group, namespaced, schema }: CustomKind,
  { prior, isStrict }: { readonly prior?: ApiObject; readonly isStrict: boolean },
): Judgement {
  const { kind } = object;
  const unknownFields: string[] = [];
  let metadata: JsonObject;
  try {
    const decoded = decode(object.metadata ?? {}, METADATA);
    metadata = decoded.object;
    unknownFields.push(...decoded.unknownFields.map((field) => `metadata.${field}`));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const [version] = object.apiVersion.split("/").slice(-1);
    return refuse(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`,
    );
  }
  const filled = fillAndPrune({ ...object, metadata }, schema, unknownFields) as JsonObject;
  if (isStrict && unknownFields.length > 0) {
    const [version] = object.apiVersion.split("/").slice(-1);
    const fields = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`).join(", ");
    return refuse(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${fields}`,
    );
  }
  const before = prior && (fillAndPrune(prior, schema, []) as JsonObject);
  const problems: string[] = [];
  judgeMetadata(new Field(filled, "", problems).at("metadata"), namespaced, dnsSubdomain, true);
  if (before) {
    judgeMetadataChange(
      new Field(filled, "", problems).at("metadata"),
      new Field(before, "", []).at("metadata"),
    );
  }
  // What was wrong before and isn't touched is let pass.
  const known = new Set(before && findShapeProblems(before, schema));
  problems.push(...findShapeProblems(filled, schema).filter((problem) => !known.has(problem)));
  const unjudged: string[] = [];
  if (problems.some(isBlocking)) {
    if (hasRules(schema)) problems.push(UNCHECKED);
  } else {
    const found = findRuleProblems(filled, before, schema);
    problems.push(...found.problems);
    unjudged.push(...found.notJudged);
  }
  const who = `${kind}.${group} ${JSON.stringify(String(metadata.name ?? ""))}`;
  if (problems.length > 0) return refuse(invalid(who, problems));
  if (unjudged.length === 0) return { verdict: "accepted" };
  return { verdict: "not judged", reason: `${kind}: rules that can't be evaluated: ${unjudged.join("; ")}` };
}
