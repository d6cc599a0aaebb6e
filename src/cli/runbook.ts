import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { RUNBOOK_FILE, runbookPage } from "../signals/runbook";

const command = new Command("runbook")
  .description("Writes the runbook: what each alert means, how to look, what to do.")
  .option("--check", "writes nothing, and fails where the file is not what would be written")
  .addHelpText("after", "\nExample:\n  npm run runbook -- --check")
  .parse();

const file = join(__dirname, "../..", RUNBOOK_FILE);
if (command.opts<{ check?: boolean }>().check !== true) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, runbookPage());
  process.stdout.write(`wrote ${RUNBOOK_FILE}\n`);
} else if (readFileSync(file, "utf8") === runbookPage()) {
  process.stdout.write(`${RUNBOOK_FILE} is current\n`);
} else {
  process.stderr.write(`${RUNBOOK_FILE} is not what src/signals says; run npm run runbook\n`);
  process.exitCode = 1;
}
