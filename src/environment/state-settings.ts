import { z } from "zod";
import { bucketName } from "../shapes";
import { nameOf } from "../vendor-limits";

/** Container of states, where nobody names another. */
export const STATE_CONTAINER = "tfstate";

/** Where Terraform keeps the state of an environment's stacks: remote, locked, and reached by identity. */
export type StateSettings =
  | {
      readonly kind: "azure-storage";
      readonly resourceGroup: string;
      readonly storageAccount: string;
      /** @default "tfstate" */
      readonly container?: string;
    }
  | { readonly kind: "google-storage"; readonly bucket: string }
  /** A file beside the project: for one person's experiments, neither shared nor locked across machines. */
  | { readonly kind: "local" };

/** Whether state is kept where everybody finds it, rather than on one person's machine. */
export function isSharedState(state: StateSettings): state is Exclude<StateSettings, { kind: "local" }> {
  return state.kind !== "local";
}

export const stateSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("azure-storage"),
    resourceGroup: nameOf("resource group"),
    storageAccount: nameOf("storage account"),
    container: nameOf("storage container").optional(),
  }),
  z.strictObject({ kind: z.literal("google-storage"), bucket: bucketName }),
  z.strictObject({ kind: z.literal("local") }),
]) satisfies z.ZodType<StateSettings>;
