// `npm run docs`: writes the pages that come from the sources.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { refusalsPage } from "./refusals-page";
import { settingsPage } from "./settings-page";

const PAGES = { "docs/settings.md": settingsPage, "docs/refusals.md": refusalsPage };

for (const [file, page] of Object.entries(PAGES)) {
  writeFileSync(join(__dirname, "../..", file), page());
  process.stdout.write(`wrote ${file}\n`);
}
