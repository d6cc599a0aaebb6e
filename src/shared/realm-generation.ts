import { createHash } from "node:crypto";
import { StaticResource } from "@cdktf/provider-time/lib/static-resource";
import type { Construct } from "constructs";
import type { KeycloakRealm } from "./keycloak/keycloak-realm";
import { realmProgram, realmText } from "./keycloak/realm-process";

/**
 * The second in which this very realm was first deployed, as a reference. While two deployments run side by side, in a
 * rollout, it tells whose realm is the later one; nothing of a plan changes while the realm doesn't. The provider `time`
 * has to be in the stack.
 */
export function realmGeneration(scope: Construct, realm: KeycloakRealm): string {
  const contents = createHash("sha256").update(realmText(realm)).update(realmProgram()).digest("hex");
  return new StaticResource(scope, "generation", { triggers: { contents } }).getStringAttribute("unix");
}
