import { Unanswered } from "../../preflight/check";
import type { AzureClient } from "./azure-client";

/** What one role lets its holder do, as Azure lists it. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** What whoever is logged in may do at a scope. */
export async function permissionsAt(client: AzureClient, scope: string): Promise<readonly Permission[]> {
  const { status, body } = await client.manage(
    `${scope}/providers/Microsoft.Authorization/permissions`,
    "2022-04-01",
  );
  if (status !== 200) throw new Unanswered(`your rights at ${scope} cannot be read (${status})`);
  return body.value ?? [];
}

/** Of some actions those that no role grants: a role's `notActions` take away from that role alone. */
export function missingActions(permissions: readonly Permission[], wanted: readonly string[]): string[] {
  return wanted.filter(
    (action) =>
      !permissions.some(
        ({ actions, notActions }) =>
          actions.some((pattern) => matches(pattern, action)) &&
          !(notActions ?? []).some((pattern) => matches(pattern, action)),
      ),
  );
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
