import { type ObjectValue, textAt } from "./value";

const NAMING = [
  "name",
  "metadata.0.name",
  "display_name",
  "secret_id",
  "account_id",
  "service_id",
  "repository_id",
  "service",
  "user_principal_name",
] as const;

/** The name of a resource, or what comes closest; empty where nothing does. */
export function nameOf(attributes: ObjectValue): string {
  for (const path of NAMING) {
    const name = textAt(attributes, path);
    if (name) return name;
  }
  return "";
}
