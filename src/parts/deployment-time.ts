import { createHash } from "node:crypto";
import { StaticResource } from "@cdktf/provider-time/lib/static-resource";
import type { Construct } from "constructs";

/**
 * The second in which these very contents were first deployed, as a reference. While two deployments run side by side,
 * in a rollout, it tells which is the later one; nothing of a plan changes while the contents don't. The provider `time`
 * has to be in the stack.
 */
export function deploymentTime(scope: Construct, id: string, contents: string): string {
  const hash = createHash("sha256").update(contents).digest("hex");
  return new StaticResource(scope, id, { triggers: { contents: hash } }).getStringAttribute("unix");
}
