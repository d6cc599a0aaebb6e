import { z } from "zod";
import type { VaultTraits } from "../../environment/vault-traits";
import { googleCloud } from "./google-cloud";

/** Secret Manager in the environment's project. */
export interface SecretManager {
  readonly kind: "secret-manager";
}

export const secretManager: VaultTraits<SecretManager> = {
  kind: "secret-manager",
  title: "Secret Manager",
  place: googleCloud,
  schema: z.strictObject({ kind: z.literal("secret-manager") }),
  holds: () => null,
};
