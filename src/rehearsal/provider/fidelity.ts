import type { SchemaStore } from "./schema/schema-store";
import { isCovered } from "./service-rules";

/**
 * How far a type's plan can be trusted. `rules`: its arguments' rules and all that its provider decides in code
 * while it plans. `schema only`: the latter isn't known here, so that the real provider may refuse or replace what
 * the rehearsal takes.
 */
export type Fidelity = "rules" | "schema only";

/** A type that no store knows isn't simulated by its rules either. */
export function fidelityOf(type: string, schemas: SchemaStore): Fidelity {
  const schema = schemas.find("resource", type);
  if (!schema) return "schema only";
  return schema.rules?.planTimeRules === true && !isCovered(type) ? "schema only" : "rules";
}
