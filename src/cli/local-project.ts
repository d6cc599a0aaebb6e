import { join } from "node:path";
import { hasLocalSecret, localSecret } from "../local/local-secrets";

/** The folder that the commands of one machine work in: the project's own. */
export const PROJECT = join(__dirname, "..", "..");

/** The agents' images, below it. */
export const IMAGES = join("agents", "images");

/** The secrets of the fleet on this machine, by their names. */
export const projectSecrets = {
  secretOf: (name: string) => localSecret(PROJECT, name),
  hasSecret: (name: string) => hasLocalSecret(PROJECT, name),
};
