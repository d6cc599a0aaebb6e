import type { TerraformStack } from "cdktf";
import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";

/**
 * The finished JSON of a stack, as cdktf makes it, with nothing written.
 *
 * @throws cdktf's error with what validations say
 */
export function finishStack(stack: TerraformStack): object {
  invokeAspects(stack);
  stack.runAllValidations();
  return stack.toTerraform() as object;
}
