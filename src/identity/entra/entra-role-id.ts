import { derivedUuid } from "../../derived-uuid";

/** Id of a role at an agent's registration: a role of another agent or environment has another one. */
export function entraRoleId(audience: string, role: string): string {
  return derivedUuid(`${audience}#${role}`);
}
