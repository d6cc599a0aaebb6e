import { TerraformStack } from "cdktf";
import { FleetError } from "../../src/problem";
import { buildFleet } from "../../src/stacks/build-fleet";
import type { FleetInput } from "./arbitrary-fleet";
import type { StackJson } from "./provider-verdict";
import { FinishedStack, testApp } from "./synth";

/** What became of a fleet: built whole, refused in words, or an exception that no user should ever see. */
export type Outcome =
  | { readonly kind: "built"; readonly stacks: readonly StackJson[] }
  | { readonly kind: "refused"; readonly messages: readonly string[] }
  | { readonly kind: "crashed"; readonly stack: string };

/** Builds every stack of a fleet and finishes its JSON, with all validations. */
export async function tryFleet({ definitions, environment }: FleetInput): Promise<Outcome> {
  try {
    const app = testApp();
    await buildFleet(app, { agents: definitions, environments: [environment] });
    const stacks = app.node.children.filter(TerraformStack.isStack);
    return { kind: "built", stacks: stacks.map((stack) => new FinishedStack(stack).json) };
  } catch (error) {
    if (error instanceof FleetError)
      return { kind: "refused", messages: error.problems.map(({ message }) => message) };
    return { kind: "crashed", stack: error instanceof Error ? String(error.stack) : String(error) };
  }
}
