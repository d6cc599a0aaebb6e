import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/** Puts the provider of made-up values into a stack, once however many parts ask for it: Terraform takes no second one. */
export function provideRandom(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (stack.node.findAll().some((each) => each instanceof RandomProvider)) return;
  new RandomProvider(scope, "random");
}
