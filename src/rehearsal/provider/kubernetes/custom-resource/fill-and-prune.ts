import { isJsonObject, type Json } from "../field";
import type { CrdSchema } from "./crd-schema";

/** What every object has besides what its definition says. */
const ENVELOPE = new Set(["apiVersion", "kind", "metadata"]);

/**
 * A custom resource as it would be stored: defaults filled in, fields that its definition doesn't have dropped.
 *
 * @param unknownFields where the paths of what is dropped go
 */
export function fillAndPrune(object: Json, schema: CrdSchema, unknownFields: string[]): Json {
  return visit(object, schema, "", unknownFields, true);
}

function visit(value: Json, schema: CrdSchema, path: string, unknown: string[], isRoot: boolean): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, index) =>
      schema.items === undefined ? item : visit(item, schema.items, `${path}[${index}]`, unknown, false),
    );
  }
  if (!isJsonObject(value)) return value;
  const { properties = {}, additionalProperties: others } = schema;
  const keepsAll = schema["x-kubernetes-preserve-unknown-fields"] === true || others === true;
  const isEnvelope = isRoot || schema["x-kubernetes-embedded-resource"] === true;
  const filled: Record<string, Json> = {};
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue;
    const where = path === "" ? key : `${path}.${key}`;
    if (isEnvelope && ENVELOPE.has(key)) {
      filled[key] = child;
      continue;
    }
    const inside = properties[key] ?? (typeof others === "object" ? others : undefined);
    if (inside === undefined) {
      if (keepsAll) filled[key] = child;
      else if (schema.type !== undefined || Object.keys(properties).length > 0) unknown.push(where);
      continue;
    }
    // Where nothing isn't allowed, it is taken for what isn't there, and a default takes its place.
    if (child === null && inside.nullable !== true) continue;
    filled[key] = visit(child, inside, where, unknown, false);
  }
  for (const [key, property] of Object.entries(properties)) {
    if (key in filled || property.default === undefined) continue;
    filled[key] = visit(property.default, property, `${path}.${key}`, unknown, false);
  }
  return filled;
}
