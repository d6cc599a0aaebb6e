import { join } from "node:path";

/** The folder that the commands of one machine work in: the project's own. */
export const PROJECT = join(__dirname, "..", "..");

/** The agents' images, below it. */
export const IMAGES = join("agents", "images");
