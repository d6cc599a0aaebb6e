import { z } from "zod";
import { text } from "./shapes";

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

export const stateSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("azure-storage"),
    resourceGroup: text,
    storageAccount: text,
    container: text.optional(),
  }),
  z.strictObject({ kind: z.literal("google-storage"), bucket: text }),
  z.strictObject({ kind: z.literal("local") }),
]) satisfies z.ZodType<StateSettings>;
