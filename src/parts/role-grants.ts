import { Sleep } from "@cdktf/provider-time/lib/sleep";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { RoleGrant } from "./agent-dependency";

/**
 * Waits until role grants hold: Azure takes up to a minute. The wait belongs to whoever uses the grants, and starts
 * again when they change: one that only depended on them would not wait for a grant that is added later.
 */
export function waitForGrants(scope: Construct, grants: readonly RoleGrant[]): ITerraformDependable[] {
  if (grants.length === 0) return [];
  const triggers = Object.fromEntries(grants.map(({ id, node }) => [node.id, id]));
  return [new Sleep(scope, "grants-hold", { createDuration: "60s", triggers })];
}
