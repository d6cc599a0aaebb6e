import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The Chromium on the path. @throws Error that says how to get one */
export function chromiumOnPath(): string {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Elsewhere, then.
      }
    }
  }
  throw new Error("these tests run a real Chromium, which is missing; install it (apt-get install chromium)");
}
