import type { TerraformStack } from "cdktf";
import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";

/**
 * The finished JSON of a stack, as cdktf makes it, with nothing written. Every validation runs and is shown the same JSON:
 * making it takes longest of all.
 *
 * @throws cdktf's error with what validations say
 */
export function finishStack(stack: TerraformStack): object {
  invokeAspects(stack);
  const finished = stack.toTerraform() as object;
  stack.toTerraform = () => finished;
  try {
    stack.runAllValidations();
  } finally {
    Reflect.deleteProperty(stack, "toTerraform");
  }
  return finished;
}
