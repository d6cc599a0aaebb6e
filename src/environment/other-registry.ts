import { z } from "zod";
import { registryServer, secretName, text } from "../shapes";
import type { RegistrySettings } from "./environment";
import type { RegistryTraits } from "./registry-traits";

/** Any other registry, by user name and a pull secret in the environment's vault. */
export interface OtherRegistry {
  readonly kind: "other";
  /** Host name, for example `ghcr.io`, optionally with a path. */
  readonly server: string;
  readonly username: string;
  /** Name of the secret, in the environment's vault, that holds the password or token. */
  readonly passwordSecret: string;
}

export const otherRegistry: RegistryTraits<OtherRegistry> = {
  kind: "other",
  title: "a registry with a password",
  place: "anywhere",
  needs: null,
  stack: null,
  schema: z.strictObject({
    kind: z.literal("other"),
    server: registryServer,
    username: text,
    passwordSecret: secretName,
  }),
  server: ({ server }) => server,
  secrets: ({ passwordSecret }) => [{ property: "passwordSecret", name: passwordSecret }],
};

/** Whether images are pulled with a user name and a password. */
export function isOtherRegistry(settings: RegistrySettings): settings is OtherRegistry {
  return settings.kind === "other";
}
